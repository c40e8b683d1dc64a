/** The prover's process: takes one task from its parent, and says the proof or what went wrong. */
import { setPriority } from "node:os";
import { circuitOf, proverOf, solidityProof } from "@lode/zk-circuits";
import type { ProofResult, ProofTask } from "./prover-process.ts";

// Proofs wait for nobody; those who wait for answers come first.
setPriority(10);
// A parent that was killed takes no proof.
process.once("disconnect", () => process.exit(1));
process.once("message", (message) => {
  const { circuit, input, program } = message as ProofTask;
  const say = (result: ProofResult): void => void process.send?.(result);
  proverOf(program)
    .prove(circuitOf(circuit), input)
    .then(
      ({ proof }) => say({ proof: solidityProof(proof) }),
      (error: unknown) => say({ error: error instanceof Error ? error.message : String(error) }),
    );
});
