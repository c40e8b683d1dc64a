/**
 * `npm run subgraph`: builds the mappings with graph-cli. `npm run subgraph -- --addresses FILE [--network NAME] --out FILE`:
 * writes the manifest of a deployment that the SDK does not know.
 */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { loadAddresses } from "../../contracts/sdk/addresses/index.ts";
import { renderManifest } from "../generate/subgraph/manifest.ts";
import { ensureSubgraphBuilt } from "./build.ts";

const text = { type: "string" } as const;
try {
  const { values } = parseArgs({ options: { addresses: text, network: text, out: text } });
  if (values.addresses === undefined) {
    await ensureSubgraphBuilt();
    console.log("The subgraph is built: subgraph/build.");
  } else if (values.out === undefined) {
    throw Object.assign(new Error("--addresses FILE needs --out FILE, beside subgraph/schema.graphql."), {
      exitCode: 2,
    });
  } else {
    writeFileSync(resolve(values.out), renderManifest(loadAddresses(values.addresses), values.network));
    console.log(`The manifest is written: ${values.out}.`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = (error as { exitCode?: number }).exitCode ?? 1;
}
