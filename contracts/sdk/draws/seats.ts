import { hexToBytes, keccak, type Hex } from "../hash/index.ts";
import { concat } from "../hash/index.ts";
import { hashNumber, word } from "./roll.ts";

/** What the court's events tell of its jurors, in their order. */
export type SeatEvent =
  | { readonly kind: "joined"; readonly juror: Hex; readonly seat: number; readonly weight: number }
  | { readonly kind: "reweighed"; readonly juror: Hex; readonly weight: number }
  | { readonly kind: "left"; readonly juror: Hex };

/** A juror on its seat; seats count from one, and weights are whole tokens of stake. */
export interface Seat {
  readonly juror: Hex;
  readonly seat: number;
  readonly weight: number;
}

/** Jurors of a case. */
export const jurySize = 5;
/** Verifiers that may see a drawn receipt's transcript and check it. */
export const checkers = 3;
/** The contract gives up after as many tries. */
const tries = 64;

/** Who sits where after these events, by rising seat. */
export function seatsAfter(events: Iterable<SeatEvent>): Seat[] {
  const seats = new Map<Hex, Seat>();
  for (const event of events) {
    const known = seats.get(event.juror);
    if (event.kind === "left") seats.delete(event.juror);
    else if (event.kind === "joined") seats.set(event.juror, event);
    else if (known !== undefined) seats.set(event.juror, { ...known, weight: event.weight });
  }
  return [...seats.values()]
    .map(({ juror, seat, weight }) => ({ juror, seat, weight }))
    .sort((a, b) => a.seat - b.seat);
}

/**
 * Different jurors by weight, none of `excluded`, as Jury.sol draws them.
 * @returns the drawn in their order; with `isPartial` as many as were found, else none when there are too few
 */
function drawSeats(
  seed: Hex,
  seats: readonly Seat[],
  { size, excluded, isPartial }: { size: number; excluded: readonly Hex[]; isPartial: boolean },
): Hex[] {
  const total = seats.reduce((sum, { weight }) => sum + BigInt(weight), 0n);
  const found: Hex[] = [];
  for (let i = 0n; total > 0n && found.length < size && i < tries; i++) {
    const juror = seatAt(seats, hashNumber(hexToBytes(seed), word(i)) % total);
    if (!excluded.includes(juror) && !found.includes(juror)) found.push(juror);
  }
  return found.length === size || isPartial ? found : [];
}

function seatAt(seats: readonly Seat[], point: bigint): Hex {
  let left = point;
  for (const { juror, weight } of seats) {
    if (left < BigInt(weight)) return juror;
    left -= BigInt(weight);
  }
  throw new RangeError("the point lies beyond all weights");
}

/** The jury of case `id`, from the value of its moment; empty when there are not enough jurors. */
export function juryOf(value: Hex, id: bigint, seats: readonly Seat[], excluded: readonly Hex[]): Hex[] {
  const seed = keccak(concat(hexToBytes(value), word(id)));
  return drawSeats(seed, seats, { size: jurySize, excluded, isPartial: false });
}

const checkDomain = keccak(new TextEncoder().encode("Lode check"));

/**
 * Who checks a drawn receipt and may see its transcript: up to three jurors by stake, drawn from the same value, never the
 * miner itself or the client. Fewer where fewer sit.
 */
export function checkersOf(value: Hex, receipt: Hex, seats: readonly Seat[], excluded: readonly Hex[]): Hex[] {
  const seed = keccak(concat(hexToBytes(checkDomain), hexToBytes(value), hexToBytes(receipt)));
  return drawSeats(seed, seats, { size: checkers, excluded, isPartial: true });
}
