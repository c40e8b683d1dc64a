import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { bytesToHex, keccak, type Hex } from "@lode/sdk/hash";
import { MerkleTree } from "@lode/sdk/merkle";
import { encodeAbiParameters, type AbiParameter } from "viem";
import { kinds, usage } from "./arguments.ts";
import { valueOf } from "./evidence.ts";

/** The court's verdicts by number. */
export const verdicts = ["none", "right", "wrong"] as const;

/** What a juror found in a case and keeps to itself until it reveals: the salt hides it, the values show the work. */
export interface Ballot {
  readonly caseId: string;
  readonly juror: Hex;
  readonly verdict: number;
  readonly salt: Hex;
  /** One 32-byte value of the reference engine for each output position. */
  readonly values: readonly Hex[];
}

const words = (...types: readonly string[]): AbiParameter[] => types.map((type) => ({ type }));

/** The tree over a juror's values: its own address is in every leaf, so that nobody's root is of use to another. */
function treeOf({ juror, values }: Ballot): MerkleTree {
  const tree = new MerkleTree();
  for (const [position, value] of values.entries()) {
    const parts = [juror, BigInt(position), value];
    tree.append(keccakOf(words("address", "uint256", "bytes32"), parts));
  }
  return tree;
}

function keccakOf(types: readonly AbiParameter[], values: readonly unknown[]): Hex {
  return keccak(Buffer.from(encodeAbiParameters(types, values).slice(2), "hex"));
}

/** What the juror sends first. */
export function commitmentOf(ballot: Ballot): Hex {
  const { caseId, juror, salt, verdict } = ballot;
  const types = words("uint256", "address", "bytes32", "uint8", "bytes32");
  return keccakOf(types, [BigInt(caseId), juror, salt, verdict, treeOf(ballot).root()]);
}

/** What it shows when the positions are drawn. */
export function revelationOf(ballot: Ballot, positions: readonly bigint[]): Readonly<Record<string, unknown>> {
  const { verdict, salt, values } = ballot;
  const tree = treeOf(ballot);
  const shown = positions.map(Number);
  return {
    verdict,
    salt,
    root: tree.root(),
    values: shown.map((position) => values[position]),
    paths: shown.map((position) => tree.inclusionProof(position)),
  };
}

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
