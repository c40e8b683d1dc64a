import type { Hex } from "@lode/sdk/hash";
import { fromWire } from "@lode/sdk/typed-data";
import type { Command } from "commander";
import { concat } from "viem";
import { preview, type Act, type Report } from "../../chain/act.ts";
import type { ChainReader } from "../../chain/chain.ts";
import { readingsOf } from "../../chain/readings.ts";
import { MinerStore, type StoredVoucher } from "../../daemon/index.ts";
import { act, addActOptions } from "../acts.ts";
import { showAmount } from "../amounts.ts";
import { kinds, mayNeed, needed } from "../arguments.ts";
import { Context } from "../context.ts";
import type { Io } from "../io.ts";
import { collectFile } from "../voucher-file.ts";

/** Vouchers in one transaction: far below a block's gas. */
const chunk = 100;

async function uncollectedWei({ client, contracts }: ChainReader, { voucher: wire }: StoredVoucher): Promise<bigint> {
  const voucher = fromWire("Voucher", wire);
  const args = [voucher.payer, voucher.payee, voucher.kind] as const;
  const [collectedWei] = await client.readContract({ ...contracts.escrow, functionName: "channelOf", args });
  return voucher.cumulativeWei - collectedWei;
}

/** Acts on the escrow's balances that anybody may do. */
export const collectActs = [
  act({
    name: "sweep",
    summary: "send an account's internal balance to its payout address; anybody may",
    contract: "escrow",
    functionName: "sweep",
    takes: { account: mayNeed(kinds.address, "whose balance; the wallet's own when left out", () => undefined) },
    resolve: async (given, { self, chain }) => {
      const account = given.account ?? self;
      const { client, contracts } = chain;
      const payout = await client.readContract({ ...contracts.staking, functionName: "payoutOf", args: [account] });
      return { account, payout: payout.toLowerCase() as Hex };
    },
    args: ({ account }) => [account],
    what: ({ account, payout }) => `sweep what ${account} has in the escrow to ${payout}`,
    readings: ({ account, payout }, { read }) => [read.pool(account), read.wallet(payout, "payout's wallet")],
    notes: "A coordinator's balance is its pool: it leaves by `lode pool thaw` and `lode pool withdraw`.",
    examples: ["lode sweep", "lode sweep 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 --dry-run"],
  }),
  act({
    name: "sweep-many",
    summary: "send several accounts' internal balances to their payout addresses; anybody may",
    contract: "escrow",
    functionName: "sweepMany",
    takes: { accounts: needed(kinds.addresses, "whose balances") },
    what: ({ accounts }) => `sweep what ${accounts.length} accounts have in the escrow to their payout addresses`,
    readings: ({ accounts }, { read }) => accounts.map((account) => read.pool(account, `pool of ${account}`)),
    notes: "Accounts that cannot be swept are skipped: coordinators, frozen pools, and those with nothing.",
    examples: [
      "lode sweep-many 0x70997970c51812dc3a010c7d01b50e0d17dc79c8,0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc --dry-run",
    ],
  }),
  act({
    name: "burn-fees",
    summary: "burn the protocol fees of an epoch that are not burned yet; anybody may",
    contract: "escrow",
    functionName: "burnFees",
    takes: { epoch: mayNeed(kinds.count, "number of the 7-day epoch; the present one when left out", () => undefined) },
    resolve: async ({ epoch }, { chain }) => ({ epoch: epoch ?? (await presentEpoch(chain)) }),
    what: ({ epoch }) => `burn the protocol fees of epoch ${epoch}`,
    readings: ({ epoch }, { read }) => [read.fees(epoch), read.supply()],
    notes: "Epochs are numbered by unix seconds / 7 days.",
    examples: ["lode burn-fees --dry-run", "lode burn-fees 2968"],
  }),
] as const;

/** `lode earnings|collect|sweep|sweep-many|burn-fees` */
export function addEarnings(program: Command, io: Io): void {
  program
    .command("earnings")
    .description("what this miner has earned, what it can collect, and what waits for a confirmation; from local files")
    .addHelpText("after", "\nExamples:\n  lode earnings\n  lode earnings --json")
    .action(async (_options, command: Command) => showEarnings(new Context(io, command)));
  const collect = program
    .command("collect")
    .description("collect this miner's vouchers on the chain and sweep the money out; needs no coordinator")
    .option("--no-sweep", "leave the money in the escrow")
    .option(
      "--vouchers <file>",
      "collect the vouchers of this JSON file instead, for whoever they pay; sweeps nothing",
    );
  addActOptions(collect, {
    notes: `The client vouchers that fund a coordinator's pool are collected in the same transaction, before the pool pays.
A file holds one { voucher, signature } or a list of them: one that cannot pay is refused with the reason; in a list
the others are collected.`,
    examples: ["lode collect --dry-run", "lode collect", "lode collect --vouchers vouchers.json --dry-run"],
  });
  collect.action(async ({ sweep, vouchers }: { sweep: boolean; vouchers?: string }) => {
    const context = new Context(io, collect);
    return vouchers === undefined ? collectOwn(context, sweep) : collectFile(context, vouchers);
  });
  for (const { addTo } of collectActs) addTo(program, io);
}

