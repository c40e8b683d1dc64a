import type { ApiError } from "../../errors.ts";
import type { Outcome } from "./choices.ts";
import type { Delta } from "./reader.ts";

/** How one API dresses an answer: as events while it comes, and as one body. */
export interface Face {
  /** Sent when every choice has a miner. */
  begin(): string;
  /** Events for what a choice gains; may be empty. */
  delta(choice: number, delta: Delta): string;
  /** Everything that follows the last delta. */
  end(outcome: Outcome): string;
  /** Ends a stream that broke: one that is merely cut would look whole. */
  broken(problem: ApiError): string;
  whole(outcome: Outcome): object;
  /** What a silent stream shows its clients; a comment unless its API has an event for it. */
  readonly alive?: string;
}
