import { fromWire } from "@lode/sdk/typed-data";
import type { Command } from "commander";
import type { Act } from "../../chain/transact.ts";
import type { ChainReader } from "../../chain/chain.ts";
import { MinerStore, type StoredVoucher } from "../../daemon/index.ts";
import { showAmount } from "../amounts.ts";
import { Context } from "../context.ts";
import type { Io } from "../io.ts";

/** Vouchers in one transaction: far below a block's gas. */
const chunk = 100;

async function uncollectedWei({ client, contracts }: ChainReader, { voucher: wire }: StoredVoucher): Promise<bigint> {
  const voucher = fromWire("Voucher", wire);
  const args = [voucher.payer, voucher.payee, voucher.kind] as const;
  const [collectedWei] = await client.readContract({ ...contracts.escrow, functionName: "channelOf", args });
  return voucher.cumulativeWei - collectedWei;
}

/** `lode collect` and `lode earnings` */
export function addEarnings(program: Command, io: Io): void {
  program
    .command("earnings")
    .description("what this miner has earned, what it can collect, and what waits for a confirmation; from local files")
    .addHelpText("after", "\nExamples:\n  lode earnings\n  lode earnings --json")
    .action(async (_options, command: Command) => {
      const context = new Context(io, command);
      const address = await context.address();
      const store = await MinerStore.read(context.home);
      const chain = await context.chain();
      const channels = await Promise.all(
        store.vouchers().map(async ({ paid }) => ({
          coordinator: paid.voucher.payer,
          promisedWei: BigInt(paid.voucher.cumulativeWei),
          receipts: Number(paid.voucher.count),
          uncollectedWei: await uncollectedWei(chain, paid),
        })),
      );
      const [sweepableWei] = await chain.client.readContract({
        ...chain.contracts.escrow,
        functionName: "poolOf",
        args: [address],
      });
      const waiting = [...store.jobs.values()].filter(
        (job) => job.receipt !== undefined && job.accepted === undefined && job.closed === undefined,
      ).length;
      const totalWei = channels.reduce((sum, { promisedWei }) => sum + promisedWei, 0n);
      const openWei = channels.reduce((sum, channel) => sum + channel.uncollectedWei, 0n);
      const lines = channels.map(
        (c) =>
          `  ${c.coordinator}  ${showAmount(c.promisedWei)} for ${c.receipts} receipts, ${showAmount(c.uncollectedWei)} to collect`,
      );
      context.result(
        { address, earnedWei: totalWei, uncollectedWei: openWei, sweepableWei, waitingReceipts: waiting, channels },
        [
          `Earned ${showAmount(totalWei)}, to collect ${showAmount(openWei)}, to sweep ${showAmount(sweepableWei)}.`,
          ...lines,
          `${waiting} receipts wait for their confirmation.`,
        ].join("\n"),
      );
    });
  program
    .command("collect")
    .description("collect this miner's vouchers on the chain and sweep the money out; needs no coordinator")
    .option("--no-sweep", "leave the money in the escrow")
    .option("--dry-run", "show what would be sent, and send nothing")
    .addHelpText(
      "after",
      "\nThe client vouchers that fund a coordinator's pool are collected in the same transaction, before the pool pays.\n\nExamples:\n  lode collect --dry-run\n  lode collect",
    )
    .action(async ({ sweep }: { sweep: boolean }, command: Command) => {
      const context = new Context(io, command);
      const address = await context.address();
      const store = await MinerStore.read(context.home);
      const chain = await context.chain();
      const { client, contracts } = chain;
      const acts: Act[] = [];
      let wantedWei = 0n;
      for (const { paid, funding } of store.vouchers()) {
        const dueWei = await uncollectedWei(chain, paid);
        if (dueWei <= 0n) continue;
        wantedWei += dueWei;
        const open = await Promise.all(
          funding.map(async (voucher) => ((await uncollectedWei(chain, voucher)) > 0n ? [voucher] : [])),
        );
        const items = open.flat();
        // Every transaction ends with the miner's own voucher: it takes what the pool holds by then.
        for (let at = 0; at === 0 || at < items.length; at += chunk) {
          const group = [...items.slice(at, at + chunk), paid];
          acts.push({
            what: `collect ${showAmount(dueWei)} from ${paid.voucher.payer}, with ${group.length - 1} client vouchers`,
            contract: contracts.escrow,
            functionName: "collectMany",
            args: [group.map(({ voucher }) => fromWire("Voucher", voucher)), group.map(({ signature }) => signature)],
          });
        }
      }
      const poolOf = async (): Promise<bigint> =>
        (await client.readContract({ ...contracts.escrow, functionName: "poolOf", args: [address] }))[0];
      const before = await poolOf();
      if (acts.length === 0 && (!sweep || before === 0n)) {
        return context.result({ address, collectedWei: 0n, sweptWei: 0n, acts: [] }, "There is nothing to collect.");
      }
      const signer = await context.signer();
      const done = await context.transact(chain, signer, acts);
      const inEscrow = context.dryRun ? before + wantedWei : await poolOf();
      const collectedWei = inEscrow - before;
      const sweepAct: Act = {
        what: `sweep ${showAmount(inEscrow)} out of the escrow`,
        contract: contracts.escrow,
        functionName: "sweep",
        args: [address],
      };
      if (sweep && inEscrow > 0n && !context.dryRun) done.push(...(await context.transact(chain, signer, [sweepAct])));
      const sweptWei = sweep && !context.dryRun ? inEscrow : 0n;
      const shortWei = wantedWei - collectedWei;
      const note = shortWei > 0n ? `\n${showAmount(shortWei)} stay due: the pool does not hold them yet.` : "";
      context.result(
        { address, collectedWei, sweptWei, shortWei, acts: done },
        context.dryRun
          ? "Nothing was sent."
          : `Collected ${showAmount(collectedWei)}, swept ${showAmount(sweptWei)}.${note}`,
      );
    });
}
