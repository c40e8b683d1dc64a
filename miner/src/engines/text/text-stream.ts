import type { TokenBytes } from "./token-bytes.ts";

/** Turns output tokens into text, one token at a time. */
export interface TextStream {
  /** The text that this token completes; empty while a character is incomplete. */
  push(id: number): string;
}

/**
 * Joins bytes and lets go of whole characters only. Bytes that can never become a character show as U+FFFD.
 * `dropLeadingSpace`: the first token's space belongs to the vocabulary's way of marking words, not to the answer.
 */
export function createTextStream(bytesOf: TokenBytes, dropLeadingSpace: boolean): TextStream {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let atStart = dropLeadingSpace;
  return {
    push(id) {
      const text = decoder.decode(bytesOf(id), { stream: true });
      if (!atStart || text === "") return text;
      atStart = false;
      return text.startsWith(" ") ? text.slice(1) : text;
    },
  };
}
