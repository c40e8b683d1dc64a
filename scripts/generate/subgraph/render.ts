import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { loadAddresses } from "../../../contracts/sdk/addresses/index.ts";
import { root } from "../../root.ts";
import { renderManifest } from "./manifest.ts";
import { renderRecords } from "./records.ts";
import { renderSchema } from "./schema.ts";
import { sources } from "./sources.ts";

/** Everything of the subgraph that is derived and committed: ABIs, schema, event records, a manifest for each chain. */
export function renderSubgraph(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const source of sources) {
    files.set(`subgraph/abis/${source.name}.json`, JSON.stringify(source.abi, null, 2));
    files.set(`subgraph/src/records/${source.file}.ts`, renderRecords(source));
  }
  // What the embedded indexer needs of a manifest; it handles every event by the mapping's function of that name.
  const list = sources.map(({ name, address }) => ({ name, contract: address }));
  files.set("subgraph/sources.json", JSON.stringify(list, null, 2));
  files.set("subgraph/schema.graphql", renderSchema(readFileSync(join(root, "subgraph/schema/state.graphql"), "utf8")));
  for (const file of globSync("contracts/sdk/addresses/*.json", { cwd: root })) {
    const chainId = Number(basename(file, ".json"));
    files.set(`subgraph/subgraph.${chainId}.yaml`, renderManifest(loadAddresses(chainId)));
  }
  return files;
}
