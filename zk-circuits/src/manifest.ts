import { readFileSync } from "node:fs";
import { join } from "node:path";
import { artifactsFolder } from "./circuits.ts";

/** What is known of a circuit's files. Hashes are SHA-256 in hex. */
export interface CircuitRecord {
  /** Over the compiler's version, its options and every file that the circuit includes. */
  readonly sources: string;
  readonly constraints: number;
  readonly r1cs: string;
  readonly wasm: string;
  /** The rest is absent where there is no key. */
  readonly zkey?: string;
  readonly verificationKey?: string;
  /**
   * `development`: anybody can compute the secrets of this key and prove anything with it. `ceremony`: several people
   * contributed, as CEREMONY.md says.
   */
  readonly setup?: "development" | "ceremony";
}

/** `artifacts/manifest.json`: what every machine has to get. */
export interface Manifest {
  /** Of each development phase 1 file, by power. */
  readonly phase1: Readonly<Record<string, string>>;
  readonly circuits: Readonly<Record<string, CircuitRecord>>;
}

export const manifestFile: string = join(artifactsFolder, "manifest.json");

/** The committed manifest. */
export function readManifest(): Manifest {
  return JSON.parse(readFileSync(manifestFile, "utf8")) as Manifest;
}