async function showEarnings(context: Context): Promise<void> {
  const address = await context.address();
  const store = await MinerStore.read(context.workFolder);
  const chain = await context.chain();
  const channels = await Promise.all(
    store.vouchers().map(async ({ paid }) => ({
      coordinator: paid.voucher.payer,
      promisedWei: BigInt(paid.voucher.cumulativeWei),
      receipts: Number(paid.voucher.count),
      uncollectedWei: await uncollectedWei(chain, paid),
    })),
  );
  const sweepableWei = await poolWei(chain, address);
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
}

async function collectOwn(context: Context, sweep: boolean): Promise<void> {
  const address = await context.address();
  const store = await MinerStore.read(context.workFolder);
  const chain = await context.chain();
  const { contracts } = chain;
  const read = readingsOf(contracts);
  const { acts, wantedWei, payers } = await collections(chain, store);
  const beforeWei = await poolWei(chain, address);
  if (acts.length === 0 && (!sweep || beforeWei === 0n)) {
    context.result({ address, collectedWei: 0n, sweptWei: 0n, acts: [] }, "There is nothing to collect.");
    return;
  }
  const ownPool = read.pool(address, "in the escrow");
  // What the pools hold decides what is collected, and so whether there is something to sweep: the node knows.
  const seen = await preview(chain, address, { acts, readings: [ownPool] });
  const inEscrowWei = BigInt(seen.changes[0]?.after ?? beforeWei);
  const isSwept = sweep && inEscrowWei > 0n;
  const sweepAct: Act = {
    what: `sweep ${showAmount(inEscrowWei)} out of the escrow`,
    contract: contracts.escrow,
    functionName: "sweep",
    args: [address],
  };
  const channels = payers.flatMap((payer) => [
    read.channel(payer, address, 1, `collected from ${payer}`),
    read.pool(payer, `pool of ${payer}`),
  ]);
  const plan = { acts: isSwept ? [...acts, sweepAct] : acts, readings: [ownPool, read.wallet(address), ...channels] };
  const report = await context.act(chain, plan);
  const collectedWei = report.dryRun ? inEscrowWei - beforeWei : paidTo(address, report);
  const sweptWei = isSwept && !report.dryRun ? beforeWei + collectedWei : 0n;
  const shortWei = wantedWei - collectedWei;
  const note = shortWei > 0n ? `\n${showAmount(shortWei)} stay due: the pool does not hold them yet.` : "";
  context.report(
    report,
    { address, collectedWei, sweptWei, shortWei },
    `Collected ${showAmount(collectedWei)}, swept ${showAmount(sweptWei)}.${note}`,
  );
}

/** One transaction or more for each coordinator that owes this miner something. */
async function collections(
  chain: ChainReader,
  store: MinerStore,
): Promise<{ acts: Act[]; wantedWei: bigint; payers: Hex[] }> {
  const acts: Act[] = [];
  const payers: Hex[] = [];
  let wantedWei = 0n;
  for (const { paid, funding } of store.vouchers()) {
    const dueWei = await uncollectedWei(chain, paid);
    if (dueWei <= 0n) continue;
    wantedWei += dueWei;
    payers.push(paid.voucher.payer);
    const open = await Promise.all(
      funding.map(async (voucher) => ((await uncollectedWei(chain, voucher)) > 0n ? [voucher] : [])),
    );
    const items = open.flat();
    // Every transaction ends with the miner's own voucher: it takes what the pool holds by then.
    for (let at = 0; at === 0 || at < items.length; at += chunk) {
      const group = [...items.slice(at, at + chunk), paid];
      acts.push({
        what: `collect ${showAmount(dueWei)} from ${paid.voucher.payer}, with ${group.length - 1} client vouchers`,
        contract: chain.contracts.escrow,
        functionName: "collectMany",
        args: [
          group.map(({ voucher }) => fromWire("Voucher", voucher)),
          concat(group.map(({ signature }) => signature)),
        ],
      });
    }
  }
  return { acts, wantedWei, payers };
}

/** What a report's collections credited to a miner: pooled vouchers carry no fee. */
function paidTo(account: Hex, { acts }: Report): bigint {
  const collected = acts.flatMap(({ events }) => events.filter(({ name }) => name === "Collected"));
  return collected.reduce((sum, { args }) => {
    const { payee, paidWei } = args as { payee: Hex; paidWei: bigint };
    return payee.toLowerCase() === account ? sum + paidWei : sum;
  }, 0n);
}

const epochSeconds = 7n * 86_400n;

async function presentEpoch({ client }: ChainReader): Promise<bigint> {
  return (await client.getBlock()).timestamp / epochSeconds;
}

async function poolWei({ client, contracts }: ChainReader, account: Hex): Promise<bigint> {
  const [balanceWei] = await client.readContract({ ...contracts.escrow, functionName: "poolOf", args: [account] });
  return balanceWei;
}
