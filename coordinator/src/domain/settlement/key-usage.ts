/** A period over which a cap counts, in calendar days and months of UTC; `total` never begins anew. */
export type Period = "day" | "month" | "total";

/** What one API key may do. JSON values only: it is part of a fact. Whatever is left out is not bounded by the key. */
export interface KeyLimits {
  readonly requestsPerMinute?: number;
  /** Ids of the models that it may ask for. */
  readonly models?: readonly string[];
  /** Most that it may spend in a period; wei as a decimal string. */
  readonly spend?: { readonly capWei: string; readonly period: Period };
  /** Most tokens, read and written, in a period. */
  readonly tokens?: { readonly cap: number; readonly period: Period };
}

/** What something costs at most, or did cost. */
export interface Usage {
  readonly wei: bigint;
  readonly tokens: number;
}

/** Why a key's caps do not allow something. */
export interface CapProblem {
  readonly kind: "spend" | "tokens";
  readonly period: Period;
  readonly needed: bigint;
  readonly left: bigint;
  /** Unix milliseconds at which the period ends; undefined for `total`. */
  readonly endsMs: number | undefined;
}

const periods = ["day", "month", "total"] as const;

/** Unix milliseconds at which the period around a moment begins, and the next one. */
function boundsOf(period: Period, atMs: number): { startMs: number; endsMs: number | undefined } {
  const at = new Date(atMs);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  switch (period) {
    case "day":
      return { startMs: Date.UTC(year, month, day), endsMs: Date.UTC(year, month, day + 1) };
    case "month":
      return { startMs: Date.UTC(year, month), endsMs: Date.UTC(year, month + 1) };
    case "total":
      return { startMs: 0, endsMs: undefined };
  }
}

/** What a key and those it was rotated into have used, and what their open attempts hold. */
export class KeyUsage {
  #heldWei = 0n;
  #heldTokens = 0;
  readonly #spent = new Map<Period, { startMs: number; wei: bigint; tokens: number }>();

  /** Holds more, or with negative amounts less. */
  hold({ wei, tokens }: Usage): void {
    this.#heldWei += wei;
    this.#heldTokens += tokens;
  }

  spend({ wei, tokens }: Usage, atMs: number): void {
    for (const period of periods) {
      const { startMs } = boundsOf(period, atMs);
      const known = this.#spent.get(period);
      // A clock that was set back counts into the later period: never less than was spent in it.
      const entry = known === undefined || known.startMs < startMs ? { startMs, wei: 0n, tokens: 0 } : known;
      entry.wei += wei;
      entry.tokens += tokens;
      this.#spent.set(period, entry);
    }
  }

  /** Spent in the period around `nowMs`. */
  spent(period: Period, nowMs: number): Usage {
    const known = this.#spent.get(period);
    const isOver = known === undefined || known.startMs < boundsOf(period, nowMs).startMs;
    return isOver ? { wei: 0n, tokens: 0 } : { wei: known.wei, tokens: known.tokens };
  }

  /** What open attempts may still cost. It counts into every period: they may end in the next one. */
  get held(): Usage {
    return { wei: this.#heldWei, tokens: this.#heldTokens };
  }

  /** The first cap that `most` would break; undefined when all of them hold even if everything open costs its most. */
  problemOf({ spend, tokens }: KeyLimits, most: Usage, nowMs: number): CapProblem | undefined {
    if (spend !== undefined) {
      const left = BigInt(spend.capWei) - this.spent(spend.period, nowMs).wei - this.#heldWei;
      if (most.wei > left) return problem("spend", spend.period, most.wei, left, nowMs);
    }
    if (tokens !== undefined) {
      const left = tokens.cap - this.spent(tokens.period, nowMs).tokens - this.#heldTokens;
      if (most.tokens > left) return problem("tokens", tokens.period, BigInt(most.tokens), BigInt(left), nowMs);
    }
    return undefined;
  }
}

function problem(kind: CapProblem["kind"], period: Period, needed: bigint, left: bigint, nowMs: number): CapProblem {
  return { kind, period, needed, left: left > 0n ? left : 0n, endsMs: boundsOf(period, nowMs).endsMs };
}
