import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { manifestFile, readManifest, type CircuitRecord, type Manifest } from "../../zk-circuits/src/manifest.ts";

const empty: Manifest = { phase1: {}, circuits: {} };

/** The manifest, also before there is one. */
export function manifestOrNone(): Manifest {
  return existsSync(manifestFile) ? readManifest() : empty;
}

/** Records figures of a circuit, beside those that are known of it. */
export function recordCircuit(name: string, facts: Partial<CircuitRecord>): void {
  const manifest = manifestOrNone();
  const known = { ...manifest.circuits[name], ...facts } as CircuitRecord;
  write({ ...manifest, circuits: sorted({ ...manifest.circuits, [name]: known }) });
}

/** Records the hash of a phase 1 file. */
export function recordPhase1(power: number, hash: string): void {
  const manifest = manifestOrNone();
  write({ ...manifest, phase1: { ...manifest.phase1, [power]: hash } });
}

function write(manifest: Manifest): void {
  mkdirSync(dirname(manifestFile), { recursive: true });
  writeFileSync(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
