import type { Fingerprint, TokenLogprob } from "@lode/protocol";
import { createStopMatcher } from "./stop-matcher.ts";
import type { TextStream } from "./text-stream.ts";

/** What is told of a token beside its text. */
export interface TokenNotes {
  logprob?: TokenLogprob;
  fingerprint?: Fingerprint;
}

export interface OutputToken extends TokenNotes {
  id: number;
  text: string;
}

/** Turns sampled tokens into deliverable ones: text complete to the character, nothing of a stop text let through. */
export interface Output {
  /**
   * The stop text that the prefix ends with, which its last token brought: whoever delivered it was cut off before it could
   * say so. Nothing may come behind it.
   */
  readonly stopOfPrefix: number | undefined;
  /**
   * Takes the next token; returns the tokens that became deliverable. After `stopped` nothing more comes; `stop` says
   * by which stop text.
   */
  push(id: number, notes?: TokenNotes): { ready: OutputToken[]; stopped: boolean; stop?: number };
  /** The tokens that were held back in case a stop text follows; call it at the natural end. */
  flush(): OutputToken[];
}

/**
 * A token waits while its text may be the beginning of a stop text. When the stop text is complete, waiting tokens are
 * delivered up to the cut, and a token whose whole text is cut is not delivered. A token that only begins a character
 * waits for it, if there are stop texts.
 * `prefix` has been delivered already: it is context for characters and stop texts that continue into the new tokens.
 */
export function createOutput(text: TextStream, stops: readonly string[], prefix: readonly number[]): Output {
  const matcher = createStopMatcher(stops);
  let end = 0;
  let stopOfPrefix: number | undefined;
  for (const id of prefix) {
    const piece = text.push(id);
    end += piece.length;
    stopOfPrefix = matcher.push(piece)?.stop;
  }
  const waiting: (OutputToken & { from: number; to: number })[] = [];

  return {
    stopOfPrefix,
    push(id, notes = {}) {
      const piece = text.push(id);
      // Nothing can be held back, and this is done for every token.
      if (stops.length === 0) return { ready: [{ id, text: piece, ...notes }], stopped: false };
      waiting.push({ id, text: piece, ...notes, from: end, to: (end += piece.length) });
      const cut = matcher.push(piece);
      if (cut === undefined) {
        const held = waiting.findIndex(({ from, to }) => to > matcher.safeUntil || (stops.length > 0 && from === end));
        return { ready: take(held < 0 ? waiting.length : held), stopped: false };
      }
      const kept = waiting.filter(({ from }) => from < cut.at);
      return {
        ready: kept.map(({ from, to: _to, ...token }) => ({ ...token, text: token.text.slice(0, cut.at - from) })),
        stopped: true,
        stop: cut.stop,
      };
    },
    flush: () => take(waiting.length),
  };

  function take(count: number): OutputToken[] {
    return waiting.splice(0, count).map(({ from: _from, to: _to, ...token }) => token);
  }
}
