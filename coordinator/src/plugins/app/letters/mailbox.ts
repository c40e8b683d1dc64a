import { signerOfLetter, type SignedLetter } from "@lode/sdk/letters";
import type { Hex } from "@lode/sdk/hash";
import { ledgerDomain, type Domain } from "@lode/sdk/typed-data";
import { ApiError } from "../../../errors.ts";
import type { Chain } from "../chain/chain.ts";

interface Kept {
  readonly sequence: number;
  readonly letter: SignedLetter;
  readonly bytes: number;
  readonly untilMs: number;
}

/** Cases open for four days, and take two more. */
const keptMs = 6 * 86_400_000;
/** How far a sender's clock may be off. */
const clockMs = 10 * 60_000;
/** Letters that one sender may leave, and their size together, over however many recipients; and the size of all together. */
const usualBounds = { letters: 256, bytes: 16 * 1024 * 1024, totalBytes: 128 * 1024 * 1024 };

/**
 * Letters between stakers, until they are fetched by whoever polls for them. In memory: senders write again until they are
 * answered, so a restart loses nothing but time. Only stakers write, within bounds; the oldest letter goes first.
 */
export class Mailbox {
  readonly #chain: Pick<Chain, "miner" | "addresses">;
  readonly #domain: Domain;
  readonly #nowMs: () => number;
  readonly #bounds: typeof usualBounds;
  /** By sequence, oldest first. */
  readonly #letters = new Map<number, Kept>();
  readonly #known = new Set<string>();
  #sequence: number;
  #bytes = 0;

  constructor(chain: Pick<Chain, "miner" | "addresses">, nowMs: () => number, bounds = usualBounds) {
    this.#bounds = bounds;
    this.#chain = chain;
    this.#domain = ledgerDomain(chain.addresses);
    this.#nowMs = nowMs;
    // A cursor from before a restart must not hide what came after it.
    this.#sequence = nowMs() * 1000;
  }

  /** Takes a letter in. Throws ApiError. */
  async put(letter: SignedLetter): Promise<void> {
    const now = this.#nowMs();
    if (Math.abs(letter.timestampMs - now) > clockMs) {
      throw new ApiError(400, "wrong_time", "The letter's time is more than ten minutes off; check the clock.");
    }
    let signer: Hex;
    try {
      signer = signerOfLetter(this.#domain, letter).address;
    } catch (cause) {
      throw new ApiError(400, "bad_signature", "The letter's signature is none.", { cause });
    }
    // Not whether its stake is active: who was slashed below the minimum must still answer for its other receipts.
    const { operator } = await this.#chain.miner(letter.from);
    if (operator !== signer) {
      throw new ApiError(403, "not_staked", "Letters are taken from the operators of staked miners only.");
    }
    if (this.#known.has(letter.signature)) return;
    this.#makeRoom(letter.from, letter.body.length, now);
    const sequence = ++this.#sequence;
    this.#letters.set(sequence, { sequence, letter, bytes: letter.body.length, untilMs: now + keptMs });
    this.#known.add(letter.signature);
    this.#bytes += letter.body.length;
  }

  /** Letters to an address behind `after`, the oldest first. */
  read(to: Hex, after: number, most: number): { letters: SignedLetter[]; next: number } {
    const now = this.#nowMs();
    const letters: SignedLetter[] = [];
    // A cursor from before a restart, of a clock that was ahead: it must not hide what came since.
    if (after > this.#sequence) after = 0;
    let next = after;
    for (const { sequence, letter, untilMs } of this.#letters.values()) {
      if (sequence <= after || letter.to !== to || untilMs < now) continue;
      if (letters.length === most) break;
      letters.push(letter);
      next = sequence;
    }
    return { letters, next };
  }

  #makeRoom(sender: Hex, bytes: number, now: number): void {
    for (const kept of [...this.#letters.values()]) if (kept.untilMs < now) this.#drop(kept);
    const own = [...this.#letters.values()].filter(({ letter }) => letter.from === sender);
    let ownBytes = own.reduce((sum, kept) => sum + kept.bytes, bytes);
    while (own.length >= this.#bounds.letters || (ownBytes > this.#bounds.bytes && own.length > 0)) {
      const oldest = own.shift();
      if (oldest === undefined) break;
      ownBytes -= oldest.bytes;
      this.#drop(oldest);
    }
    for (const kept of this.#letters.values()) {
      if (this.#bytes + bytes <= this.#bounds.totalBytes) break;
      this.#drop(kept);
    }
  }

  #drop({ sequence, letter, bytes }: Kept): void {
    this.#letters.delete(sequence);
    this.#known.delete(letter.signature);
    this.#bytes -= bytes;
  }
}
