/**
 * `npm run zk:build [-- NAME ...] [--write]`: compiles the circuits and compares what comes out with the manifest: the same
 * sources and the same compiler give the same bytes everywhere. With --write the manifest takes what came out.
 */
import { chosenCircuits } from "./chosen.ts";
import { compile, fingerprint, keepWasm } from "./compile.ts";
import { manifestOrNone, recordCircuit } from "./record.ts";

const words = process.argv.slice(2);
const isWriting = words.includes("--write");
for (const circuit of chosenCircuits(words, () => true)) {
  const { name } = circuit;
  const started = performance.now();
  const compiled = await compile(circuit);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${name}: ${compiled.constraints} constraints (${seconds} s)`);
  const known = manifestOrNone().circuits[name];
  const facts = { sources: fingerprint(circuit), ...compiled };
  const different = Object.entries(facts).filter(([key, value]) => known?.[key as keyof typeof facts] !== value);
  if (isWriting) {
    // A key belongs to its constraints: the old one's hash must not be taken for the new one's.
    const none = { zkey: undefined, verificationKey: undefined, setup: undefined };
    recordCircuit(name, known?.r1cs === facts.r1cs ? facts : { ...facts, ...none });
    keepWasm(circuit);
  } else if (different.length > 0) {
    console.error(`${name} differs from the manifest in: ${different.map(([key]) => key).join(", ")}`);
    console.error("Compare the sources, or take it with: npm run zk:build -- --write, then npm run zk:setup");
    process.exitCode = 1;
  }
}
// The curve's threads, with which a large circuit is read, would keep the process from ending.
process.exit();
