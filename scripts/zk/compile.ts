import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { r1cs } from "snarkjs";
import { filesOf, packageFolder, type Circuit } from "../../zk-circuits/src/circuits.ts";
import { root } from "../root.ts";

const require = createRequire(join(packageFolder, "package.json"));
const compiler = require.resolve("circom2/cli.js");
const { version } = require("circom2/package.json") as { version: string };
/** Where the compiler looks for what a circuit includes: this package's own circuits, and the packages. */
const searched = [join(packageFolder, "circuits"), dirname(dirname(require.resolve("circomlib/package.json")))];

/** Hashes of what a compilation gave; the numbers are those of its constraint system. */
export interface Compiled {
  readonly r1cs: string;
  readonly wasm: string;
  readonly constraints: number;
}

/** Compiles a circuit into its folder of the cache. Throws with the compiler's own words. */
export async function compile(circuit: Circuit): Promise<Compiled> {
  const { r1cs: file } = filesOf(circuit);
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true });
  const args = [
    compiler,
    relative(root, resolve(packageFolder, circuit.source)),
    ...searched.flatMap((each) => ["-l", relative(root, each)]),
    ...["--r1cs", "--wasm", "--sym", `--O${circuit.optimisation}`, "-o", relative(root, folder)],
  ];
  try {
    await promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 16 * 1024 * 1024 });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${circuit.source} does not compile:\n${stdout}${stderr}`, { cause: error });
  }
  const { nConstraints } = await r1cs.info(file);
  return { r1cs: sha256(file), wasm: sha256(compiledWasm(circuit)), constraints: nConstraints };
}

/** Where the compiler leaves the witness calculator. */
export function compiledWasm(circuit: Circuit): string {
  return join(dirname(filesOf(circuit).r1cs), `${circuit.name}_js`, `${circuit.name}.wasm`);
}

/** Puts the compiled witness calculator where provers look for it. */
export function keepWasm(circuit: Circuit): void {
  const { wasm } = filesOf(circuit);
  mkdirSync(dirname(wasm), { recursive: true });
  copyFileSync(compiledWasm(circuit), wasm);
}

/** Over everything that a compilation depends on; told in milliseconds, where compiling takes up to half a minute. */
export function fingerprint(circuit: Circuit): string {
  const hash = createHash("sha256").update(`circom2 ${version} --O${circuit.optimisation}`);
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = readFileSync(file, "utf8");
    hash.update("\0").update(text);
    for (const [, name = ""] of text.matchAll(/^\s*include\s+"([^"]+)"/gm)) {
      const found = [dirname(file), ...searched].map((folder) => join(folder, name)).find((path) => existsSync(path));
      if (found === undefined) throw new Error(`${file} includes ${name}, which is nowhere`);
      visit(found);
    }
  };
  visit(resolve(packageFolder, circuit.source));
  return hash.digest("hex");
}

/** SHA-256 of a file, in hex. */
export function sha256(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}
