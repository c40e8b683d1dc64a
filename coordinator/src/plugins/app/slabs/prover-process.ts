import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { SolidityProof } from "@lode/zk-circuits";
import type { SlabStatement } from "@lode/zk-circuits/settlement-slab";

/** Proves a settlement. */
export interface SlabProver {
  /**
   * @param circuit its name
   * @throws {Error} when the prover ends without a proof
   */
  prove(circuit: string, input: SlabStatement["input"]): Promise<SolidityProof>;
}

/** What a prover's process is told, and what it says. */
export interface ProofTask {
  readonly circuit: string;
  readonly input: SlabStatement["input"];
  /** An operator's own prover; see @lode/zk-circuits. */
  readonly program: string | undefined;
}
export type ProofResult = { readonly proof: SolidityProof } | { readonly error: string };

const child = fileURLToPath(new URL("prove.ts", import.meta.url));

/** A process for each proof: proving takes every core for seconds, and what it leaves behind goes with it. */
export class ProverProcess implements SlabProver {
  readonly #program: string | undefined;

  constructor(program?: string) {
    this.#program = program;
  }

  prove(circuit: string, input: SlabStatement["input"]): Promise<SolidityProof> {
    // Whole numbers of any size cross only in the advanced serialisation.
    const process = fork(child, { serialization: "advanced", stdio: ["ignore", "ignore", "inherit", "ipc"] });
    return new Promise<SolidityProof>((resolve, reject) => {
      process.once("error", reject);
      process.once("exit", (code, signal) => {
        reject(new Error(`The prover ended without a proof (${signal ?? String(code)}).`));
      });
      process.once("message", (message) => {
        const result = message as ProofResult;
        if ("proof" in result) resolve(result.proof);
        else reject(new Error(result.error));
      });
      process.send({ circuit, input, program: this.#program } satisfies ProofTask);
    }).finally(() => process.kill("SIGKILL"));
  }
}
