export {
  commitmentOf,
  positionsOf,
  revelationOf,
  verdicts,
  type Ballot,
  type Revelation,
  type Verdict,
} from "./ballot.ts";
export { checkedOf, type DrawnFrom, type Naming } from "./lot.ts";
export { drawRatePpm, isDrawn, PPM, rollOf, type DrawRules } from "./roll.ts";
export { checkers, checkersOf, juryOf, jurySize, seatsAfter, type Seat, type SeatEvent } from "./seats.ts";
