import { verdicts } from "@lode/sdk/draws";
import type { Hex } from "@lode/sdk/hash";
import type { Command } from "commander";
import type { ChainReader } from "../../chain/chain.ts";
import { CourtWatch, type CourtCase } from "../../chain/court-watch.ts";
import { usage } from "../arguments.ts";
import { Context } from "../context.ts";
import type { Io } from "../io.ts";

const stages = ["ended", "waiting for its jury", "jurors commit", "jurors reveal"] as const;

/** `lode dispute status`: cases by the chain alone. */
export function addStatus(dispute: Command, io: Io): void {
  const command = dispute
    .command("status [id]")
    .description("one case, or all that concern this wallet, as the chain has them")
    .option("--all", "everybody's cases")
    .addHelpText(
      "after",
      "\nExamples:\n  lode dispute status\n  lode dispute status 3 --json\n  lode dispute status --all",
    );
  command.action(async (id: string | undefined, options: { all?: boolean }) => {
    if (id !== undefined && !/^[0-9]{1,20}$/.test(id)) throw usage(`"${id}" is not a case's number.`);
    const context = new Context(io, command);
    const chain = await context.chain();
    const watch = new CourtWatch(chain);
    await watch.sync();
    const isAny = id !== undefined || options.all === true;
    const self = isAny ? undefined : await context.address();
    const chosen = [...watch.cases.values()].filter((one) =>
      id === undefined ? self === undefined || concerns(one, self) : one.id === BigInt(id),
    );
    if (id !== undefined && chosen.length === 0) throw usage(`There is no case ${id}.`);
    const cases = await Promise.all(chosen.map((one) => describe(chain, one)));
    const lines = cases.map(
      ({ caseId, accused, challenger, state, deadline, committed, revealed, verdict }) =>
        `case ${caseId}: ${challenger} against ${accused}, ${state}` +
        (verdict === undefined ? `, ${committed} committed, ${revealed} revealed, until ${deadline}` : `: ${verdict}`),
    );
    context.result({ cases }, lines.length === 0 ? "No cases." : lines.join("\n"));
  });
}

function concerns({ accused, challenger, jury }: CourtCase, account: Hex): boolean {
  return accused === account || challenger === account || jury.includes(account);
}

async function describe({ client, contracts }: ChainReader, one: CourtCase) {
  const { id, accused, challenger, receipt, jury, committed, revealed, end } = one;
  const tried = await client.readContract({ ...contracts.court, functionName: "caseOf", args: [id] });
  return {
    caseId: id.toString(),
    ...{ accused, challenger, receipt, jury },
    state: stages[tried.stage] ?? "?",
    committed: committed.size,
    revealed: revealed.size,
    deadline: tried.deadline === 0n ? "" : new Date(Number(tried.deadline) * 1000).toISOString(),
    ...(end !== undefined && { verdict: end.isVoid ? "void" : (verdicts[end.verdict] ?? "none") }),
  };
}
