import type { Hex } from "@lode/sdk/hash";
import { zeroAddress, zeroHash } from "viem";
import { Option, type Command } from "commander";
import { exitCode, MinerError } from "../../errors.ts";
import type { Act } from "../../chain/act.ts";
import { readingsOf } from "../../chain/readings.ts";
import { act, addActOptions } from "../acts.ts";
import { parseAmount, showAmount } from "../amounts.ts";
import { kinds, needed, neededOrNamed } from "../arguments.ts";
import { Context } from "../context.ts";
import type { Io } from "../io.ts";
import { payFor } from "../payment.ts";

const roles = { miner: 1, coordinator: 2 } as const;

interface StakeOptions {
  readonly amount?: string;
  readonly total?: boolean;
  readonly role: keyof typeof roles;
  readonly operator?: Hex;
  readonly payout?: Hex;
  readonly capabilities?: Hex;
  readonly permit?: boolean;
}

/** The amount, given as the argument or as --amount. */
export function amountOf(argument: string | undefined, option: string | undefined): bigint {
  const text = argument ?? option;
  if (text === undefined) {
    throw new MinerError("usage", "Say how much, in LODE: for instance 100.", { exitCode: exitCode.usage });
  }
  return parseAmount(text);
}

/** Acts of somebody who is staked; `lode stake NAME`. */
export const stakeActs = [
  act({
    name: "top-up",
    summary: "add LODE to somebody's stake, out of this wallet",
    contract: "staking",
    functionName: "topUp",
    takes: { staker: needed(kinds.address, "whose stake grows"), amount: needed(kinds.amount, "LODE") },
    what: ({ staker, amount }) => `add ${showAmount(amount)} to the stake of ${staker}`,
    readings: ({ staker }, { self, read }) => [read.wallet(self), read.stake(staker)],
    pays: { amountWei: ({ amount }) => amount },
    warning: ({ staker, amount }, { self }) =>
      staker === self ? undefined : `${showAmount(amount)} will belong to ${staker} for good.`,
    notes: "For this wallet's own stake, `lode stake AMOUNT` does the same.",
    examples: ["lode stake top-up 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 50 --dry-run"],
  }),
  act({
    name: "set-operator",
    summary: "replace the key that signs receipts or assignments; the wallet's own address for none",
    contract: "staking",
    functionName: "setOperator",
    takes: { operator: needed(kinds.address, "the new operator key's address") },
    what: ({ operator }) => `let ${operator} sign for this stake`,
    readings: (_, { self, read }) => [read.operator(self)],
    notes: "It counts at once; what was signed before keeps the old key.",
    examples: ["lode stake set-operator 0x70997970c51812dc3a010c7d01b50e0d17dc79c8"],
  }),
  act({
    name: "set-payout",
    summary: "replace the address that sweeps pay; the wallet's own address for none",
    contract: "staking",
    functionName: "setPayout",
    takes: { payout: needed(kinds.address, "who gets what this stake earns") },
    what: ({ payout }) => `send what this stake earns to ${payout}`,
    readings: (_, { self, read }) => [read.payout(self)],
    examples: ["lode stake set-payout 0x70997970c51812dc3a010c7d01b50e0d17dc79c8"],
  }),
  act({
    name: "announce",
    summary: "publish the hash of what this staker offers",
    contract: "staking",
    functionName: "announceCapabilities",
    takes: { hash: needed(kinds.hash, "hash of the capabilities") },
    what: ({ hash }) => `announce the capabilities ${hash}`,
    readings: () => [],
    notes: "The chain keeps it in an event only: there is no figure before and after.",
    examples: [`lode stake announce 0x${"5a".repeat(32)}`],
  }),
] as const;

