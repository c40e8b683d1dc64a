import { concat, hexToBytes, keccak, type Hex } from "../hash/index.ts";
import { MerkleTree } from "../merkle/index.ts";
import { hashNumber, word } from "./roll.ts";

/** The court's verdicts by number. */
export const verdicts = ["none", "right", "wrong", "undisclosed"] as const;
export type Verdict = (typeof verdicts)[number];

/** Positions at which jurors reveal values. */
const positions = 4;

/** What a juror found in a case and keeps to itself until it reveals: the salt hides it, the values show the work. */
export interface Ballot {
  readonly caseId: string;
  readonly juror: Hex;
  /** Index of `verdicts`. */
  readonly verdict: number;
  readonly salt: Hex;
  /** One 32-byte value of the reference engine for each output position. */
  readonly values: readonly Hex[];
}

/** What the court's `reveal` takes. */
export interface Revelation {
  readonly verdict: number;
  readonly salt: Hex;
  readonly root: Hex;
  readonly values: readonly Hex[];
  readonly paths: readonly (readonly Hex[])[];
}

const addressWord = (address: Hex): Uint8Array => word(BigInt(address));

/** The tree over a juror's values: its own address is in every leaf, so that nobody's root is of use to another. */
function treeOf({ juror, values }: Ballot): MerkleTree {
  const tree = new MerkleTree();
  for (const [position, value] of values.entries()) {
    tree.append(keccak(concat(addressWord(juror), word(BigInt(position)), hexToBytes(value))));
  }
  return tree;
}

/** What the juror sends first. */
export function commitmentOf(ballot: Ballot): Hex {
  const { caseId, juror, salt, verdict } = ballot;
  const root = hexToBytes(treeOf(ballot).root());
  return keccak(concat(word(BigInt(caseId)), addressWord(juror), hexToBytes(salt), word(BigInt(verdict)), root));
}

/** What it shows when the positions are drawn. Throws RangeError for a position without a value. */
export function revelationOf(ballot: Ballot, drawn: readonly (bigint | number)[]): Revelation {
  const { verdict, salt, values } = ballot;
  const tree = treeOf(ballot);
  const shown = drawn.map(Number);
  return {
    verdict,
    salt,
    root: tree.root(),
    values: shown.map((position) => valueAt(values, position)),
    paths: shown.map((position) => tree.inclusionProof(position)),
  };
}

function valueAt(values: readonly Hex[], position: number): Hex {
  const value = values[position];
  if (value === undefined) throw new RangeError(`the ballot has no value at position ${position}`);
  return value;
}

/** The positions that a case's second value names. */
export function positionsOf(value: Hex, id: bigint, outputTokens: number): number[] {
  return Array.from({ length: positions }, (_, i) =>
    Number(hashNumber(hexToBytes(value), word(id), word(BigInt(i))) % BigInt(outputTokens)),
  );
}
