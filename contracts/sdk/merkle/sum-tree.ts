import { bytesToHex, concat, hexToBytes, keccakBytes, type Hex } from "../hash/index.ts";

/** What a payer owes a payee and has not been collected. */
export interface Liability {
  readonly payer: Hex;
  readonly payee: Hex;
  readonly epoch: bigint;
  readonly cumulativeWei: bigint;
  readonly outstandingWei: bigint;
}

interface SumNode {
  readonly hash: Uint8Array;
  readonly sumWei: bigint;
}

const limit = 1n << 128n;

function word(value: bigint): Uint8Array {
  return hexToBytes(`0x${value.toString(16).padStart(32, "0")}`);
}

function leaf(line: Liability): SumNode {
  const epoch = hexToBytes(`0x${line.epoch.toString(16).padStart(16, "0")}`);
  const data = concat(
    Uint8Array.of(0),
    hexToBytes(line.payer),
    hexToBytes(line.payee),
    epoch,
    word(line.cumulativeWei),
    word(line.outstandingWei),
  );
  return { hash: keccakBytes(data), sumWei: line.outstandingWei };
}

function join(left: SumNode, right: SumNode): SumNode {
  const sumWei = left.sumWei + right.sumWei;
  if (sumWei >= limit) throw new RangeError("the liabilities exceed 128 bits");
  const data = concat(Uint8Array.of(1), left.hash, right.hash, word(left.sumWei), word(right.sumWei));
  return { hash: keccakBytes(data), sumWei };
}

/**
 * Sum tree over liabilities in the order given: a node is keccak256(1, left hash, right hash, left sum, right sum) with
 * 16-byte sums, split as RFC 6962 splits. The root binds every line and their total.
 */
export function sumTree(lines: readonly Liability[]): { root: Hex; totalWei: bigint } {
  const build = (start: number, size: number): SumNode => {
    const first = lines[start];
    if (size === 1 && first !== undefined) return leaf(first);
    const left = 2 ** (31 - Math.clz32(size - 1));
    return join(build(start, left), build(start + left, size - left));
  };
  if (lines.length === 0) return { root: bytesToHex(keccakBytes(new Uint8Array(0))), totalWei: 0n };
  const { hash, sumWei } = build(0, lines.length);
  return { root: bytesToHex(keccakBytes(concat(hash, word(sumWei)))), totalWei: sumWei };
}
