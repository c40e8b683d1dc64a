import { limits as protocolLimits } from "@lode/protocol";

/** What a server behind the engine may do before it counts as broken. */
export interface UpstreamLimits {
  /** Until the headers of an answer: a long prompt has to be read first. As often as long for a large picture, see `imageTurns`. */
  firstByteMs: number;
  /** Between two parts of an answer. */
  idleMs: number;
  /** A whole answer that is not a stream, an error's text, and one event of a stream. */
  bodyBytes: number;
  eventBytes: number;
  /** Events in a row that bring no text. */
  silentEvents: number;
  /** A picture. */
  imageBytes: number;
  /** After a failure: between two looks whether the server is there at all. */
  checkMs: number;
}

export const upstreamLimits: UpstreamLimits = {
  firstByteMs: 120_000,
  idleMs: 60_000,
  bodyBytes: 16 * 2 ** 20,
  eventBytes: 2 ** 20,
  silentEvents: 100_000,
  imageBytes: protocolLimits.imageBytes,
  checkMs: 5000,
};
