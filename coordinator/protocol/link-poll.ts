import Type, { type Static } from "typebox";
import { limits } from "./limits.ts";

/**
 * The miner link over plain HTTP, for networks that let no WebSocket through. The miner opens a link, asks for frames with GET, each question
 * held open until there is one, and sends its own with POST. Frames are numbered both ways, so that a lost answer costs nothing.
 */

/** What stands for one frame of a WebSocket. */
export const PollFrame = Type.Union([
  Type.Object({ text: Type.String({ maxLength: limits.frameBytes }) }, { additionalProperties: false }),
  /** Base64. */
  Type.Object({ binary: Type.String({ maxLength: limits.frameBytes }) }, { additionalProperties: false }),
  Type.Object({ control: Type.Union([Type.Literal("ping"), Type.Literal("pong")]) }, { additionalProperties: false }),
]);
export type PollFrame = Static<typeof PollFrame>;

/** A new link. Whoever knows the name speaks on it. */
export const PollOpened = Type.Object({ link: Type.String({ pattern: "^[0-9a-f]{64}$" }) });
export type PollOpened = Static<typeof PollOpened>;

export const PollSend = Type.Object(
  {
    /** Number of this sending, from 1; a repeated one is answered and not heard again. */
    number: Type.Integer({ minimum: 1 }),
    frames: Type.Array(PollFrame, { minItems: 1, maxItems: limits.pollFrames }),
  },
  { additionalProperties: false },
);
export type PollSend = Static<typeof PollSend>;

export const PollReceived = Type.Object({
  /** Number of the last frame here; the next question names it, and thereby has all up to it. */
  last: Type.Integer({ minimum: 0 }),
  frames: Type.Array(PollFrame),
  /** The link is over once these frames are read. */
  closed: Type.Optional(Type.Object({ code: Type.Integer(), reason: Type.String() })),
});
export type PollReceived = Static<typeof PollReceived>;
