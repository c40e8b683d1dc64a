import type { Groth16Proof } from "snarkjs";

/** A proof as the contracts take it: points of EIP-197, the imaginary part of a coordinate of G2 first. */
export interface SolidityProof {
  readonly a: { readonly x: bigint; readonly y: bigint };
  readonly b: {
    readonly xImaginary: bigint;
    readonly xReal: bigint;
    readonly yImaginary: bigint;
    readonly yReal: bigint;
  };
  readonly c: { readonly x: bigint; readonly y: bigint };
}

/** From the order of snarkjs and rapidsnark to the contracts'. */
export function solidityProof({ pi_a, pi_b, pi_c }: Groth16Proof): SolidityProof {
  const at = (list: readonly string[] | undefined, index: number): bigint => BigInt(list?.[index] ?? 0);
  const [x, y] = pi_b;
  return {
    a: { x: at(pi_a, 0), y: at(pi_a, 1) },
    b: { xImaginary: at(x, 1), xReal: at(x, 0), yImaginary: at(y, 1), yReal: at(y, 0) },
    c: { x: at(pi_c, 0), y: at(pi_c, 1) },
  };
}
