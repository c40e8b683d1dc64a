import { readTests, type TestLine } from "../forge/results.ts";

export interface Campaign {
  readonly invariants: readonly TestLine[];
  /** Calls over all invariants. Those of one suite see the same sequences, because the seed is the same. */
  readonly calls: number;
  readonly distinctCalls: number;
  readonly reverts: number;
  /** Calls by contract and function, over all invariants. */
  readonly functions: Readonly<Record<string, { readonly calls: number; readonly reverts: number }>>;
}

export interface FuzzReport extends Campaign {
  readonly date: string;
  readonly command: string;
  readonly machine: string;
  readonly seconds: number;
  readonly seed: string;
  readonly runs: number;
  readonly depth: number;
}

/** What forge says of a campaign with metrics, or undefined when the sources do not compile. */
export function parseCampaign(output: string): Campaign | undefined {
  const invariants = readTests(output);
  if (invariants === undefined) return undefined;
  const suites = Object.values(Object.groupBy(invariants, ({ name }) => name.split(".")[0] ?? ""));
  return {
    invariants,
    calls: sum(invariants.map(({ calls }) => calls)),
    distinctCalls: sum(suites.map((suite = []) => Math.max(...suite.map(({ calls }) => calls)))),
    reverts: sum(invariants.map(({ reverts }) => reverts)),
    functions: readFunctions(output),
  };
}

function readFunctions(output: string): Record<string, { calls: number; reverts: number }> {
  const functions: Record<string, { calls: number; reverts: number }> = {};
  for (const [, contract = "", name = "", calls = "0", reverts = "0"] of output.matchAll(
    /^\| (\w+) +\| (\w+) +\| (\d+) +\| (\d+) +\| \d+ +\|$/gm,
  )) {
    const before = functions[`${contract}.${name}`] ?? { calls: 0, reverts: 0 };
    functions[`${contract}.${name}`] = {
      calls: before.calls + Number(calls),
      reverts: before.reverts + Number(reverts),
    };
  }
  return functions;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** The report for people. */
export function toMarkdown(report: FuzzReport): string {
  const shown = (value: number): string => value.toLocaleString("en-US");
  return [
    "# Stateful fuzzing of the invariants",
    `${shown(report.calls)} calls over ${report.invariants.length} invariants, ${shown(report.reverts)} of them reverted. The
invariants of one suite see the same sequences: ${shown(report.distinctCalls)} calls are distinct. \`${report.command}\`:
at most ${shown(report.runs)} runs of ${report.depth} calls for each, seed ${report.seed}, ${report.date}, ${report.machine}, ${report.seconds} s.`,
    [
      "| invariant | calls | reverted | |",
      "| --- | --- | --- | --- |",
      ...report.invariants.map(
        ({ name, calls, reverts, passed }) =>
          `| ${name} | ${shown(calls)} | ${shown(reverts)} | ${passed ? "holds" : "BROKEN"} |`,
      ),
    ].join("\n"),
    [
      "| called | times | reverted |",
      "| --- | --- | --- |",
      ...Object.entries(report.functions).map(
        ([name, { calls, reverts }]) => `| ${name} | ${shown(calls)} | ${shown(reverts)} |`,
      ),
    ].join("\n"),
  ].join("\n\n");
}
