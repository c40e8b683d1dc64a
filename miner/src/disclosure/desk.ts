import type { Hex } from "@lode/sdk/hash";
import type { Signer } from "@lode/sdk/keys";
import { signerOfLetter, writeLetter, type SignedLetter } from "@lode/sdk/letters";
import type { Domain } from "@lode/sdk/typed-data";
import type { ChainReader } from "../chain/chain.ts";
import type { CourtWatch } from "../chain/court-watch.ts";
import type { Carrier } from "./carrier.ts";
import { sealDisclosure, type Disclosure } from "./disclosure.ts";
import { isEntitled, type IsLot } from "./entitled.ts";

export interface DeskOptions {
  readonly chain: ChainReader;
  readonly watch: CourtWatch;
  readonly domain: Domain;
  /** Who answers, and the key that acts for it. */
  readonly self: Hex;
  readonly signer: Signer;
  /** What it holds about a receipt. */
  readonly find: (receipt: Hex) => Promise<Disclosure | undefined>;
  /** Of its own receipts; nothing is a lot unless given. */
  readonly isLot?: IsLot | undefined;
  readonly nowMs: () => number;
  readonly warn: (message: string) => void;
}

/** Questions whose answers are remembered: a repeated one is answered again only when it was written anew. */
const remembered = 1024;

/** Answers questions for transcripts, each for the one who asked alone, and only those whom a draw or a case entitles. */
export class Desk {
  readonly #options: DeskOptions;
  readonly #answered = new Set<Hex>();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Answers a question by the way that it came. Never rejects: one bad letter must not stop the others. */
  async answer(question: SignedLetter, carrier: Carrier): Promise<boolean> {
    const { warn } = this.#options;
    if (this.#answered.has(question.signature)) return false;
    try {
      const answer = await this.#answerTo(question);
      if (answer === undefined) return false;
      await carrier.send(answer);
      this.#answered.add(question.signature);
      const [oldest] = this.#answered;
      if (this.#answered.size > remembered && oldest !== undefined) this.#answered.delete(oldest);
      return true;
    } catch (error) {
      warn(`a question for a transcript could not be answered: ${error instanceof Error ? error.message : "?"}`);
      return false;
    }
  }

  async #answerTo({ from, about, ...rest }: SignedLetter): Promise<SignedLetter | undefined> {
    const { chain, watch, domain, self, signer, find, isLot, nowMs } = this.#options;
    const { publicKey, address } = signerOfLetter(domain, { from, about, ...rest });
    const { client, contracts } = chain;
    const operator = await client.readContract({ ...contracts.staking, functionName: "operatorOf", args: [from] });
    if (operator.toLowerCase() !== address) return undefined;
    const disclosure = await find(about);
    if (disclosure === undefined || !(await isEntitled(watch, from, about, disclosure, isLot))) return undefined;
    const body = sealDisclosure(disclosure, publicKey);
    return writeLetter(signer, domain, { from: self, to: from, about, body, timestampMs: nowMs() });
  }
}

/** Whether a letter asks, or answers. */
export function isQuestion({ body }: SignedLetter): boolean {
  return body === "";
}