/** Acts on this wallet's stake under names of their own; `lode NAME`. */
export const unstakeActs = [
  act({
    name: "unstake",
    summary: "start the thaw of stake; it can be withdrawn after 7 days",
    contract: "staking",
    functionName: "startThaw",
    takes: { amount: neededOrNamed(kinds.amount, "LODE, for instance 100") },
    what: ({ amount }) => `start the thaw of ${showAmount(amount)}`,
    readings: (_, { self, read }) => [read.stake(self)],
    notes: "What stays must be the role's minimum or nothing. Slashing reaches stake that thaws.",
    examples: ["lode unstake 500", "lode unstake 500 --dry-run"],
  }),
  act({
    name: "withdraw",
    summary: "take thawed stake back into the wallet",
    contract: "staking",
    functionName: "withdraw",
    takes: {},
    what: () => "withdraw the thawed stake",
    readings: (_, { self, read }) => [read.wallet(self), read.stake(self)],
    examples: ["lode withdraw", "lode withdraw --dry-run"],
  }),
] as const;

/** `lode stake|unstake|withdraw` and the acts under `lode stake` */
export function addStaking(program: Command, io: Io): void {
  const stake = program
    .command("stake")
    .argument("[amount]", "LODE")
    .description("stake LODE: registers the first time, adds to the stake later")
    .option("--amount <lode>", "the same as the argument")
    .option("--total", "raise the stake to this amount in total; does nothing when it is there")
    .addOption(new Option("--role <role>", "what the stake is for").choices(Object.keys(roles)).default("miner"))
    .option("--operator <address>", "key that signs receipts, when it is not the wallet itself")
    .option("--payout <address>", "where sweeps go, when it is not the wallet itself")
    .option("--capabilities <hash>", "hash of what this staker offers, published at registration")
    .option("--permit", "register with a signed approval: one transaction, not two");
  addActOptions(stake, {
    notes: "A role is for good: registering again, in another role, is refused.",
    examples: [
      "lode stake 500",
      "lode stake 500 --total",
      "lode stake 500 --permit --operator 0x70997970c51812dc3a010c7d01b50e0d17dc79c8",
      "lode stake 5000 --role coordinator --dry-run",
    ],
  });
  stake.action(async (argument: string | undefined, options: StakeOptions) => runStake(stake, io, argument, options));
  for (const { addTo } of stakeActs) addTo(stake, io);
  for (const { addTo } of unstakeActs) addTo(program, io);
}

async function runStake(command: Command, io: Io, argument: string | undefined, options: StakeOptions): Promise<void> {
  const context = new Context(io, command);
  const wanted = amountOf(argument, options.amount);
  // What is wrong about the words is said before anybody is asked, also where a top-up has no use for them.
  const read = (kind: typeof kinds.address | typeof kinds.hash, text: string | undefined, none: Hex): Hex =>
    text === undefined ? none : kind.parse(text);
  const terms = [
    read(kinds.address, options.operator, zeroAddress),
    read(kinds.address, options.payout, zeroAddress),
    read(kinds.hash, options.capabilities, zeroHash),
  ];
  const address = await context.address();
  const chain = await context.chain();
  const { staking } = chain.contracts;
  const [role, stakedWei] = await chain.client.readContract({ ...staking, functionName: "stakeOf", args: [address] });
  const amountWei = options.total === true ? wanted - stakedWei : wanted;
  if (amountWei <= 0n && role !== 0) {
    context.result({ address, stakedWei, acts: [] }, `${showAmount(stakedWei)} are staked already.`);
    return;
  }
  const isNew = role === 0;
  const one: Act = isNew
    ? {
        what: `register ${address} as a ${options.role} with ${showAmount(amountWei)}`,
        contract: staking,
        functionName: "register",
        args: [roles[options.role], amountWei, ...terms],
      }
    : {
        what: `add ${showAmount(amountWei)} to the stake of ${address}`,
        contract: staking,
        functionName: "topUp",
        args: [address, amountWei],
      };
  // A top-up has no function that takes a permit.
  const withPermit = isNew && options.permit === true ? "registerWithPermit" : undefined;
  const acts = await payFor({ self: address, context, chain }, one, amountWei, withPermit);
  const readings = readingsOf(chain.contracts);
  const concerned = [
    readings.wallet(address),
    readings.stake(address),
    readings.operator(address),
    readings.payout(address),
  ];
  const report = await context.act(chain, { acts, readings: concerned });
  const nowWei = stakedWei + amountWei;
  context.report(report, { address, stakedWei: nowWei }, `Staked: ${showAmount(nowWei)}.`);
}
