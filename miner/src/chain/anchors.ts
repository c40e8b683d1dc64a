import { anchorEvidence, type AnchorEvidence, type ShownAnchor } from "@lode/sdk/audit";
import type { Hex } from "@lode/sdk/hash";
import type { ChainReader } from "./chain.ts";
import { EventCursor } from "./event-cursor.ts";

/** Follows the anchors of one coordinator. */
export class AnchorHistory {
  readonly #chain: ChainReader;
  readonly #coordinator: Hex;
  readonly #anchors: ShownAnchor[] = [];
  readonly #cursor: EventCursor;

  constructor(chain: ChainReader, coordinator: Hex) {
    this.#chain = chain;
    this.#coordinator = coordinator;
    this.#cursor = new EventCursor(chain);
  }

  get head(): ShownAnchor | undefined {
    return this.#anchors.at(-1);
  }

  /** Reads what was anchored since the last call; all of it again when a reorganisation changed what was read. */
  sync(): Promise<void> {
    const { client, contracts } = this.#chain;
    return this.#cursor.read(
      async (range) => {
        const events = await client.getContractEvents({
          ...contracts.ledger,
          eventName: "Anchored",
          args: { coordinator: this.#coordinator },
          ...range,
          strict: true,
        });
        const anchors: ShownAnchor[] = [];
        for (const { args, blockNumber } of events) {
          const { root, liabilitiesRoot, nextNonceHash, epoch, size } = args;
          const { timestamp: anchoredAt } = await client.getBlock({ blockNumber });
          anchors.push({ root, liabilitiesRoot, nextNonceHash, epoch, size, anchoredAt });
        }
        // All or none: one that stood here twice would spoil all evidence.
        this.#anchors.push(...anchors);
      },
      () => {
        this.#anchors.length = 0;
      },
    );
  }

  at(epoch: bigint): ShownAnchor | undefined {
    return this.#anchors.find((anchor) => anchor.epoch === epoch);
  }

  /** What shows that an epoch's anchor was made; undefined when it is not known here. */
  evidence(epoch: bigint): AnchorEvidence | undefined {
    return anchorEvidence(this.#anchors, epoch);
  }
}
