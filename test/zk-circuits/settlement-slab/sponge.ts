/** Mutants of the chain of hashes where a slab of two does not reach: its further links, and the form for long lists. */
export const spongeMutants = [
  {
    template: "PoseidonChain",
    length: 20,
    drop: "chain[link] <== Poseidon(take + 1)(part);",
    instead: "chain[link] <== 5;",
  },
  { template: "LongPoseidonChain", length: 10, drop: "out <== Poseidon(length)(part);", instead: "out <== 5;" },
  { template: "LongPoseidonChain", length: 20, drop: "out <== Poseidon(last + 1)(end);", instead: "out <== 5;" },
  {
    template: "LongPoseidonChain",
    length: 20,
    drop: "end[0] = LongPoseidonChain(length - last)(part);",
    instead: "end[0] = 5;",
  },
] as const;
