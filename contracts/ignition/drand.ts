/** The network of the League of Entropy whose rounds EVM chains can verify: evmnet, scheme bls-bn254-unchained-on-g1. */
export const evmnet = {
  /** Its key, a point of G2, imaginary parts first. */
  publicKey: [
    0x07e1d1d335df83fa98462005690372c643340060d205306a9aa8106b6bd0b382n,
    0x0557ec32c2ad488e4d4f6008f89a346f18492092ccc0d594610de2732c8b808fn,
    0x0095685ae3a85ba243747b1b2f426049010f6b73a0cf1d389351d5aaaa1047f6n,
    0x297d3a4f9749b33eb2d904c9d9ebf17224150ddd7abd7567a9bec6c74480ee0bn,
  ],
  /** Unix time of round 1. */
  genesis: 1_727_521_075n,
  /** Seconds from a round to the next. */
  period: 3n,
} as const;
