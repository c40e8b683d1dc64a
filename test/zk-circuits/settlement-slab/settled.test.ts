import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { lodeTokenAbi, zkSettlementAbi } from "@lode/sdk/abi";
import type { Hex } from "@lode/sdk/hash";
import { newBlinding, signSlabVoucher, type SlabChannel, type SlabVoucher } from "@lode/sdk/slab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SlabBook } from "../../../coordinator/src/plugins/app/slabs/book.ts";
import { makeSettlementBed, type SettlementBed, type SlabClient } from "../../../scripts/bench/zk/settlement-bed.ts";
import { startAnvil, type Devnet } from "../../../scripts/dev/anvil.ts";
import { findFreePort } from "../../../scripts/processes/ports.ts";
import { Processes } from "../../../scripts/processes/processes.ts";
import type { WorkerTask } from "../../helpers/slab-worker.ts";

interface Opened {
  readonly client: SlabClient;
  readonly channel: SlabChannel;
}

const workerFile = fileURLToPath(new URL("../../helpers/slab-worker.ts", import.meta.url));

describe("a slab on a chain", () => {
  const folder = mkdtempSync(join(tmpdir(), "lode-slab-"));
  const processes = new Processes();
  const bookFile = join(folder, "slabs.log");
  const opened: Opened[] = [];
  let chain: Devnet;
  let bed: SettlementBed;
  let payee: Hex;

  beforeAll(async () => {
    const port = await findFreePort();
    chain = await startAnvil(processes, { port, from: undefined, logFile: join(folder, "chain.log") });
    bed = await makeSettlementBed(chain, 4);
    payee = bed.payee.address.toLowerCase() as Hex;
    for (let slot = 0; slot < 3; slot++) {
      const { client } = await bed.register();
      const { channel } = await bed.open(client, slot, 10n ** 18n);
      opened.push({ client, channel });
    }
  }, 600_000);

  afterAll(async () => {
    await processes.stopAll();
    rmSync(folder, { recursive: true, force: true });
  });

  const sign = ({ client, channel }: Opened, nonce: number, cumulativeWei: bigint): SlabVoucher =>
    signSlabVoucher(client.signer, bed.domain, channel, { cumulativeWei, nonce, blinding: newBlinding() });
  /** What the contract owes the payee and has paid it. */
  const paid = async (): Promise<bigint> => {
    const { client } = chain;
    const [, creditWei] = await client.readContract({
      address: bed.domain.zkSettlement,
      abi: zkSettlementAbi,
      functionName: "payeeOf",
      args: [payee],
    });
    const balance = { address: bed.token, abi: lodeTokenAbi, functionName: "balanceOf", args: [payee] } as const;
    return creditWei + (await client.readContract(balance));
  };

  /** A worker's process, and what it has said so far. */
  const start = async (
    vouchers: readonly [number, number, bigint][],
    waitsWhenMined = false,
  ): Promise<{ child: ChildProcess; said: Record<string, unknown>[] }> => {
    const child = fork(workerFile, { serialization: "advanced", stdio: ["ignore", "ignore", "inherit", "ipc"] });
    const said: Record<string, unknown>[] = [];
    child.on("message", (message) => said.push(message as Record<string, unknown>));
    const list = vouchers.map(([slot, nonce, wei]) => {
      const { generation, client } = opened[slot]!.channel;
      return { client, slot, generation, voucher: sign(opened[slot]!, nonce, wei) };
    });
    const task: WorkerTask = {
      ...{
        rpcUrl: chain.url,
        domain: bed.domain,
        payee,
        payeeKey: bed.payeeKey,
        bookFile,
        vouchers: list,
        waitsWhenMined,
      },
    };
    child.send(task);
    return { child, said };
  };
  const killAt = async ({ child, said }: Awaited<ReturnType<typeof start>>, place: string): Promise<void> => {
    while (!said.some(({ reached }) => reached === place) && child.exitCode === null) await pause(20);
    expect(said.at(-1)).toEqual({ reached: place });
    child.kill("SIGKILL");
    await once(child, "exit");
  };

  it("is settled once by the workers that take over from those that were killed", async () => {
    const first = await start([
      [0, 1, 100n],
      [1, 1, 20n],
      [0, 2, 150n],
    ]);
    await killAt(first, "proving");
    expect(first.said.flatMap(({ taken }) => (taken === undefined ? [] : [taken]))).toEqual([0, 1, 0]);
    expect(await paid()).toBe(0n);

    await killAt(await start([[2, 1, 3n]], true), "mined");
    expect(await paid()).toBe(173n);

    // The book does not know of the settlement yet, the chain does: nothing is paid again.
    const third = await start([[2, 2, 4n]]);
    // Its end may be told before its last words are read.
    await Promise.all([once(third.child, "exit"), once(third.child, "disconnect")]);
    expect(third.said.at(-1)).toEqual({ settled: [] });
    expect(await paid()).toBe(173n);
  }, 600_000);

  it("keeps what it took and what is settled of it", async () => {
    const book = await SlabBook.open(bookFile, bed.domain);
    const [one] = opened;
    expect(book.lastOf(one!.channel)).toMatchObject({ nonce: 2, cumulativeWei: 150n });
    expect(book.settledOf(one!.channel)).toMatchObject({ nonce: 2, cumulativeWei: 150n });
    expect(book.due().map(({ channel: { slot } }) => slot)).toEqual([2]);
    const before = { nonce: 2, cumulativeWei: 150n };
    await expect(book.accept(one!.channel, 10n ** 18n, sign(one!, before.nonce, 160n))).rejects.toMatchObject({
      code: "slab_stale",
    });
    await expect(book.accept(one!.channel, 10n ** 18n, sign(one!, 3, 10n ** 18n + 1n))).rejects.toMatchObject({
      code: "slab_above_deposit",
    });
    const signature = sign(opened[1]!, 3, 160n).signature;
    await expect(book.accept(one!.channel, 10n ** 18n, { ...sign(one!, 3, 160n), signature })).rejects.toMatchObject({
      code: "slab_bad_signature",
    });
    await book.accept(one!.channel, 10n ** 18n, sign(one!, 3, 160n));
    expect(book.due()).toHaveLength(2);
    await book.close();
  });
});
