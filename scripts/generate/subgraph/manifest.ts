import type { Addresses } from "../../../contracts/sdk/addresses/index.ts";
import { entityOf, eventsOf, sources, type AbiEvent, type Source } from "./sources.ts";

/** Names of chains as graph-node and the network know them. */
const networkNames: Readonly<Record<number, string>> = {
  1: "mainnet",
  10: "optimism",
  100: "gnosis",
  8453: "base",
  31337: "hardhat",
  42161: "arbitrum-one",
  84532: "base-sepolia",
  421614: "arbitrum-sepolia",
  11155111: "sepolia",
  11155420: "optimism-sepolia",
};

/**
 * The subgraph's manifest for one deployment.
 * @param network what the indexer calls the chain; known for the chains that contracts can be deployed to
 * @throws {Error} for a chain without a known name
 */
export function renderManifest(addresses: Addresses, network = networkNames[addresses.chainId]): string {
  if (network === undefined)
    throw new Error(`The name of chain ${addresses.chainId} is not known; give --network NAME.`);
  // Not every deployment has the contracts that take proofs.
  const there = sources.filter(({ address }) => addresses[address] !== undefined);
  return `# Written by 'npm run generate' from contracts/sdk/addresses.
specVersion: 1.3.0
description: Stakes, payments, anchors and disputes of a Lode deployment
features:
  - fullTextSearch
indexerHints:
  prune: never
schema:
  file: ./schema.graphql
dataSources:
${there.map((source) => renderSource(source, addresses, network)).join("")}`;
}

function renderSource(source: Source, addresses: Addresses, network: string): string {
  const events = eventsOf(source);
  const entities = [...events.map((event) => entityOf(source, event)), ...source.writes];
  return `  - kind: ethereum
    name: ${source.name}
    network: ${network}
    source:
      address: "${addresses[source.address]}"
      abi: ${source.name}
      startBlock: ${addresses.deployedAtBlock}
    mapping:
      kind: ethereum/events
      apiVersion: 0.0.9
      language: wasm/assemblyscript
      entities:
${entities.map((entity) => `        - ${entity}\n`).join("")}      abis:
        - name: ${source.name}
          file: ./abis/${source.name}.json
      eventHandlers:
${events.map((event) => `        - event: ${signatureOf(event)}\n          handler: handle${event.name}\n`).join("")}      file: ./src/mappings/${source.file}.ts
`;
}

/** `StakeAdded(indexed address,uint128,uint128)`, as a manifest names an event. */
function signatureOf({ name, inputs }: AbiEvent): string {
  return `${name}(${inputs.map(({ type, indexed }) => `${indexed === true ? "indexed " : ""}${type}`).join(",")})`;
}
