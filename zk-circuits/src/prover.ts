import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { groth16, wtns, type Groth16Proof, type Place, type Signals } from "snarkjs";
import { filesOf, isPackaged, type Circuit } from "./circuits.ts";
import { ZkError } from "./errors.ts";

/** A proof and the public signals that it is of, in the circuit's order. */
export interface Proved {
  readonly proof: Groth16Proof;
  readonly publicSignals: readonly bigint[];
}

/** Makes proofs. Throws ZkError: `bad_input` when no witness fits, `no_key`, `prover_failed`. */
export interface Prover {
  prove(circuit: Circuit, input: Signals): Promise<Proved>;
}

/** The prover that a setting names: a program of the operator's own, or snarkjs when there is none. */
export function proverOf(program: string | undefined): Prover {
  return program === undefined || program === "" ? new SnarkjsProver() : new NativeProver(program);
}

/** The witness of a circuit's input, in memory. Throws ZkError. */
export async function witnessOf(circuit: Circuit, input: Signals): Promise<Uint8Array> {
  const { wasm } = filesOf(circuit);
  if (!existsSync(wasm)) throw missing(circuit);
  const to: Place & object = { type: "mem" };
  try {
    await wtns.calculate(input, wasm, to);
  } catch (cause) {
    throw new ZkError("bad_input", `no witness of the circuit ${circuit.name} has this input`, { cause });
  }
  if (to.data === undefined) throw new ZkError("prover_failed", "the witness was not written");
  return to.data;
}

/** Proofs in this process, on every core or, with `singleThread`, on one; a bundle has no file that threads could begin with. */
export class SnarkjsProver implements Prover {
  readonly #singleThread: boolean;

  constructor({ singleThread = isPackaged }: { readonly singleThread?: boolean } = {}) {
    this.#singleThread = singleThread;
  }

  async prove(circuit: Circuit, input: Signals): Promise<Proved> {
    const data = await witnessOf(circuit, input);
    const options = { singleThread: this.#singleThread };
    const { proof, publicSignals } = await groth16.prove(keyOf(circuit), { type: "mem", data }, undefined, options);
    return { proof, publicSignals: publicSignals.map(BigInt) };
  }
}

/** A native program that is called as rapidsnark's `prover` is: `PROGRAM key.zkey witness.wtns proof.json public.json`. */
export class NativeProver implements Prover {
  readonly #program: string;
  readonly #timeoutMs: number;

  constructor(program: string, { timeoutMs = 600_000 }: { readonly timeoutMs?: number } = {}) {
    this.#program = program;
    this.#timeoutMs = timeoutMs;
  }

  async prove(circuit: Circuit, input: Signals): Promise<Proved> {
    const data = await witnessOf(circuit, input);
    const zkey = keyOf(circuit);
    const folder = await mkdtemp(join(tmpdir(), "lode-proof-"));
    const [witness, proof, signals] = ["witness.wtns", "proof.json", "public.json"].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    try {
      // The witness holds what a proof is there to hide; the folder is this account's alone.
      await writeFile(witness, data, { mode: 0o600 });
      await promisify(execFile)(this.#program, [zkey, witness, proof, signals], { timeout: this.#timeoutMs });
      const parsed = JSON.parse(trimmed(await readFile(proof, "utf8"))) as Groth16Proof;
      const publicSignals = (JSON.parse(trimmed(await readFile(signals, "utf8"))) as string[]).map(BigInt);
      return { proof: parsed, publicSignals };
    } catch (cause) {
      throw new ZkError("prover_failed", `${this.#program} made no proof of ${circuit.name}`, { cause });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** Some versions of rapidsnark write a zero byte behind the text. */
function trimmed(text: string): string {
  return text.replaceAll("\0", "");
}

function keyOf(circuit: Circuit): string {
  const { zkey } = filesOf(circuit);
  if (existsSync(zkey)) return zkey;
  throw missing(circuit);
}

function missing({ name }: Circuit): ZkError {
  return new ZkError("no_key", `the key of the circuit ${name} is not here; make it with: npm run zk:setup -- ${name}`);
}
