import { zeroHash } from "viem";
import type { Command } from "commander";
import { act } from "../acts.ts";
import { kinds, mayNeed, neededOption, option } from "../arguments.ts";
import type { Io } from "../io.ts";

export const ledgerActs = [
  act({
    name: "anchor",
    summary: "fix a coordinator's log on the chain: its root, its size and what it owes",
    contract: "ledger",
    functionName: "anchor",
    takes: {
      coordinator: mayNeed(kinds.address, "whose log; the wallet itself when left out", () => undefined),
      root: neededOption(kinds.hash, "RFC 6962 root over the log's receipts"),
      size: neededOption(kinds.count, "receipts in the log; never fewer than before"),
      liabilitiesRoot: option(kinds.hash, "root of the sum tree over what it owes; zero for nothing", () => zeroHash),
      nextNonceHash: option(kinds.hash, "hash of the next epoch's secret; zero for none", () => zeroHash),
    },
    resolve: (given, { self }) => ({ ...given, coordinator: given.coordinator ?? self }),
    what: ({ coordinator, size }) => `anchor ${size} receipts of ${coordinator}`,
    readings: ({ coordinator }, { read }) => [read.head(coordinator)],
    warning: () => "An anchor stays for ever, and the next one must prove to extend it.",
    notes: "The coordinator does this by itself every epoch; by hand only its own figures keep its log consistent.",
    examples: [`lode ledger anchor --root 0x${"5a".repeat(32)} --size 120 --dry-run`],
  }),
] as const;

/** `lode ledger` */
export function addLedger(program: Command, io: Io): void {
  const ledger = program.command("ledger").description("anchors of a coordinator's log of receipts");
  for (const { addTo } of ledgerActs) addTo(ledger, io);
}
