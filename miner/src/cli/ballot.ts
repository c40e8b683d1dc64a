import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Ballot } from "@lode/sdk/draws";
import { bytesToHex, type Hex } from "@lode/sdk/hash";
import { kinds, usage } from "./arguments.ts";
import { valueOf } from "./evidence.ts";

export { commitmentOf, revelationOf, verdicts } from "@lode/sdk/draws";

/** The values that a reference engine wrote: a JSON list of hashes. */
export function readValues(file: string): Hex[] {
  const values = valueOf(kinds.json.parse(file), { type: "bytes32[]" }, file) as Hex[];
  if (values.length === 0) throw usage(`${file} holds no values.`);
  return values;
}

/**
 * The ballot in a file, or a new one with a fresh salt, which is kept there before anything is sent: without it nothing
 * can be revealed, and a juror that does not reveal pays.
 * @param isKept false for a dry run, which leaves no file
 */
export function ballotIn(file: string, fresh: Omit<Ballot, "salt">, isKept: boolean): Ballot {
  if (existsSync(file)) {
    const kept = readBallot(file);
    const same = kept.caseId === fresh.caseId && kept.juror === fresh.juror && kept.verdict === fresh.verdict;
    if (same && JSON.stringify(kept.values) === JSON.stringify(fresh.values)) return kept;
    throw usage(`${file} holds another ballot; name another file.`);
  }
  const ballot = { ...fresh, salt: bytesToHex(randomBytes(32)) };
  if (isKept) writeFileSync(file, `${JSON.stringify(ballot, null, 2)}\n`, { flag: "wx", mode: 0o600 });
  return ballot;
}

/** The ballot that `lode jury commit` kept. */
export function readBallot(file: string): Ballot {
  const parse = (text: string): unknown => JSON.parse(text);
  try {
    const { caseId, juror, verdict, salt, values } = parse(readFileSync(file, "utf8")) as Ballot;
    return {
      caseId: kinds.count.parse(caseId).toString(),
      juror: kinds.address.parse(juror),
      verdict,
      salt: kinds.hash.parse(salt),
      values: valueOf(values, { type: "bytes32[]" }, "values") as Hex[],
    };
  } catch (cause) {
    throw usage(`${file} holds no ballot; \`lode jury commit\` writes one.`, cause);
  }
}
