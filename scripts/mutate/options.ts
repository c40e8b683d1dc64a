import { parseArgs } from "node:util";

export interface Options {
  /** Part of a path, or a contract's name. */
  readonly only: string | undefined;
  readonly sample: number | undefined;
  readonly seed: string;
  readonly workers: number;
  /** Stop after that long and report on what was judged. */
  readonly minutes: number;
  readonly json: boolean;
  readonly fresh: boolean;
  /** Where the report goes, without its ending; undefined writes none. */
  readonly report: string | undefined;
  /** The lowest share of killed mutants, per cent, that ends with 0. */
  readonly atLeast: number;
}

export const usage = `usage: npm run mutate:contracts -- [--only CONTRACT] [--sample N] [--seed S] [--workers N] [--minutes N]
       [--at-least PERCENT] [--report PATH] [--json] [--fresh]
  --only       mutants of files whose path contains it, or of the contract of that name
  --sample     that many of them, chosen by --seed (default 1)
  --workers    how many at a time (default 1)
  --minutes    stop after that long and report on those judged by then, which are taken in the order of --seed
  --at-least   end with 1 when a smaller share is killed (default 95)
  --report     write PATH.json and PATH.md (a run without --only and --sample: test/contracts/reports/mutation)
  --json       print one JSON object as the last line
  --fresh      forget the verdicts of an interrupted run`;

export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      sample: { type: "string" },
      seed: { type: "string", default: "1" },
      workers: { type: "string", default: "1" },
      minutes: { type: "string" },
      "at-least": { type: "string", default: "95" },
      report: { type: "string" },
      json: { type: "boolean", default: false },
      fresh: { type: "boolean", default: false },
    },
  });
  const isWhole = values.only === undefined && values.sample === undefined;
  return {
    only: values.only,
    sample: values.sample === undefined ? undefined : positive("--sample", values.sample),
    seed: values.seed,
    workers: positive("--workers", values.workers),
    minutes: values.minutes === undefined ? Infinity : positive("--minutes", values.minutes),
    json: values.json,
    fresh: values.fresh,
    report: values.report ?? (isWhole ? "test/contracts/reports/mutation" : undefined),
    atLeast: Number(values["at-least"]),
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`${name} is a whole number from 1 on, not ${text}`);
  return value;
}
