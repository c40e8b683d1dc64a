import type { Hex } from "@lode/sdk/hash";
import { figures } from "../figures.ts";

/** Slots of a model that are kept for a client during a time. */
export interface Booking {
  readonly id: string;
  readonly client: Hex;
  readonly modelDigest: Hex;
  readonly slots: number;
  /** Unix milliseconds; the end is not part of it. */
  readonly fromMs: number;
  readonly toMs: number;
}

export type BookingProblem = "too_soon" | "too_long" | "too_far" | "empty" | "too_many" | "no_room";

const rules = figures.bookings;

/**
 * Who has booked what. It knows times and slots, nothing of money or miners. Whether a booking is used follows from facts alone, so that a
 * restart finds the same ones lapsed.
 */
export class Calendar {
  readonly #bookings = new Map<string, Booking>();
  /** When the last use of a booking ended. */
  readonly #usedMs = new Map<string, number>();
  /** Attempts of a client with a model that run. */
  readonly #open = new Map<string, number>();

  get size(): number {
    return this.#bookings.size;
  }

  get(id: string): Booking | undefined {
    return this.#bookings.get(id);
  }

  of(client: Hex): Booking[] {
    return [...this.#bookings.values()].filter((booking) => booking.client === client);
  }

  /** Why a booking cannot be had; undefined when it can. @param totalSlots of the model now */
  problem(wanted: Omit<Booking, "id">, totalSlots: number, nowMs: number): BookingProblem | undefined {
    const { client, modelDigest, slots, fromMs, toMs } = wanted;
    if (!(toMs > fromMs) || slots < 1) return "empty";
    if (fromMs < nowMs + rules.leadSeconds.value * 1000) return "too_soon";
    if (toMs - fromMs > rules.mostHours.value * 3_600_000) return "too_long";
    if (fromMs > nowMs + rules.daysAhead.value * 86_400_000) return "too_far";
    if (this.of(client).filter((one) => one.toMs > nowMs).length >= rules.mostAhead.value) return "too_many";
    const all = [...this.#bookings.values()].filter((one) => one.fromMs < toMs && one.toMs > fromMs);
    const own = all.filter((one) => one.client === client).reduce((sum, one) => sum + one.slots, 0);
    if (own + slots > rules.mostPerClient.value) return "too_many";
    const most = peak(all.filter((one) => one.modelDigest === modelDigest));
    return most + slots > Math.floor(totalSlots * rules.share.value) ? "no_room" : undefined;
  }

  add(booking: Booking): void {
    this.#bookings.set(booking.id, booking);
  }

  cancel(id: string): boolean {
    this.#usedMs.delete(id);
    return this.#bookings.delete(id);
  }

  /** A client's attempt began. What it had booked and left unused too long is over: using it again does not bring it back. */
  begin(client: Hex, modelDigest: Hex, atMs: number): void {
    if (this.#bookings.size > 0) {
      for (const one of this.#ofModel(client, modelDigest)) if (this.#hasLapsed(one, atMs)) this.cancel(one.id);
    }
    const key = client + modelDigest;
    this.#open.set(key, (this.#open.get(key) ?? 0) + 1);
  }

  /** One that had begun is over: until now what its client booked was in use. */
  end(client: Hex, modelDigest: Hex, atMs: number): void {
    const key = client + modelDigest;
    const left = (this.#open.get(key) ?? 0) - 1;
    if (left > 0) this.#open.set(key, left);
    else this.#open.delete(key);
    if (this.#bookings.size === 0) return;
    for (const { id } of this.#ofModel(client, modelDigest)) this.#usedMs.set(id, atMs);
  }

  /** Slots of a model that somebody else's bookings keep from a client now. @param runningOf jobs of a client that run now */
  keptFrom(client: Hex, modelDigest: Hex, nowMs: number, runningOf: (client: Hex) => number): number {
    const slots = new Map<Hex, number>();
    for (const one of this.#bookings.values()) {
      const isNow = one.modelDigest === modelDigest && one.fromMs <= nowMs && one.toMs > nowMs;
      if (!isNow || one.client === client || this.#hasLapsed(one, nowMs)) continue;
      slots.set(one.client, (slots.get(one.client) ?? 0) + one.slots);
    }
    return [...slots].reduce((sum, [other, booked]) => sum + Math.max(0, booked - runningOf(other)), 0);
  }

  /** Forgets what is over, and what lapsed. */
  sweep(nowMs: number): void {
    for (const one of this.#bookings.values())
      if (one.toMs <= nowMs || this.#hasLapsed(one, nowMs)) this.cancel(one.id);
  }

  #ofModel(client: Hex, modelDigest: Hex): Booking[] {
    return this.of(client).filter((one) => one.modelDigest === modelDigest);
  }

  /** A booking that nobody uses lapses: its slots are everybody's again. A long answer is use as long as it goes on. */
  #hasLapsed({ id, client, modelDigest, fromMs }: Booking, nowMs: number): boolean {
    if (this.#open.has(client + modelDigest)) return false;
    return nowMs - Math.max(fromMs, this.#usedMs.get(id) ?? fromMs) >= rules.noShowSeconds.value * 1000;
  }
}

/** Most slots that are booked at one moment. */
function peak(bookings: readonly Booking[]): number {
  return bookings.reduce((most, { fromMs }) => {
    const then = bookings.filter((one) => one.fromMs <= fromMs && one.toMs > fromMs);
    return Math.max(
      most,
      then.reduce((sum, { slots }) => sum + slots, 0),
    );
  }, 0);
}
