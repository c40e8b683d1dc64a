import { randomBytes } from "node:crypto";
import { LodeError } from "@lode/sdk/errors";
import type { Hex } from "@lode/sdk/hash";
import type { MinerMessage } from "@lode/protocol";
import type { MinerSession } from "./session.ts";

/** What a miner is asked to prove: a job of ZkJobs, and the input that its commitment hides. */
export interface ProofRequest {
  readonly job: bigint;
  readonly features: Hex;
  readonly salt: Hex;
}

type Word = Extract<MinerMessage, { type: "proved" | "unproved" }>;

interface Open {
  readonly session: MinerSession;
  readonly resolve: (transaction: Hex) => void;
  readonly reject: (error: LodeError) => void;
}

/** How long a miner may take to prove, send and see its transaction in a block. */
const patienceMs = 180_000;

/**
 * Hands classifications to miners that prove them, one after the other until one says that it was paid. Nothing that they say
 * is believed: the chain tells what the answer is.
 */
export class ProofDesk {
  readonly #sessions: () => Iterable<MinerSession>;
  readonly #open = new Map<Hex, Open>();

  constructor(sessions: () => Iterable<MinerSession>) {
    this.#sessions = sessions;
  }

  /**
   * The transaction that a miner says answered the job. Throws LodeError: `no_prover` when nobody proves here or everybody
   * failed, retryable; the signal's reason when it aborts.
   */
  async ask(request: ProofRequest, signal: AbortSignal): Promise<Hex> {
    const tried = new Set<Hex>();
    let last: LodeError | undefined;
    for (;;) {
      signal.throwIfAborted();
      const session = this.#next(tried);
      if (session === undefined) {
        const message = last?.message ?? "No miner here proves classifications now; try again later.";
        throw new LodeError("no_prover", message, { retryable: true, cause: last });
      }
      tried.add(session.miner);
      try {
        return await this.#askOne(session, request, signal);
      } catch (error) {
        if (!(error instanceof LodeError)) throw error;
        last = error;
      }
    }
  }

  /** A miner's word on what it was asked. */
  onWord(session: MinerSession, word: Word): void {
    const open = this.#open.get(word.id.toLowerCase() as Hex);
    if (open?.session !== session) return;
    if (word.type === "proved") open.resolve(word.transaction.toLowerCase() as Hex);
    else open.reject(new LodeError("unproved", `The miner ${session.miner} made no proof: ${word.message}`));
  }

  /** A miner is gone, and with it what it was asked. */
  onGone(session: MinerSession): void {
    for (const open of this.#open.values()) {
      if (open.session === session) open.reject(new LodeError("unproved", `The miner ${session.miner} is gone.`));
    }
  }

  /** The miner with the fewest open requests that was not tried. */
  #next(tried: ReadonlySet<Hex>): MinerSession | undefined {
    const load = (session: MinerSession): number =>
      [...this.#open.values()].filter((open) => open.session === session).length;
    return [...this.#sessions()]
      .filter(({ miner, capabilities, isGone }) => !isGone && !tried.has(miner) && capabilities.proves === true)
      .sort((one, other) => load(one) - load(other))[0];
  }

  async #askOne(session: MinerSession, { job, features, salt }: ProofRequest, signal: AbortSignal): Promise<Hex> {
    const id: Hex = `0x${randomBytes(32).toString("hex")}`;
    const { promise, resolve, reject } = Promise.withResolvers<Hex>();
    const abort = (): void => reject(signal.reason as LodeError);
    const timeout = setTimeout(
      () => reject(new LodeError("unproved", `The miner ${session.miner} took too long.`)),
      patienceMs,
    );
    this.#open.set(id, { session, resolve, reject });
    signal.addEventListener("abort", abort, { once: true });
    try {
      session.send({ type: "prove", id, job: job.toString(), features, salt });
      return await promise;
    } finally {
      clearTimeout(timeout);
      signal.removeEventListener("abort", abort);
      this.#open.delete(id);
    }
  }
}
