import type { Command } from "commander";
import { act } from "../acts.ts";
import { showAmount } from "../amounts.ts";
import { kinds, needed } from "../arguments.ts";
import type { Io } from "../io.ts";

export const tokenActs = [
  act({
    name: "transfer",
    summary: "send LODE from the wallet to an address",
    contract: "token",
    functionName: "transfer",
    takes: { to: needed(kinds.address, "who gets it"), amount: needed(kinds.amount, "LODE") },
    what: ({ to, amount }) => `send ${showAmount(amount)} to ${to}`,
    readings: ({ to }, { self, read }) => [read.wallet(self), ...(to === self ? [] : [read.wallet(to, "receiver")])],
    warning: ({ to, amount }) => `${showAmount(amount)} will belong to ${to} for good.`,
    examples: ["lode token transfer 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 25 --dry-run"],
  }),
  act({
    name: "approve",
    summary: "let a contract take LODE from the wallet, up to an amount; 0 ends it",
    contract: "token",
    functionName: "approve",
    takes: { spender: needed(kinds.address, "who may take it"), amount: needed(kinds.amount, "LODE in total") },
    what: ({ spender, amount }) => `let ${spender} take up to ${showAmount(amount)}`,
    readings: ({ spender }, { self, read }) => [read.allowance(self, spender)],
    notes: "The other commands approve what they need by themselves.",
    examples: ["lode token approve 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 100"],
  }),
  act({
    name: "delegate",
    summary: "choose who votes with the wallet's LODE; the wallet's own address to vote itself",
    contract: "token",
    functionName: "delegate",
    takes: { delegate: needed(kinds.address, "who votes") },
    what: ({ delegate }) => `let ${delegate} vote with this wallet's LODE`,
    readings: ({ delegate }, { self, read }) => [
      read.delegate(self),
      read.votes(self),
      ...(delegate === self ? [] : [read.votes(delegate, "votes of the delegate")]),
    ],
    examples: ["lode token delegate 0x70997970c51812dc3a010c7d01b50e0d17dc79c8"],
  }),
  act({
    name: "burn",
    summary: "destroy LODE of the wallet",
    contract: "token",
    functionName: "burn",
    takes: { amount: needed(kinds.amount, "LODE") },
    what: ({ amount }) => `burn ${showAmount(amount)}`,
    readings: (_, { self, read }) => [read.wallet(self), read.supply()],
    warning: ({ amount }) => `${showAmount(amount)} will not exist any more.`,
    examples: ["lode token burn 1 --dry-run"],
  }),
] as const;

/** `lode token` */
export function addToken(program: Command, io: Io): void {
  const token = program.command("token").description("LODE itself: send it, approve it, delegate its votes");
  for (const { addTo } of tokenActs) addTo(token, io);
}
