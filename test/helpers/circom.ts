import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { wtns, type Place, type Signals } from "snarkjs";
import { root } from "../../scripts/root.ts";

/** A compiled circuit that a test uses. */
export class TestCircuit {
  readonly #wasm: string;
  /** The file with its constraints. */
  readonly r1cs: string;

  private constructor(wasm: string, r1cs: string) {
    this.#wasm = wasm;
    this.r1cs = r1cs;
  }

  /** Compiles `source`, which may include this repository's circuits by their path from the root. */
  static async compile(folder: string, name: string, source: string): Promise<TestCircuit> {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, `${name}.circom`), source);
    // The compiler follows no path upwards, and takes relative ones only.
    const args = ["node_modules/circom2/cli.js", join(folder, `${name}.circom`), "-l", ".", "-l", "node_modules"];
    const outputs = ["--r1cs", "--wasm", "--O1", "-o", folder];
    await promisify(execFile)(process.execPath, [...args, ...outputs], { cwd: root, maxBuffer: 2 ** 24 });
    return TestCircuit.at(join(root, folder), basename(name));
  }

  static at(folder: string, name: string): TestCircuit {
    return new TestCircuit(join(folder, `${name}_js`, `${name}.wasm`), join(folder, `${name}.r1cs`));
  }

  /** The witness, checked against every constraint. Throws when there is none for this input. */
  async witness(input: Signals): Promise<bigint[]> {
    return wtns.exportJson({ type: "mem", data: await this.witnessFile(input) });
  }

  /** The same as provers take it. */
  async witnessFile(input: Signals): Promise<Uint8Array> {
    const to: Place & { data?: Uint8Array } = { type: "mem" };
    await wtns.calculate(input, this.#wasm, to);
    if (to.data === undefined) throw new Error("no witness was written");
    const isRight = await wtns.check(this.r1cs, { type: "mem", data: to.data });
    if (!isRight) throw new Error("the witness breaks a constraint");
    return to.data;
  }
}
