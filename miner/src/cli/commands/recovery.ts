import type { Hex } from "@lode/sdk/hash";
import type { Command } from "commander";
import { act, type Setting } from "../acts.ts";
import { kinds, mayNeed, needed } from "../arguments.ts";
import { argumentsFrom } from "../evidence.ts";
import type { Io } from "../io.ts";
import { readVoucher, type Signed } from "../voucher-file.ts";

const payer = needed(kinds.address, "the coordinator that cannot pay");
const voucher = needed(kinds.path, "JSON file with the voucher: { voucher, signature }");
const evidence = needed(kinds.json, "JSON file with the function's other arguments by name");
const nobody = (): undefined => undefined;

const stand = (payer: Hex, { read }: Setting) => [read.spell(payer), read.pool(payer), read.frozenPool(payer)];

const pays = ({ voucher }: Signed): string => `what ${voucher.payer} promised ${voucher.payee}`;
const withSignature = ({ voucher, signature }: Signed): readonly unknown[] => [voucher, signature];

interface Line {
  readonly payee: Hex;
}
const evidenceFor = (given: { payer: Hex; evidence: unknown }, at: Setting) => ({
  payer: given.payer,
  args: argumentsFrom(given.evidence, at.parameters, { payer: given.payer }),
});
const argumentsOf = ({ args }: { args: Record<string, unknown> }): readonly unknown[] => Object.values(args);

/** What follows when a coordinator's pool cannot pay its vouchers. */
export const recoveryActs = [
  act({
    name: "declare",
    summary: "show a pooled voucher that the payer's pool cannot pay: freezes its pool and stake",
    contract: "recovery",
    functionName: "declare",
    takes: { voucher },
    resolve: (given) => readVoucher(given.voucher),
    args: withSignature,
    what: (signed) => `declare that the pool cannot pay ${pays(signed)}`,
    readings: ({ voucher }, at) => [...stand(voucher.payer, at), at.read.freezes(voucher.payer)],
    notes: "The payer then has 3 days to cure it.",
    examples: ["lode recovery declare voucher.json --dry-run"],
  }),
  act({
    name: "cure",
    summary: "pay a declared voucher in full, once the pool covers all that were declared",
    contract: "recovery",
    functionName: "cure",
    takes: { voucher },
    resolve: (given) => readVoucher(given.voucher),
    args: withSignature,
    what: (signed) => `cure the shortfall: pay ${pays(signed)}`,
    readings: ({ voucher }, at) => [...stand(voucher.payer, at), at.read.pool(voucher.payee, "payee's pool")],
    notes: "Fill the pool first with `lode pool deposit`.",
    examples: ["lode recovery cure voucher.json"],
  }),
  act({
    name: "show-anchors",
    summary: "show the payer's anchors, newest first, back to one that was settled before the shortfall",
    contract: "recovery",
    functionName: "showAnchors",
    takes: { payer, evidence },
    resolve: evidenceFor,
    args: argumentsOf,
    what: ({ payer }) => `show the anchors of ${payer}`,
    readings: ({ payer }, { read }) => [read.spell(payer)],
    notes: "The file holds { previous: [hash...], anchors: [...] }, as the Anchored events and headOf give them.",
    examples: ["lode recovery show-anchors 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 anchors.json"],
  }),
  act({
    name: "open",
    summary: "open the sharing of an uncured shortfall: pool and stake become the creditors' pot",
    contract: "recovery",
    functionName: "open",
    takes: { payer, evidence },
    resolve: evidenceFor,
    args: argumentsOf,
    what: ({ payer }) => `open the recovery of ${payer}`,
    readings: ({ payer }, at) => [...stand(payer, at), at.read.stake(payer)],
    warning: ({ payer }) => `The pool and as much stake of ${payer} as it owes leave it for good.`,
    notes: "The file holds { line, path }: any line of the liabilities root, which proves the total.",
    examples: ["lode recovery open 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 line.json --dry-run"],
  }),
  act({
    name: "release",
    summary: "end a freeze whose payer has no books that are old enough",
    contract: "recovery",
    functionName: "release",
    takes: { payer },
    what: ({ payer }) => `release the pool and stake of ${payer}`,
    readings: ({ payer }, at) => stand(payer, at),
    examples: ["lode recovery release 0x70997970c51812dc3a010c7d01b50e0d17dc79c8"],
  }),
  act({
    name: "register",
    summary: "register a payee's line of the root, so that it shares in the pot",
    contract: "recovery",
    functionName: "register",
    takes: { payer, evidence },
    resolve: evidenceFor,
    args: argumentsOf,
    what: ({ payer, args }) => `register the line of ${(args["line"] as Line).payee} against ${payer}`,
    readings: ({ payer, args }, { read }) => [read.spell(payer), read.registered(payer, (args["line"] as Line).payee)],
    notes: "The file holds { line, path }.",
    examples: ["lode recovery register 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 line.json"],
  }),
  act({
    name: "claim",
    summary: "pay a registered payee its share of the pot",
    contract: "recovery",
    functionName: "claim",
    takes: { payer, payee: mayNeed(kinds.address, "whose share; the wallet's own when left out", nobody) },
    resolve: ({ payer, payee }, { self }) => ({ payer, payee: payee ?? self }),
    what: ({ payer, payee }) => `pay ${payee} its share of the pot of ${payer}`,
    readings: ({ payer, payee }, { read }) => [
      read.spell(payer),
      read.registered(payer, payee),
      read.wallet(payee, "payee's wallet"),
    ],
    examples: ["lode recovery claim 0x70997970c51812dc3a010c7d01b50e0d17dc79c8"],
  }),
  act({
    name: "close",
    summary: "burn what nobody claimed in time, and end the recovery",
    contract: "recovery",
    functionName: "close",
    takes: { payer },
    what: ({ payer }) => `close the recovery of ${payer}`,
    readings: ({ payer }, { read }) => [read.spell(payer), read.supply()],
    examples: ["lode recovery close 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 --dry-run"],
  }),
] as const;

/** Rebates on burned fees. */
export const rewardActs = [
  act({
    name: "claim",
    summary: "mint the rebate of a past epoch to the payee's payout address; anybody may",
    contract: "rewards",
    functionName: "claim",
    takes: {
      epoch: needed(kinds.count, "number of the 7-day epoch: unix seconds / 7 days"),
      payee: mayNeed(kinds.address, "whose rebate; the wallet's own when left out", nobody),
    },
    resolve: ({ epoch, payee }, { self }) => ({ epoch, payee: payee ?? self }),
    what: ({ epoch, payee }) => `claim the rebate of ${payee} for epoch ${epoch}`,
    readings: ({ epoch, payee }, { read }) => [
      read.reward(epoch, payee),
      read.rewarded(epoch, payee),
      read.wallet(payee, "payee's wallet"),
      read.supply(),
    ],
    notes: "Fees of the epoch that are not burned yet are burned first.",
    examples: ["lode rewards claim 2968 --dry-run"],
  }),
] as const;

/** `lode recovery` and `lode rewards` */
export function addRecovery(program: Command, io: Io): void {
  const recovery = program
    .command("recovery")
    .description("when a coordinator's pool cannot pay: declare, cure, share what is left");
  for (const { addTo } of recoveryActs) addTo(recovery, io);
  const rewards = program.command("rewards").description("rebates on burned protocol fees");
  for (const { addTo } of rewardActs) addTo(rewards, io);
}
