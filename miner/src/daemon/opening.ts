import type { Hex } from "@lode/sdk/hash";
import { openTokens, tokenSide, type OpenedToken } from "@lode/sdk/merkle";
import type { ChainReader } from "../chain/chain.ts";
import { randomnessReady } from "../chain/court-watch.ts";
import { EventCursor } from "../chain/event-cursor.ts";
import type { MinerStore } from "./miner-store.ts";

/** `IDemands.Subject.Opening`. */
const subjectOpening = 3;

/**
 * What answers a demand to open tokens: those that were drawn, out of the miner's own records. Undefined while they are not drawn
 * yet, when the demand is of another kind or over, or when the output is not this miner's.
 */
export async function openingFor(
  { client, contracts }: ChainReader,
  store: MinerStore,
  id: bigint,
): Promise<OpenedToken[] | undefined> {
  const { subject, word, moment } = await client.readContract({
    ...contracts.demands,
    functionName: "demandOf",
    args: [id],
  });
  if (subject !== subjectOpening) return undefined;
  const state = await client.readContract({ ...contracts.randomness, functionName: "stateOf", args: [moment] });
  if (state !== randomnessReady) return undefined;
  const job = [...store.jobs.values()].find(({ receipt }) => receipt?.outputCommitment === word);
  const transcript = job && (await store.transcripts.find(job));
  if (transcript === undefined) return undefined;
  const [first, count] = await client.readContract({ ...contracts.demands, functionName: "rangeOf", args: [id] });
  const { jobSalt, outputIds, prefixIds } = transcript;
  const output = { jobSalt, side: tokenSide.output, ids: outputIds, firstPosition: prefixIds.length };
  return openTokens(output, first, count);
}

/** Follows the demands that tokens of one miner be opened. */
export class OpeningDemands {
  readonly #chain: ChainReader;
  readonly #miner: Hex;
  readonly #open = new Set<bigint>();
  readonly #cursor: EventCursor;

  constructor(chain: ChainReader, miner: Hex) {
    this.#chain = chain;
    this.#miner = miner;
    this.#cursor = new EventCursor(chain);
  }

  /** Demands that wait for an answer, also after a reorganisation of the chain. */
  async sync(): Promise<ReadonlySet<bigint>> {
    const { client, contracts } = this.#chain;
    await this.#cursor.read(
      async (range) => {
        for (const event of await client.getContractEvents({ ...contracts.demands, ...range, strict: true })) {
          const { eventName, args } = event;
          if (eventName === "DemandOpened") {
            if (args.subject === subjectOpening && args.accused.toLowerCase() === this.#miner) this.#open.add(args.id);
          } else if (eventName !== "FaultPunished") {
            this.#open.delete(args.id);
          }
        }
      },
      () => this.#open.clear(),
    );
    return this.#open;
  }
}
