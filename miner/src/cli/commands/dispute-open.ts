import type { Dispute } from "@lode/sdk/audit";
import type { Command } from "commander";
import { addActOptions, type DeclaredAct } from "../acts.ts";
import { kinds, usage } from "../arguments.ts";
import type { Io } from "../io.ts";

/** `lode dispute open`: takes what an audit found to the contract that judges it. */
export function addOpen(dispute: Command, io: Io, accusations: readonly DeclaredAct[]): void {
  const command = dispute
    .command("open")
    .description("take a finding of an audit to the contract that judges it")
    .requiredOption("--finding <file>", "a file that `lode audit --findings FOLDER` wrote");
  addActOptions(command, {
    notes:
      "The finding names the act and holds its evidence: equivocation, split-view and demand-in-log so far. The last one takes a bond.",
    examples: [
      "lode dispute open --finding found/0001-split_view.json --dry-run",
      "lode dispute open --finding found/0001-split_view.json",
    ],
  });
  command.action(async ({ finding: file }: { finding: string }) => {
    const { act, evidence } = disputeOf(kinds.json.parse(file), file);
    const accusation = accusations.find(({ name }) => name === act);
    if (accusation === undefined) throw usage(`${file} asks for "${act}", which is no act of lode dispute.`);
    await accusation.perform(command, io, { evidence });
  });
}

function disputeOf(finding: unknown, file: string): Dispute {
  const { kind, dispute } = (finding ?? {}) as { kind?: unknown; dispute?: Partial<Dispute> };
  if (typeof kind !== "string") throw usage(`${file} holds no finding of an audit.`);
  if (typeof dispute?.act !== "string" || typeof dispute.evidence !== "object") {
    throw usage(`No contract judges ${kind}, or the audit did not have what it wants to see; ${file} names no act.`);
  }
  return { act: dispute.act, evidence: dispute.evidence };
}
