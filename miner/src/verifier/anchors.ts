import { anchorEvidence, type AnchorEvidence, type ShownAnchor } from "@lode/sdk/audit";
import type { Hex } from "@lode/sdk/hash";
import type { ChainReader } from "../chain/chain.ts";

/** Blocks in one request for events: what public endpoints allow. */
const span = 10_000n;

/** Follows the anchors of one coordinator. */
export class AnchorHistory {
  readonly #chain: ChainReader;
  readonly #coordinator: Hex;
  readonly #anchors: ShownAnchor[] = [];
  #next: bigint;

  constructor(chain: ChainReader, coordinator: Hex) {
    this.#chain = chain;
    this.#coordinator = coordinator;
    this.#next = BigInt(chain.addresses.deployedAtBlock);
  }

  get head(): ShownAnchor | undefined {
    return this.#anchors.at(-1);
  }

  /** Reads what was anchored since the last call. */
  async sync(): Promise<void> {
    const { client, contracts } = this.#chain;
    const last = await client.getBlockNumber({ cacheTime: 0 });
    while (this.#next <= last) {
      const toBlock = this.#next + span - 1n < last ? this.#next + span - 1n : last;
      const events = await client.getContractEvents({
        ...contracts.ledger,
        eventName: "Anchored",
        args: { coordinator: this.#coordinator },
        fromBlock: this.#next,
        toBlock,
        strict: true,
      });
      for (const { args, blockNumber } of events) {
        const { root, liabilitiesRoot, nextNonceHash, epoch, size } = args;
        const { timestamp: anchoredAt } = await client.getBlock({ blockNumber });
        this.#anchors.push({ root, liabilitiesRoot, nextNonceHash, epoch, size, anchoredAt });
      }
      this.#next = toBlock + 1n;
    }
  }

  at(epoch: bigint): ShownAnchor | undefined {
    return this.#anchors.find((anchor) => anchor.epoch === epoch);
  }

  /** What shows that an epoch's anchor was made; undefined when it is not known here. */
  evidence(epoch: bigint): AnchorEvidence | undefined {
    return anchorEvidence(this.#anchors, epoch);
  }
}
