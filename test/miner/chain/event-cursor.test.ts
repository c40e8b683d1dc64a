import { describe, expect, it } from "vitest";
import type { Hex } from "@lode/sdk/hash";
import { contractsOf, type ChainReader } from "../../../miner/src/chain/chain.ts";
import { CourtWatch } from "../../../miner/src/chain/court-watch.ts";
import { AnchorHistory } from "../../../miner/src/chain/anchors.ts";
import { addresses, miner, operator, word } from "../../coordinator/fixture.ts";

interface FakeEvent {
  readonly eventName: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A chain of blocks with events, which a test can replace and make fail. */
class FakeBlocks {
  /** From block 0 on. */
  blocks: { readonly hash: Hex; readonly events: readonly FakeEvent[] }[] = [];
  /** Questions for blocks that are answered before one fails; Infinity for none. */
  answers = Infinity;
  #made = 0;

  add(...events: FakeEvent[]): void {
    this.blocks.push({ hash: word(`block ${this.#made++}`), events });
  }

  get reader(): ChainReader {
    const client = {
      getBlockNumber: async () => BigInt(this.blocks.length - 1),
      getBlock: async ({ blockNumber }: { blockNumber: bigint }) => {
        if (this.answers-- <= 0) throw new Error("the node is away");
        return { hash: this.blocks[Number(blockNumber)]!.hash, timestamp: blockNumber };
      },
      getContractEvents: async ({ fromBlock, toBlock }: { fromBlock: bigint; toBlock: bigint }) =>
        this.blocks.flatMap(({ events }, number) => {
          const blockNumber = BigInt(number);
          return blockNumber < fromBlock || blockNumber > toBlock ? [] : events.map((one) => ({ ...one, blockNumber }));
        }),
    };
    const at = { ...addresses, deployedAtBlock: 0 };
    return { client, contracts: contractsOf(at), addresses: at } as unknown as ChainReader;
  }
}

const anchored = (epoch: number): FakeEvent => {
  const [root, liabilitiesRoot, nextNonceHash] = [word(`root ${epoch}`), word("owed"), word("nonce")];
  const at = { epoch: BigInt(epoch), size: BigInt(epoch) };
  return { eventName: "Anchored", args: { ...at, root, liabilitiesRoot, nextNonceHash } };
};
const filed = (id: number): FakeEvent => {
  const args = { id: BigInt(id), accused: miner.address, challenger: operator.address, receipt: word(`receipt ${id}`) };
  return { eventName: "CaseFiled", args };
};

describe("following the chain", () => {
  it("reads an anchor once, although the node went away behind it", async () => {
    const chain = new FakeBlocks();
    for (const epoch of [1, 2]) chain.add(anchored(epoch));
    const history = new AnchorHistory(chain.reader, operator.address);
    // The range's last block and the first anchor's are told, the second anchor's is not.
    chain.answers = 2;
    await expect(history.sync()).rejects.toThrow("the node is away");
    chain.answers = Infinity;
    await history.sync();
    expect(history.evidence(1n)?.anchors.map(({ epoch }) => epoch)).toEqual([1n, 2n]);
  });

  it("sees the case that a reorganisation brought into a block which was read already", async () => {
    const chain = new FakeBlocks();
    chain.add();
    chain.add(filed(1));
    chain.add();
    const watch = new CourtWatch(chain.reader);
    await watch.sync();
    expect(watch.open().map(({ id }) => id)).toEqual([1n]);
    chain.blocks.splice(1);
    // Nothing is known of what is shorter than what was read: the node may only be behind.
    await watch.sync();
    expect(watch.open().map(({ id }) => id)).toEqual([1n]);
    chain.add(filed(2));
    chain.add();
    chain.add();
    await watch.sync();
    expect(watch.open().map(({ id }) => id)).toEqual([2n]);
  });

  it("reads nothing twice for those who ask at the same time", async () => {
    const chain = new FakeBlocks();
    const drawn = { coordinator: operator.address, epoch: 1n, moment: 1n };
    chain.add({ eventName: "DrawScheduled", args: drawn });
    const watch = new CourtWatch(chain.reader);
    await Promise.all([watch.sync(), watch.sync()]);
    expect(watch.draws).toHaveLength(1);
  });
});
