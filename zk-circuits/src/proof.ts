import type { Groth16Proof } from "snarkjs";

type Pair = readonly [bigint, bigint];

/** A proof as the contracts take it: points of EIP-197, the imaginary part of a coordinate of G2 first. */
export interface SolidityProof {
  readonly a: Pair;
  readonly b: readonly [Pair, Pair];
  readonly c: Pair;
}

/** From the order of snarkjs and rapidsnark to the contracts'. */
export function solidityProof({ pi_a, pi_b, pi_c }: Groth16Proof): SolidityProof {
  const at = (list: readonly string[] | undefined, index: number): bigint => BigInt(list?.[index] ?? 0);
  const swapped = (list: readonly string[] | undefined): Pair => [at(list, 1), at(list, 0)];
  return {
    a: [at(pi_a, 0), at(pi_a, 1)],
    b: [swapped(pi_b[0]), swapped(pi_b[1])],
    c: [at(pi_c, 0), at(pi_c, 1)],
  };
}
