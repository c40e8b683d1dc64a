import type { Hex } from "@lode/sdk/hash";
import type { Engine } from "../../../miner/src/engines/index.ts";

export const modelDigest: Hex = `0x${"ab".repeat(32)}`;

/** What the scripted model says at a position. */
export const tokenAt = (position: number): number => 100 + position;

/** How that reads. */
export const textAt = (position: number): string => ` ${tokenAt(position)}`;

/** The answer of so many tokens that the scripted model gives. */
export const answerOf = (tokens: number): number[] =>
  Array.from({ length: tokens }, (_, position) => tokenAt(position));

/** An engine whose model counts; `shift` makes it another model's, in its draws and in its logits. */
export function scriptedEngine(shift = 0): Engine {
  const refuse = (): never => {
    throw new Error("this engine only checks");
  };
  return {
    info: {
      modelDigest,
      engineId: "scripted",
      engineClass: `0x${"cd".repeat(32)}`,
      verification: "A-prefill",
      contextTokens: 4096,
      modelName: "scripted",
      sequences: 1,
      sizeBytes: 1,
    },
    start: refuse,
    embed: refuse,
    async recheck({ tokens, promptTokens, prompt, stop }) {
      const stopped = tokens.findIndex((_, position) => stop.includes(textAt(position)));
      return {
        ...(prompt !== undefined && { rendered: [...promptTokens] }),
        tokens: tokens.map((_, position) => ({
          drawn: tokenAt(position) + shift,
          margin: 0,
          sensitivity: 0,
          top: [[tokenAt(position) + shift, position / 8 + shift]],
          logSum: 0,
        })),
        end: stopped < 0 ? { kind: "full" } : { kind: "earlier", delivered: stopped },
      };
    },
    stopped: Promise.resolve(undefined),
    close: async () => undefined,
  };
}
