import { zeroAddress } from "viem";
import type { Command } from "commander";
import { act } from "../acts.ts";
import { showAmount, showTime } from "../amounts.ts";
import { kinds, needed, neededOrNamed, option } from "../arguments.ts";
import type { Io } from "../io.ts";
import { addProve, provenSigner, signerArguments, until } from "../signer-proof.ts";

/** The pool: the internal balance that earnings go to and that a coordinator's pooled vouchers draw on. */
export const poolActs = [
  act({
    name: "deposit",
    summary: "add LODE to a pool: what a coordinator's vouchers draw on",
    contract: "escrow",
    functionName: "depositPool",
    takes: {
      amount: neededOrNamed(kinds.amount, "LODE"),
      for: option(kinds.address, "whose pool, when it is not this wallet's", () => undefined),
    },
    resolve: ({ amount, for: owner }, { self }) => ({ payer: owner ?? self, amount }),
    what: ({ payer, amount }) => `add ${showAmount(amount)} to the pool of ${payer}`,
    readings: ({ payer }, { self, read }) => [read.wallet(self), read.pool(payer)],
    pays: { amountWei: ({ amount }) => amount },
    warning: ({ payer, amount }, { self }) =>
      payer === self ? undefined : `${showAmount(amount)} will belong to ${payer} for good.`,
    examples: ["lode pool deposit 1000 --dry-run"],
  }),
  act({
    name: "thaw",
    summary: "start the thaw of part of the pool; it can be withdrawn after 7 days",
    contract: "escrow",
    functionName: "startPoolThaw",
    takes: { amount: neededOrNamed(kinds.amount, "LODE") },
    what: ({ amount }) => `start the thaw of ${showAmount(amount)} of the pool`,
    readings: (_, { self, read }) => [read.pool(self)],
    notes: "Vouchers still reach money that thaws.",
    examples: ["lode pool thaw 200"],
  }),
  act({
    name: "withdraw",
    summary: "send the thawed part of the pool to the payout address",
    contract: "escrow",
    functionName: "withdrawPool",
    takes: {},
    what: () => "withdraw what has thawed of the pool",
    readings: (_, { self, read }) => [read.pool(self), read.wallet(self)],
    examples: ["lode pool withdraw --dry-run"],
  }),
  act({
    name: "authorize",
    summary: "let a key sign vouchers on this wallet's pool, up to an amount a day",
    contract: "escrow",
    functionName: "authorizePoolSigner",
    takes: {
      dailyCap: needed(kinds.amount, "LODE that may be collected in a UTC day"),
      until: until(),
      ...signerArguments,
    },
    resolve: async (given, { context, self }) => {
      const { signer, proof } = await provenSigner(context, given, { payer: self, payee: zeroAddress, kind: "pooled" });
      return { signer, dailyCap: given.dailyCap, until: given.until, proof };
    },
    what: ({ signer, dailyCap, until }) =>
      `let ${signer} sign pool vouchers of ${showAmount(dailyCap)} a day until ${showTime(until)}`,
    readings: ({ signer }, { self, read }) => [read.poolSigner(self, signer)],
    notes: "While it lives it can be raised, not lowered: payees rely on it. Revoke it to end it.",
    examples: [
      "lode pool authorize 500 --until 30d --signer-wallet hot.json --signer-password-file hot.password",
      "lode pool authorize 500 --signer 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 --proof 0x…",
    ],
  }),
  act({
    name: "revoke",
    summary: "end a pool signer's authorisation; what it signed collects for 3 more days",
    contract: "escrow",
    functionName: "revokePoolSigner",
    takes: { signer: needed(kinds.address, "the signer") },
    what: ({ signer }) => `end what ${signer} may sign on the pool`,
    readings: ({ signer }, { self, read }) => [read.poolSigner(self, signer)],
    examples: ["lode pool revoke 0x70997970c51812dc3a010c7d01b50e0d17dc79c8"],
  }),
] as const;

/** `lode pool` */
export function addPool(program: Command, io: Io): void {
  const pool = program.command("pool").description("the internal balance: earnings, and what a coordinator pays from");
  for (const { addTo } of poolActs) addTo(pool, io);
  addProve(pool, io, "pooled");
}
