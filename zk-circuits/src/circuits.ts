import { existsSync } from "node:fs";
import { join } from "node:path";

/** A circuit: how it is compiled, which setup it has, and what its public signals are. */
export interface Circuit {
  readonly name: string;
  /** Its main file, relative to this package. */
  readonly source: string;
  /** The compiler's simplification. 2 makes fewest constraints; 1 keeps them short where weights are constants. */
  readonly optimisation: 1 | 2;
  /** Phase 1 for up to 2^power constraints; undefined for a circuit that is only ever a witness. */
  readonly power: number | undefined;
  /** Whether its key is in the repository; another's is made on demand by `npm run zk:setup -- NAME`. */
  readonly isCommitted: boolean;
  /** Public signals in the order of the proof's statement. */
  readonly signals: readonly string[];
}

const everyCircuit: readonly Circuit[] = [
  {
    name: "classifier",
    source: "circuits/classifier.circom",
    optimisation: 1,
    power: 12,
    isCommitted: true,
    signals: ["commitment", "answer", "binding"],
  },
  slabOf(4, 15, true),
  slabOf(8, undefined, false),
  slabOf(16, 17, false),
];

/** The settlement slab of so many channels. */
function slabOf(channels: number, power: number | undefined, isCommitted: boolean): Circuit {
  const name = `settlement-slab-${channels}`;
  const signals = ["commitment", "evaluation", "point"];
  return { name, source: `circuits/settlement-slab/${name}.circom`, optimisation: 2, power, isCommitted, signals };
}

/** Every circuit by its name. */
export const circuits: ReadonlyMap<string, Circuit> = new Map(everyCircuit.map((circuit) => [circuit.name, circuit]));

/** The circuit of a name. Throws RangeError. */
export function circuitOf(name: string): Circuit {
  const circuit = circuits.get(name);
  if (circuit === undefined)
    throw new RangeError(`there is no circuit ${name}; there are ${[...circuits.keys()].join(", ")}`);
  return circuit;
}

/** This package's folder. */
export const packageFolder: string = join(import.meta.dirname, "..");
/** Beside the bundle of a packaged miner. */
const packagedArtifacts = join(import.meta.dirname, "zk-artifacts");
/** Whether this code runs from a packaged miner's bundle: there only what its miner proves has its files. */
export const isPackaged: boolean = existsSync(packagedArtifacts);
/** The files that are committed, one folder a circuit. */
export const artifactsFolder: string = isPackaged ? packagedArtifacts : join(packageFolder, "artifacts");
/** What is made on demand, and what compiling leaves; git ignores it. */
export const cacheFolder: string = join(packageFolder, "..", ".cache", "zk");

/** Where a circuit's files are. */
export interface CircuitFiles {
  readonly r1cs: string;
  readonly symbols: string;
  readonly wasm: string;
  readonly zkey: string;
  readonly verificationKey: string;
}

/** What a proof needs lies with the repository where it is committed; what only checks need is always compiled here. */
export function filesOf({ name, isCommitted }: Circuit): CircuitFiles {
  const compiled = join(cacheFolder, name);
  const kept = isCommitted ? join(artifactsFolder, name) : compiled;
  return {
    r1cs: join(compiled, `${name}.r1cs`),
    symbols: join(compiled, `${name}.sym`),
    wasm: join(kept, `${name}.wasm`),
    zkey: join(kept, `${name}.zkey`),
    verificationKey: join(kept, "verification-key.json"),
  };
}
