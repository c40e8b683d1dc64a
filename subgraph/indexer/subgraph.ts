import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Addresses } from "@lode/sdk/addresses";
import { LodeError } from "@lode/sdk/errors";
import { toEventSelector, type Abi, type AbiEvent, type Hex } from "viem";
import { MappingModule } from "../host/module.ts";
import { readEntityModel, type EntityModel } from "./entity-model.ts";

/** A contract whose logs are indexed. */
export interface DataSource {
  readonly name: string;
  readonly address: Hex;
  readonly module: MappingModule;
  /** Events and their handlers by the first topic. */
  readonly handlers: ReadonlyMap<Hex, { readonly event: AbiEvent; readonly handler: string }>;
}

type ContractName = Exclude<keyof Addresses, "chainId" | "deployedAtBlock">;

/** A built subgraph, for one deployment of the contracts. */
export interface Subgraph {
  readonly chainId: number;
  readonly startBlock: bigint;
  readonly model: EntityModel;
  /** By address in lower case. */
  readonly sources: ReadonlyMap<Hex, DataSource>;
  /** Changes when the index would come out otherwise. */
  readonly fingerprint: string;
}

/** The subgraph's folder: this package. */
export const packageFolder = join(import.meta.dirname, "..");

/**
 * Loads what graph-cli built.
 * @throws {LodeError} when it is not built
 */
export function loadSubgraph(addresses: Addresses, folder = packageFolder): Subgraph {
  const read = (...path: string[]): Buffer => readFileSync(join(folder, ...path));
  const list = JSON.parse(read("sources.json").toString()) as { name: string; contract: ContractName }[];
  const schema = read("schema.graphql").toString();
  const hash = createHash("sha256").update(schema).update(JSON.stringify(addresses));
  const sources = list.flatMap(({ name, contract }): [Hex, DataSource][] => {
    const address = addresses[contract];
    // Not every deployment has the contracts that take proofs.
    if (address === undefined) return [];
    if (!existsSync(join(folder, "build", name, `${name}.wasm`))) {
      throw new LodeError("subgraph_not_built", "The subgraph is not built; run `npm run subgraph`.");
    }
    const wasm = read("build", name, `${name}.wasm`);
    hash.update(wasm);
    const abi = JSON.parse(read("abis", `${name}.json`).toString()) as Abi;
    const events = abi.filter((item): item is AbiEvent => item.type === "event");
    const handlers = new Map(
      events.map((event) => [toEventSelector(event), { event, handler: `handle${event.name}` }] as const),
    );
    return [[address, { name, address, handlers, module: new MappingModule(name, wasm) }]];
  });
  return {
    chainId: addresses.chainId,
    startBlock: BigInt(addresses.deployedAtBlock),
    model: readEntityModel(schema),
    sources: new Map(sources),
    fingerprint: hash.digest("hex"),
  };
}
