import { concat, hexToBytes, keccak, type Hex } from "@lode/sdk/hash";
import type { ChainReader } from "../chain/chain.ts";

/** One anchor as the contracts take it for evidence. */
export interface ShownAnchor {
  readonly root: Hex;
  readonly liabilitiesRoot: Hex;
  readonly nextNonceHash: Hex;
  readonly epoch: bigint;
  readonly size: bigint;
  readonly anchoredAt: bigint;
}

/** Blocks in one request for events: what public endpoints allow. */
const span = 10_000n;
const nothing: Hex = `0x${"00".repeat(32)}`;

function word(value: bigint): Uint8Array {
  return hexToBytes(`0x${value.toString(16).padStart(64, "0")}`);
}

/** The ledger's commitment after an anchor, given the one before it. */
export function extendAnchors(previous: Hex, anchor: ShownAnchor): Hex {
  const { root, liabilitiesRoot, nextNonceHash, epoch, size, anchoredAt } = anchor;
  const hashes = [previous, root, liabilitiesRoot, nextNonceHash].map(hexToBytes);
  return keccak(concat(...hashes, word(epoch), word(size), word(anchoredAt)));
}

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

  /** What shows that an epoch's anchor was made: the commitment before it, and all anchors from it to the newest. */
  evidence(epoch: bigint): { readonly previous: Hex; readonly anchors: readonly ShownAnchor[] } {
    let previous = nothing;
    const first = this.#anchors.findIndex((anchor) => anchor.epoch === epoch);
    for (const anchor of this.#anchors.slice(0, Math.max(first, 0))) previous = extendAnchors(previous, anchor);
    return { previous, anchors: first < 0 ? [] : this.#anchors.slice(first) };
  }
}
