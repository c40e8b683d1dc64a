import { findingKinds, remedies, type FindingKind } from "@lode/sdk/audit";
import type { Command } from "commander";
import { addActOptions, type DeclaredAct } from "../acts.ts";
import { kinds, usage } from "../arguments.ts";
import type { Io } from "../io.ts";

const judged = (Object.keys(findingKinds) as FindingKind[])
  .filter((kind) => remedies[kind].acts.length > 0)
  .map((kind) => `  ${kind}: ${remedies[kind].acts.join(", ")}`)
  .join("\n");

const openable: ReadonlySet<string> = new Set(Object.values(remedies).flatMap(({ acts }) => acts));

/** `lode dispute open`: takes what an audit found to the contract that judges it. */
export function addOpen(dispute: Command, io: Io, acts: readonly DeclaredAct[]): void {
  const command = dispute
    .command("open")
    .description("take a finding of an audit to the contract that judges it")
    .requiredOption("--finding <file>", "a file that `lode audit --findings FOLDER` wrote");
  addActOptions(command, {
    notes: `The finding names the act and holds its evidence. A contract judges:
${judged}
For every other finding the command says what to do instead. Demands take a bond.`,
    examples: [
      "lode dispute open --finding found/0001-split_view.json --dry-run",
      "lode dispute open --finding found/0001-split_view.json",
    ],
  });
  command.action(async ({ finding: file }: { finding: string }) => {
    const { act, evidence } = disputeOf(kinds.json.parse(file), file);
    // The file may come from a stranger: it chooses among what findings lead to, not among all that a wallet can do.
    const accusation = openable.has(act) ? acts.find(({ name }) => name === act) : undefined;
    if (accusation === undefined) throw usage(`${file} asks for "${act}", which is no act of lode dispute.`);
    await accusation.perform(command, io, givenTo(accusation, evidence));
  });
}

/** What the act takes: the evidence as a whole, or its own arguments out of it. */
function givenTo({ takes }: DeclaredAct, evidence: object): Readonly<Record<string, unknown>> {
  if ("evidence" in takes) return { evidence };
  const fields = evidence as Readonly<Record<string, unknown>>;
  const given = Object.entries(takes).map(([name, { kind }]) => {
    const value = fields[name];
    const isPlain = typeof value === "string" || typeof value === "number";
    if (!isPlain) throw usage(`The finding's evidence has no ${name}.`);
    return [name, kind.parse(String(value))] as const;
  });
  return Object.fromEntries(given);
}

function disputeOf(finding: unknown, file: string): { readonly act: string; readonly evidence: object } {
  const { kind, dispute } = (finding ?? {}) as { kind?: unknown; dispute?: { act?: unknown; evidence?: unknown } };
  if (typeof kind !== "string" || !(kind in findingKinds)) throw usage(`${file} holds no finding of an audit.`);
  const { act, evidence } = dispute ?? {};
  if (typeof act === "string" && typeof evidence === "object" && evidence !== null) return { act, evidence };
  const { acts, instead } = remedies[kind as FindingKind];
  const why =
    acts.length === 0
      ? `No contract judges ${kind}.`
      : `The audit did not have what the contract wants to see for ${kind} (${acts.join(", ")}).`;
  throw usage(`${why} ${instead}`);
}
