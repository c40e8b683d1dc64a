import { randomBytes } from "node:crypto";
import { LodeError } from "@lode/sdk/errors";
import type { Hex } from "@lode/sdk/hash";
import { limits, type AnyPrompt, type MinerMessage } from "@lode/protocol";
import { failureOf, failureText, hopeless, type FailureCode } from "../../../domain/jobs/failure.ts";
import type { MinerSession } from "./session.ts";

type Word = Extract<MinerMessage, { type: "counted" | "uncounted" }>;

interface Open {
  readonly session: MinerSession;
  readonly resolve: (answer: number | FailureCode) => void;
}

/** A tokenizer takes milliseconds; a miner that takes longer is asked no further. */
const patienceMs = 5_000;
/** Miners that are asked for one count. */
const mostAsked = 3;

/** Nobody told a prompt's tokens. */
export class CountError extends LodeError {
  override readonly name = "CountError";
}

/**
 * Asks miners how many tokens a prompt has: they have the model's tokenizer and template. It is unpaid and unsigned, one miner's word; what
 * a job is billed for is counted anew.
 */
export class CountDesk {
  readonly #sessions: () => Iterable<MinerSession>;
  readonly #open = new Map<Hex, Open>();

  constructor(sessions: () => Iterable<MinerSession>) {
    this.#sessions = sessions;
  }

  /**
   * A prompt's tokens as a model reads them. Throws CountError: `not_counted` where nobody with this model counts, `bad_request`
   * where a miner's model cannot take the prompt, `no_miner` where those who count are all busy or silent, retryable.
   */
  async ask(model: Hex, prompt: AnyPrompt): Promise<number> {
    if (![...this.#sessions()].some((session) => session.offers(model)?.counts === true)) {
      throw new CountError("not_counted", "Nobody who serves this model counts tokens; an answer's usage tells them.");
    }
    const asked = new Set<Hex>();
    for (let tries = 0; tries < mostAsked; tries++) {
      const session = this.#next(model, asked);
      if (session === undefined) break;
      asked.add(session.miner);
      const answer = await this.#askOne(session, model, prompt);
      if (typeof answer === "number") return answer;
      if (hopeless.has(answer))
        throw new CountError("bad_request", `The prompt is not counted: ${failureText[answer]}.`);
    }
    throw new CountError("no_miner", "No miner has time to count tokens; try again in a moment.", { retryable: true });
  }

  /** A miner's word on what it was asked. */
  onWord(session: MinerSession, word: Word): void {
    const open = this.#open.get(word.id.toLowerCase() as Hex);
    if (open?.session !== session) return;
    open.resolve(word.type === "counted" ? word.tokens : failureOf(word.code));
  }

  /** A miner is gone, and with it what it was asked. */
  onGone(session: MinerSession): void {
    for (const open of this.#open.values()) if (open.session === session) open.resolve("link_closed");
  }

  /** Of those that have time, one with the model loaded and the fewest questions. */
  #next(model: Hex, asked: ReadonlySet<Hex>): MinerSession | undefined {
    const open = (session: MinerSession): number =>
      [...this.#open.values()].filter((one) => one.session === session).length;
    return [...this.#sessions()]
      .flatMap((session) => {
        const offered = session.offers(model);
        const isAble = !session.isGone && !session.isQuiet && !asked.has(session.miner) && offered?.counts === true;
        return isAble ? [{ session, open: open(session), loadMs: session.loadMsOf(offered) }] : [];
      })
      .filter((one) => one.open < limits.counting)
      .sort((one, other) => one.loadMs - other.loadMs || one.open - other.open)[0]?.session;
  }

  async #askOne(session: MinerSession, model: Hex, prompt: AnyPrompt): Promise<number | FailureCode> {
    const id: Hex = `0x${randomBytes(32).toString("hex")}`;
    const { promise, resolve } = Promise.withResolvers<number | FailureCode>();
    const timeout = setTimeout(() => resolve("silent"), patienceMs);
    this.#open.set(id, { session, resolve });
    try {
      session.send({ type: "count", id, model, prompt });
      return await promise;
    } finally {
      clearTimeout(timeout);
      this.#open.delete(id);
    }
  }
}
