import type { Hex } from "@lode/sdk/hash";
import type { Signer } from "@lode/sdk/keys";
import { signerOfLetter, writeLetter, type SignedLetter } from "@lode/sdk/letters";
import type { Domain } from "@lode/sdk/typed-data";
import type { ChainReader } from "../chain/chain.ts";
import type { CourtWatch } from "../chain/court-watch.ts";
import {
  Desk,
  DisclosureError,
  isQuestion,
  openDisclosure,
  type Carrier,
  type Disclosure,
} from "../disclosure/index.ts";
import type { VerifierEvent } from "./events.ts";

export interface LettersOptions {
  readonly chain: ChainReader;
  readonly watch: CourtWatch;
  readonly domain: Domain;
  readonly self: Hex;
  readonly signer: Signer;
  /** Coordinators, the cheapest way first. */
  readonly carriers: readonly Carrier[];
  /** The way that costs gas and needs nobody. */
  readonly lastCarrier: Carrier;
  /**
   * Whether a receipt's transcript is of any use here. Every staked miner can write to a verifier, and what nobody wants would fill its
   * memory.
   */
  readonly isWanted: (receipt: Hex) => boolean;
  /** A question is written again when it was not answered for so long. */
  readonly patienceMs: number;
  readonly nowMs: () => number;
  /** Milliseconds since any moment, by a clock that is never set. */
  readonly steadyMs: () => number;
  readonly emit: (event: VerifierEvent) => void;
}

interface Asked {
  lastMs: number;
  times: number;
}

/** Asks for transcripts, takes them in, and hands them on to whoever else is entitled to them. */
export class Letters {
  readonly #options: LettersOptions;
  readonly #desk: Desk;
  /** In memory only: after a restart they are asked for again, and nobody's words stay on this disk. */
  readonly #disclosures = new Map<Hex, Disclosure>();
  readonly #asked = new Map<string, Asked>();

  constructor(options: LettersOptions) {
    this.#options = options;
    this.#desk = new Desk({
      ...options,
      find: async (receipt) => this.#disclosures.get(receipt),
      warn: (message) => options.emit({ event: "warning", message }),
    });
  }

  get(receipt: Hex): Disclosure | undefined {
    return this.#disclosures.get(receipt);
  }

  /** A receipt is done with: what was said in it is forgotten. */
  forget(receipt: Hex): void {
    this.#disclosures.delete(receipt);
  }

  /**
   * Asks somebody for a receipt's transcript, again when there was time to answer.
   * @param onChain from the second time on also by a transaction
   */
  async ask(receipt: Hex, whom: Hex, { onChain }: { onChain: boolean }): Promise<void> {
    const { carriers, lastCarrier, patienceMs, nowMs, steadyMs, signer, domain, self, emit } = this.#options;
    const key = `${receipt} ${whom}`;
    const asked = this.#asked.get(key) ?? { lastMs: -Infinity, times: 0 };
    if (steadyMs() - asked.lastMs < patienceMs) return;
    this.#asked.set(key, { lastMs: steadyMs(), times: asked.times + 1 });
    const question = { from: self, to: whom, about: receipt, body: new Uint8Array(0), timestampMs: nowMs() };
    const letter = writeLetter(signer, domain, question);
    const sent = await Promise.allSettled(carriers.map((carrier) => carrier.send(letter)));
    const isStuck = asked.times > 0 || sent.every(({ status }) => status === "rejected");
    // Once: a transaction does not get lost.
    if (!onChain || !isStuck || this.#asked.has(`${key} chain`)) return;
    this.#asked.set(`${key} chain`, { lastMs: steadyMs(), times: 1 });
    await lastCarrier.send(letter).catch((error: unknown) => {
      this.#asked.delete(`${key} chain`);
      emit({ event: "warning", message: `the question could not be put on the chain: ${sentence(error)}` });
    });
  }

  /** Reads what came: answers are checked and kept, questions answered. A way that fails now is tried again. */
  async collect(): Promise<void> {
    const { carriers, lastCarrier, self } = this.#options;
    for (const carrier of [...carriers, lastCarrier]) {
      const letters = await carrier.receive(self).catch(() => []);
      for (const letter of letters) await this.#take(letter, carrier);
    }
  }

  async #take(letter: SignedLetter, carrier: Carrier): Promise<void> {
    const { emit, domain, signer, isWanted } = this.#options;
    const { about, from } = letter;
    if (isQuestion(letter)) {
      if (!this.#disclosures.has(about)) return;
      if (await this.#desk.answer(letter, carrier)) emit({ event: "handed-on", receipt: about, to: from });
      return;
    }
    if (this.#disclosures.has(about) || !isWanted(about)) return;
    try {
      // Whoever it is from: only the receipt's own transcript opens its commitments.
      signerOfLetter(domain, letter);
      this.#disclosures.set(about, openDisclosure(signer, domain, about, Buffer.from(letter.body, "base64")));
      emit({ event: "disclosed", receipt: about, way: carrier.name });
    } catch (error) {
      const what = error instanceof DisclosureError ? error.message : "it cannot be read";
      emit({ event: "warning", message: `${from} sent a transcript for ${about} that is none: ${what}` });
    }
  }
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
