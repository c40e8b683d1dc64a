/**
 * Measures what the contracts cost and compares it with the committed snapshot: growth of any figure by more than
 * 0.1 % fails. With `--write` the snapshot becomes what was measured. A passed comparison of the same sources is not
 * repeated.
 */
import { createHash } from "node:crypto";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { format, resolveConfig } from "prettier";
import { measureGas } from "../bench/gas.ts";
import { root } from "../root.ts";
import { compareGas, type GasSnapshot } from "./gas-snapshot.ts";

const file = join(root, "test", "contracts", "snapshots", "gas.json");
const stamp = join(root, ".cache", "gas-checked");

if (process.argv.includes("--write")) await write();
else if (readOr(stamp, "") === fingerprint()) console.log("The sources are those of the last comparison.");
else await compare();

async function write(): Promise<void> {
  const figures = await measureGas();
  mkdirSync(dirname(file), { recursive: true });
  const config = await resolveConfig(file);
  writeFileSync(file, await format(JSON.stringify(figures), { ...config, filepath: file }));
  console.log(`wrote ${Object.keys(figures).length} figures`);
}

async function compare(): Promise<void> {
  const snapshot = JSON.parse(readOr(file, "{}")) as GasSnapshot;
  const { grown, shrunk, missing } = compareGas(snapshot, await measureGas());
  for (const line of [...grown, ...missing]) console.log(line);
  for (const line of shrunk) console.log(`${line} (better; record it with npm run gas:update)`);
  if (grown.length + missing.length > 0) {
    process.exitCode = 1;
    return;
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, fingerprint());
}

/** Of everything that the figures depend on, and of what they were compared with. */
function fingerprint(): string {
  const hash = createHash("sha256");
  const patterns = [
    "contracts/**/*.sol",
    "contracts/ignition/*.ts",
    "scripts/bench/gas/**/*.ts",
    "scripts/check/gas*.ts",
  ];
  const files = [
    ...["hardhat.config.ts", "package-lock.json", "scripts/bench/gas.ts", "test/contracts/snapshots/gas.json"],
    ...patterns.flatMap((pattern) => globSync(pattern, { cwd: root }).sort()),
  ];
  for (const each of files)
    hash
      .update(each)
      .update("\0")
      .update(readOr(join(root, each), ""));
  return hash.digest("hex");
}

function readOr(path: string, fallback: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return fallback;
  }
}
