import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { root } from "../root.ts";
import type { Status, Verdict } from "./judge.ts";
import type { Mutant } from "./mutants.ts";

/** A survivor that no test can kill, and why. It names its mutant by the text, so that it outlives moved lines. */
export interface Equivalent {
  readonly file: string;
  readonly within: string;
  readonly before: string;
  readonly after: string;
  readonly reason: string;
}

export interface Survivor {
  readonly at: string;
  readonly within: string;
  readonly operator: string;
  readonly before: string;
  readonly after: string;
  /** Why it is equivalent; empty when nobody has explained it. */
  readonly reason: string;
}

export interface Count {
  readonly mutants: number;
  readonly killed: number;
  readonly sameCode: number;
  readonly stillborn: number;
  readonly equivalent: number;
  readonly survived: number;
  /** Per cent killed of those that compile to other code and are not listed as equivalent. */
  readonly killedPercent: number;
  /** The same with the listed ones counted as not killed. */
  readonly killedPercentOfAll: number;
}

export interface Report {
  readonly date: string;
  readonly command: string;
  readonly machine: string;
  readonly seconds: number;
  /** How many there were to judge. */
  readonly chosen: number;
  readonly total: Count;
  readonly byFile: Readonly<Record<string, Count>>;
  readonly byOperator: Readonly<Record<string, Count>>;
  readonly survivors: readonly Survivor[];
  /** Entries of the list that fit no survivor. */
  readonly unused: readonly Equivalent[];
}

type Judged = Mutant & { readonly status: Status };

export function readEquivalents(): Equivalent[] {
  return JSON.parse(readFileSync(join(root, "test/contracts/mutation/equivalent.json"), "utf8")) as Equivalent[];
}

export function makeReport(
  mutants: readonly Mutant[],
  verdicts: ReadonlyMap<string, Verdict>,
  equivalents: readonly Equivalent[],
  about: { readonly command: string; readonly seconds: number },
): Report {
  const judged = mutants.flatMap((mutant): Judged[] => {
    const verdict = verdicts.get(mutant.id);
    return verdict === undefined ? [] : [{ ...mutant, status: verdict.status }];
  });
  const used = new Set<Equivalent>();
  const reasonOf = (mutant: Mutant): string => {
    const entry = equivalents.find((each) => isOf(each, mutant));
    if (entry !== undefined) used.add(entry);
    return entry?.reason ?? "";
  };
  const survivors = judged
    .filter(({ status }) => status === "survived")
    .map((mutant) => ({
      at: `${mutant.file}:${mutant.line}`,
      within: `${mutant.contract}.${mutant.within}`,
      operator: mutant.operator,
      before: mutant.before,
      after: mutant.after,
      reason: reasonOf(mutant),
    }));
  const counted = (some: readonly Judged[]): Count => count(some, (mutant) => reasonOf(mutant) !== "");
  const grouped = (key: (mutant: Judged) => string): Record<string, Count> =>
    Object.fromEntries(Object.entries(Object.groupBy(judged, key)).map(([name, some = []]) => [name, counted(some)]));
  return {
    date: new Date().toISOString().slice(0, 10),
    command: about.command,
    machine: `${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    seconds: about.seconds,
    chosen: mutants.length,
    total: counted(judged),
    byFile: grouped(({ file }) => file),
    byOperator: grouped(({ operator }) => operator),
    survivors,
    unused: equivalents.filter((entry) => !used.has(entry) && judged.some(({ file }) => file === entry.file)),
  };
}

function isOf(entry: Equivalent, mutant: Mutant): boolean {
  return (
    entry.file === mutant.file &&
    entry.within === mutant.within &&
    entry.before === mutant.before &&
    entry.after === mutant.after
  );
}

function count(some: readonly Judged[], isExplained: (mutant: Judged) => boolean): Count {
  const of = (...wanted: Status[]): Judged[] => some.filter(({ status }) => wanted.includes(status));
  const survivors = of("survived");
  const equivalent = survivors.filter(isExplained).length;
  const killed = of("killed", "timeout").length;
  const percent = (whole: number): number => (whole === 0 ? 100 : Math.round((killed / whole) * 1000) / 10);
  return {
    mutants: some.length,
    killed,
    sameCode: of("same code").length,
    stillborn: of("stillborn").length,
    equivalent,
    survived: survivors.length - equivalent,
    killedPercent: percent(killed + survivors.length - equivalent),
    killedPercentOfAll: percent(killed + survivors.length),
  };
}
