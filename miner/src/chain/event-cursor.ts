import type { Hex } from "@lode/sdk/hash";
import type { ChainReader } from "./chain.ts";

/** Blocks in one request for events: what public endpoints allow. */
const span = 10_000n;

export interface BlockRange {
  readonly fromBlock: bigint;
  readonly toBlock: bigint;
}

/** How far a chain was read. Every block is read once, until a reorganisation replaces one: then all of them are read again. */
export class EventCursor {
  readonly #client: Pick<ChainReader["client"], "getBlock" | "getBlockNumber">;
  readonly #first: bigint;
  #next: bigint;
  /** Of the last block that was read. */
  #hash: Hex | undefined;
  #reading: Promise<void> | undefined;

  constructor({ client, addresses }: Pick<ChainReader, "client" | "addresses">) {
    this.#client = client;
    this.#first = this.#next = BigInt(addresses.deployedAtBlock);
  }

  /**
   * Reads what is new. Calls that come together are one. Rejects as `take` does, and as the chain does.
   * @param take a range whose reading rejects is read again at the next call, so that it must change nothing before it is done
   * @param forget what was read before is not the chain's history any more
   */
  read(take: (range: BlockRange) => Promise<void>, forget: () => void): Promise<void> {
    return (this.#reading ??= this.#read(take, forget).finally(() => {
      this.#reading = undefined;
    }));
  }

  async #read(take: (range: BlockRange) => Promise<void>, forget: () => void): Promise<void> {
    const last = await this.#client.getBlockNumber({ cacheTime: 0 });
    const read = this.#next - 1n;
    // A node that is behind the one asked before knows nothing new, and of nothing that changed.
    if (last < read) return;
    if (this.#hash !== undefined && (await this.#hashOf(read)) !== this.#hash) {
      this.#next = this.#first;
      this.#hash = undefined;
      forget();
    }
    while (this.#next <= last) {
      const fromBlock = this.#next;
      const toBlock = fromBlock + span - 1n < last ? fromBlock + span - 1n : last;
      // Before its events: should it be replaced in between, the next call sees another one.
      const hash = await this.#hashOf(toBlock);
      await take({ fromBlock, toBlock });
      this.#next = toBlock + 1n;
      this.#hash = hash;
    }
  }

  async #hashOf(blockNumber: bigint): Promise<Hex> {
    return (await this.#client.getBlock({ blockNumber })).hash;
  }
}
