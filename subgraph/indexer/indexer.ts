import { setTimeout as pause } from "node:timers/promises";
import type { Trigger } from "../host/trigger.ts";
import { MappingError } from "../host/errors.ts";
import type { Chain, MinedLog } from "./chain.ts";
import type { BlockRef, Change, Database } from "./database.ts";
import { Handlers } from "./handlers.ts";
import type { Subgraph } from "./subgraph.ts";

export interface IndexerOptions {
  /** Between two looks at the chain's head. */
  readonly pollMs: number;
  /** Blocks that logs are asked for at once; halved when the node refuses. */
  readonly range: bigint;
  /** What the operator should know. */
  readonly note: (text: string) => void;
}

/** Changes that are written in one transaction, at least, while the index catches up. */
const BATCH = 2_000;
const SMALLEST_RANGE = 1n;
/** Known blocks that are compared with the chain in one step when it forked. */
const STEP = 50;

/** What one look at the chain did. */
export interface Progress {
  /** Blocks by which the index is behind the head that it saw. */
  readonly behind: bigint;
  readonly events: number;
}

/** Follows a chain: runs the handlers of new logs, and takes back what a fork took back. */
export class Indexer {
  readonly #chain: Chain;
  readonly #database: Database;
  readonly #subgraph: Subgraph;
  readonly #handlers: Handlers;
  readonly #options: IndexerOptions;
  #range: bigint;
  #head: BlockRef | undefined;
  /** Events handled since the start of this process. */
  handled = 0;
  /** Forks that were followed since the start of this process. */
  reverts = 0;

  constructor(chain: Chain, database: Database, subgraph: Subgraph, options: IndexerOptions) {
    this.#chain = chain;
    this.#database = database;
    this.#subgraph = subgraph;
    this.#options = options;
    this.#range = options.range;
    this.#handlers = new Handlers(subgraph, {
      load: (entity, id) => database.load(entity, id),
      call: (to, data, block) => chain.call(to, data, block),
      log: (level, text) => {
        // graph-ts: 0 is critical, which ends a subgraph.
        if (level === 0) throw new MappingError("mapping_critical", `A mapping said: ${text}`);
        if (level <= 2) options.note(`mapping: ${text}`);
      },
    });
  }

  /** The last block that is in the index whole. */
  get head(): BlockRef | undefined {
    return this.#head;
  }

  /**
   * Follows until the signal comes. A chain that does not answer is asked again.
   * @throws {MappingError} when a mapping fails: it would fail again
   */
  async follow(signal: AbortSignal): Promise<void> {
    let wasReachable = true;
    while (!signal.aborted) {
      try {
        const { behind } = await this.step();
        if (!wasReachable) this.#options.note("the chain answers again");
        wasReachable = true;
        if (behind > 0n) continue;
      } catch (error) {
        if (error instanceof MappingError) throw error;
        this.#handlers.forget();
        if (wasReachable) this.#options.note(`waiting for the chain: ${sentenceOf(error)}`);
        wasReachable = false;
      }
      await pause(this.#options.pollMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One look at the chain: goes on from where the index is, by at most one range of blocks. */
  async step(): Promise<Progress> {
    this.#head = await this.#database.head();
    const tip = await this.#chain.headNumber();
    if (!(await this.#isOnChain(this.#head))) await this.#revert();
    const from = this.#head === undefined ? this.#subgraph.startBlock : this.#head.number + 1n;
    if (from > tip) return { behind: 0n, events: 0 };
    const to = from + this.#range - 1n < tip ? from + this.#range - 1n : tip;
    const found = await this.#fetch(from, to);
    if (found === undefined) return { behind: 1n, events: 0 };
    const events = await this.#index(found.triggers, found.last);
    this.handled += events;
    return { behind: tip - to, events };
  }

  /**
   * The logs of a range with the block that ends it, all of one fork: the range ends with the same block before and after.
   * Undefined when it does not, or the chain no longer has what it said.
   */
  async #fetch(from: bigint, to: bigint): Promise<{ triggers: readonly Trigger[]; last: BlockRef } | undefined> {
    const last = await this.#chain.block(to);
    if (last === undefined) return undefined;
    const logs = await this.#logs(from, to);
    if (logs === undefined) return undefined;
    const triggers = await this.#chain.triggers(logs);
    const isSame = (await this.#chain.block(to))?.hash === last.hash && (await this.#isOnChain(this.#head));
    return triggers === undefined || !isSame ? undefined : { triggers, last };
  }

  async #logs(from: bigint, to: bigint): Promise<MinedLog[] | undefined> {
    try {
      return await this.#chain.logs([...this.#subgraph.sources.keys()], from, to);
    } catch (error) {
      // Nodes bound ranges and answers, each in words of its own.
      if (to === from || this.#range <= SMALLEST_RANGE) throw error;
      this.#range /= 2n;
      return undefined;
    }
  }

  async #index(triggers: readonly Trigger[], last: BlockRef): Promise<number> {
    let [changes, blocks, events] = [[] as Change[], [] as BlockRef[], 0];
    for (const [number, ofBlock] of Map.groupBy(triggers, ({ block }) => block.number)) {
      const result = await this.#handlers.runBlock(ofBlock);
      events += result.handled;
      changes.push(...result.changes);
      const [first] = ofBlock;
      if (first !== undefined && number !== last.number) blocks.push(first.block);
      if (changes.length < BATCH) continue;
      await this.#write(changes, number === last.number ? [...blocks, last] : blocks);
      [changes, blocks] = [[], []];
    }
    await this.#write(changes, [...blocks, last]);
    return events;
  }

  async #write(changes: readonly Change[], blocks: readonly BlockRef[]): Promise<void> {
    try {
      await this.#database.write(changes, blocks);
    } catch (error) {
      this.#handlers.forget();
      throw error;
    }
    this.#handlers.trim();
    this.#head = blocks.at(-1) ?? this.#head;
  }

  async #isOnChain(block: BlockRef | undefined): Promise<boolean> {
    return block === undefined || (await this.#chain.block(block.number))?.hash === block.hash;
  }

  /** Goes back to the last known block that the chain still has. */
  async #revert(): Promise<void> {
    const before = this.#head;
    let below = (before?.number ?? 0n) + 1n;
    let common: BlockRef | undefined;
    search: for (;;) {
      const known = await this.#database.blocksBelow(below, STEP);
      for (const block of known) {
        if (await this.#isOnChain(block)) {
          common = block;
          break search;
        }
        below = block.number;
      }
      if (known.length === 0) break;
    }
    await this.#database.revertTo(common);
    this.#handlers.forget();
    this.#head = common;
    this.reverts++;
    this.#options.note(
      `the chain forked: back from block ${before?.number ?? 0n} to ${common?.number ?? "the beginning"}`,
    );
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
}
