import type { Hex } from "viem";
import { MappingError, MissingError, type Wanted } from "../host/errors.ts";
import type { Surroundings } from "../host/imports.ts";
import type { EntityData, StoreValue } from "../host/store-values.ts";
import type { Trigger } from "../host/trigger.ts";
import { checkEntity } from "./check-entity.ts";
import type { Change } from "./database.ts";
import type { EntityType } from "./entity-model.ts";
import type { Subgraph } from "./subgraph.ts";

/** Where what is not in memory comes from. */
export interface Sources {
  load(entity: EntityType, id: string): Promise<EntityData | undefined>;
  call(to: Hex, data: Hex, block: bigint): Promise<Hex | undefined>;
  log(level: number, text: string): void;
}

/** Entities kept in memory between batches; more than that and all are read anew when they are needed. */
const CACHED_ENTITIES = 50_000;
const MICROSECONDS = 1_000_000n;
const IDS_PER_BLOCK_BITS = 32n;

interface BlockWork {
  readonly number: bigint;
  readonly changes: Map<string, Change>;
  readonly calls: Map<string, { answer: Hex | undefined }>;
  points: bigint;
}

/**
 * Runs handlers for logs in the order of the chain, and gathers what they change. A handler that asks for something which is
 * not in memory is ended, and run again from the beginning when it is: nothing of an ended one stays.
 */
export class Handlers {
  readonly #subgraph: Subgraph;
  readonly #sources: Sources;
  readonly #network: string;
  /** Present entities by type and id; undefined for those that are known not to exist. */
  readonly #cache = new Map<string, EntityData | undefined>();

  constructor(subgraph: Subgraph, sources: Sources, network = `${subgraph.chainId}`) {
    this.#subgraph = subgraph;
    this.#sources = sources;
    this.#network = network;
  }

  /** Runs the handlers of one block's logs; answers how many ran, and what they changed. */
  async runBlock(triggers: readonly Trigger[]): Promise<{ handled: number; changes: readonly Change[] }> {
    const [first] = triggers;
    if (first === undefined) return { handled: 0, changes: [] };
    const block: BlockWork = { number: first.block.number, changes: new Map(), calls: new Map(), points: 0n };
    let handled = 0;
    for (const trigger of triggers) if (await this.#run(block, trigger)) handled++;
    return { handled, changes: [...block.changes.values()] };
  }

  /** To be called when everything is written: what is in memory then need not be. */
  trim(): void {
    if (this.#cache.size > CACHED_ENTITIES) this.#cache.clear();
  }

  /** Forgets what is in memory: the chain took blocks back, or a write failed. */
  forget(): void {
    this.#cache.clear();
  }

  async #run(block: BlockWork, trigger: Trigger): Promise<boolean> {
    const source = this.#subgraph.sources.get(trigger.address);
    const known = source?.handlers.get(trigger.topics[0] ?? "0x");
    if (source === undefined || known === undefined) return false;
    for (;;) {
      const written = new Map<string, Change>();
      const points = block.points;
      try {
        source.module.run(known.handler, known.event, trigger, this.#around(block, trigger, written));
      } catch (error) {
        if (!(error instanceof MissingError)) throw located(error, known.handler, trigger);
        block.points = points;
        await this.#fetch(block, error.wanted);
        continue;
      }
      for (const [key, change] of written) {
        block.changes.set(key, change);
        this.#cache.set(key, change.data);
      }
      return true;
    }
  }

  async #fetch(block: BlockWork, wanted: Wanted): Promise<void> {
    if (wanted.what === "call") {
      const answer = await this.#sources.call(wanted.to, wanted.data, block.number);
      block.calls.set(`${wanted.to}${wanted.data}`, { answer });
    } else {
      const data = await this.#sources.load(this.#entity(wanted.entity), wanted.id);
      this.#cache.set(keyOf(wanted.entity, wanted.id), data);
    }
  }

  #around(block: BlockWork, trigger: Trigger, written: Map<string, Change>): Surroundings {
    const get = (name: string, id: string): EntityData | undefined => {
      const key = keyOf(name, id);
      const change = written.get(key);
      if (change !== undefined) return change.data;
      if (!this.#cache.has(key)) throw new MissingError({ what: "entity", entity: this.#entity(name).name, id });
      return this.#cache.get(key);
    };
    const set = (name: string, given: string, data: ReadonlyMap<string, StoreValue>): void => {
      const entity = this.#entity(name);
      const { id, fields } = entity.isTimeseries
        ? this.#point(block, trigger, entity, given, data)
        : { id: given, fields: data };
      // As graph-node does it: what is set is merged with what is there, and null takes a field away.
      const before = entity.isImmutable ? undefined : get(name, id);
      const merged = new Map([...(before ?? []), ...fields]);
      for (const [field, value] of merged) if (value.kind === "Null") merged.delete(field);
      checkEntity(entity, this.#subgraph.model.enums, id, merged);
      written.set(keyOf(name, id), { entity: name, id, block: block.number, data: merged });
    };
    return {
      network: this.#network,
      address: trigger.address,
      get,
      set,
      remove: (name, id) => {
        written.set(keyOf(name, id), { entity: name, id, block: block.number, data: undefined });
      },
      call: (to, data) => {
        const known = block.calls.get(`${to}${data}`);
        if (known === undefined) throw new MissingError({ what: "call", to, data });
        return known.answer;
      },
      log: (level, text) => this.#sources.log(level, text),
    };
  }

  /** A data point gets its id from its block and place, and its time from the block. */
  #point(
    block: BlockWork,
    trigger: Trigger,
    entity: EntityType,
    given: string,
    data: ReadonlyMap<string, StoreValue>,
  ): { id: string; fields: ReadonlyMap<string, StoreValue> } {
    if (given !== "auto") {
      throw new MappingError(
        "mapping_entity",
        `A mapping stored ${entity.name} under an id of its own; "auto" is meant.`,
      );
    }
    const id = (block.number << IDS_PER_BLOCK_BITS) + block.points++;
    const fields = new Map(data);
    fields.set("id", { kind: "Int8", value: id });
    fields.set("timestamp", { kind: "Timestamp", value: trigger.block.timestamp * MICROSECONDS });
    return { id: id.toString(), fields };
  }

  #entity(name: string): EntityType {
    const entity = this.#subgraph.model.entities.get(name);
    if (entity === undefined)
      throw new MappingError("mapping_entity", `A mapping names an entity ${name} that is none.`);
    return entity;
  }
}

function keyOf(entity: string, id: string): string {
  return `${entity} ${id}`;
}

function located(error: unknown, handler: string, { block, logIndex }: Trigger): unknown {
  if (!(error instanceof MappingError)) return error;
  return new MappingError(error.code, `${error.message} (${handler}, block ${block.number}, log ${logIndex})`, {
    cause: error,
  });
}
