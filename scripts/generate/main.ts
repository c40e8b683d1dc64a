/**
 * `npm run generate [-- --check]`: writes every file that is derived and committed. With --check it writes nothing and
 * ends with 1 when a file differs from what its source gives.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { format, resolveConfig } from "prettier";
import { ensureCompiled } from "../deploy/compile.ts";
import { root } from "../root.ts";
import { renderAbis } from "./abis.ts";
import { renderPoseidon } from "./poseidon.ts";
import { renderStructs, renderTypeHashes } from "./type-hashes.ts";
import { renderVerifyingKeys } from "./verifying-keys.ts";

const check = process.argv.includes("--check");

function current(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return undefined;
  }
}

/** Writes or compares one file; returns whether it differed. */
async function emit(path: string, text: string): Promise<boolean> {
  const config = await resolveConfig(join(root, path));
  const formatted = await format(text, { ...config, filepath: path });
  if (current(path) === formatted) return false;
  if (!check) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), formatted);
  }
  console.log(`${check ? "differs" : "wrote"}: ${path}`);
  return true;
}

// Type hashes, structs and keys come first: the contracts that the ABIs are taken from import them.
let different = await emit("contracts/generated/TypeHashes.sol", renderTypeHashes());
different = (await emit("contracts/generated/Structs.sol", renderStructs())) || different;
for (const [path, text] of renderVerifyingKeys()) different = (await emit(path, text)) || different;
different = (await emit("contracts/generated/PoseidonParameters.sol", renderPoseidon())) || different;
await ensureCompiled();
for (const [path, text] of renderAbis()) different = (await emit(path, text)) || different;
// The subgraph follows from the ABIs as they are now, which is why their module is loaded only here.
const { renderSubgraph } = await import("./subgraph/render.ts");
for (const [path, text] of renderSubgraph()) different = (await emit(path, text)) || different;
if (check && different) {
  console.error("Generated files are stale; run `npm run generate`.");
  process.exitCode = 1;
}
