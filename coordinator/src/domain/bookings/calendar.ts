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

/** Who has booked what. It knows times and slots, nothing of money or miners. */
export class Calendar {
  readonly #bookings = new Map<string, Booking>();
  /** When a booking was last used. */
  readonly #usedMs = new Map<string, number>();

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

  /** A client's job began under its booking, if it has one that runs. */
  use(client: Hex, modelDigest: Hex, nowMs: number): void {
    if (this.#bookings.size === 0) return;
    for (const one of this.#running(modelDigest, nowMs)) if (one.client === client) this.#usedMs.set(one.id, nowMs);
  }

  /** Slots of a model that somebody else's bookings keep from a client now. @param runningOf jobs of a client that run now */
  keptFrom(client: Hex, modelDigest: Hex, nowMs: number, runningOf: (client: Hex) => number): number {
    const slots = new Map<Hex, number>();
    for (const one of this.#running(modelDigest, nowMs, runningOf)) {
      // A long answer is use as long as it goes on.
      if (runningOf(one.client) > 0) this.#usedMs.set(one.id, nowMs);
      if (one.client !== client) slots.set(one.client, (slots.get(one.client) ?? 0) + one.slots);
    }
    return [...slots].reduce((sum, [other, booked]) => sum + Math.max(0, booked - runningOf(other)), 0);
  }

  /** Forgets what is over. */
  sweep(nowMs: number): void {
    for (const { id, toMs } of this.#bookings.values()) if (toMs <= nowMs) this.cancel(id);
  }

  /** A booking that nobody uses lapses: for now its slots are everybody's. */
  #running(modelDigest: Hex, nowMs: number, runningOf: (client: Hex) => number = () => 0): Booking[] {
    const patienceMs = rules.noShowSeconds.value * 1000;
    return [...this.#bookings.values()].filter((one) => {
      if (one.modelDigest !== modelDigest || one.fromMs > nowMs || one.toMs <= nowMs) return false;
      return nowMs - (this.#usedMs.get(one.id) ?? one.fromMs) < patienceMs || runningOf(one.client) > 0;
    });
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
