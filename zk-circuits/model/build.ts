/**
 * `npm run zk:model`: writes the training data in memory, trains, quantises, and writes the weights for TypeScript and for
 * the circuit. Deterministic: the same sources give the same bytes. With --check it only compares.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderCircom, renderWeights } from "./render.ts";
import { trainedModel } from "./trained.ts";

const folder = join(import.meta.dirname, "..");
const { network, report } = trainedModel();
const files = new Map([
  ["src/classifier/weights.json", renderWeights(network, report)],
  ["circuits/classifier-weights.circom", renderCircom(network)],
]);
for (const [name, text] of files) {
  const file = join(folder, name);
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (readFileSync(file, "utf8") !== text) {
    console.error(`differs: zk-circuits/${name}; run npm run zk:model`);
    process.exitCode = 1;
  }
}
console.log(JSON.stringify(report));
