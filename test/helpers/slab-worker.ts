/** A slab worker in a process of its own, for a test that kills it: takes vouchers, says when each is taken, and settles. */
import { setTimeout as pause } from "node:timers/promises";
import type { Hex } from "@lode/sdk/hash";
import type { SlabDomain, SlabVoucher } from "@lode/sdk/slab";
import { createPublicClient, createWalletClient, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { SlabBook } from "../../coordinator/src/plugins/app/slabs/book.ts";
import { RpcSlabChain } from "../../coordinator/src/plugins/app/slabs/chain.ts";
import { SlabDesk } from "../../coordinator/src/plugins/app/slabs/desk.ts";
import { ProverProcess, type SlabProver } from "../../coordinator/src/plugins/app/slabs/prover-process.ts";
import { SlabWorker } from "../../coordinator/src/plugins/app/slabs/worker.ts";

export interface WorkerTask {
  readonly rpcUrl: string;
  readonly domain: SlabDomain;
  readonly payee: Hex;
  readonly payeeKey: Hex;
  readonly bookFile: string;
  /** Whether it stops for good once its settlement is mined, to be killed there. */
  readonly waitsWhenMined?: boolean;
  readonly vouchers: readonly {
    readonly client: Hex;
    readonly slot: number;
    readonly generation: bigint;
    readonly voucher: SlabVoucher;
  }[];
}

/** Nobody comes back from here. */
const forever = (): Promise<never> => pause(2 ** 31 - 1).then(forever);

process.once("message", (message) => {
  const { rpcUrl, domain, payee, payeeKey, bookFile, vouchers, waitsWhenMined } = message as WorkerTask;
  const transport = http(rpcUrl);
  const reader = createPublicClient({ transport, pollingInterval: 50 });
  const writer = createWalletClient({ transport, account: privateKeyToAccount(payeeKey) });
  const say = (what: object): void => void process.send?.(what);
  class WaitingChain extends RpcSlabChain {
    override async settle(...given: Parameters<RpcSlabChain["settle"]>): Promise<void> {
      await super.settle(...given);
      say({ reached: "mined" });
      if (waitsWhenMined === true) await forever();
    }
  }
  const proves = new ProverProcess();
  const prover: SlabProver = {
    prove: (circuit, input) => {
      say({ reached: "proving" });
      return proves.prove(circuit, input);
    },
  };
  const run = async (): Promise<void> => {
    const book = await SlabBook.open(bookFile, domain);
    const policy = { minimumWei: 1n, minimumChannels: 2, maximumWei: 10n ** 18n };
    const chain = new WaitingChain(domain, payee, reader, writer);
    const desk = new SlabDesk({ domain, payee }, book, chain);
    const worker = new SlabWorker({ domain, payee, policy, book, chain, prover, nowMs: Date.now });
    for (const { client, slot, generation, voucher } of vouchers) {
      await desk.accept(client, slot, generation, voucher);
      say({ taken: slot });
    }
    say({ settled: await worker.settleDue() });
    await book.close();
    process.disconnect();
  };
  run().catch((error: unknown) => say({ failed: String(error) }));
});
