import { createCallStream, createFreeStream, toolCallId, type AnswerDelta, type TokenLogprob } from "@lode/protocol";
import type { Hex } from "@lode/sdk/hash";

/** What an answer's text is: said, calls and nothing else, or said with calls of these tools in between. */
export type Reading =
  | { readonly kind: "text" }
  | { readonly kind: "calls" }
  | {
      readonly kind: "free";
      readonly names: readonly string[];
      readonly most: number;
      /** Whether a function may be called like this. */
      readonly accepts: (name: string, given: object) => boolean;
    };

/** A call that an answer asks for, as clients see it. */
export interface ToolCallOutcome {
  readonly id: string;
  readonly name: string;
  /** JSON as text; cut short where the answer was. */
  readonly arguments: string;
}

/** What a piece of text adds to an answer. A call's first piece carries its name and its id. */
export interface Delta {
  readonly content?: string;
  /** Of the tokens of `content`; only where it is all that an answer has. */
  readonly logprobs?: readonly TokenLogprob[];
  readonly call?: { readonly index: number; readonly id?: string; readonly name?: string; readonly arguments?: string };
}

export interface AnswerReader {
  push(text: string): readonly Delta[];
  /** What was held back until the end was known. */
  end(): readonly Delta[];
}

/** @param job gives the digest of the job's first assignment, from which calls get their ids */
export function createReader(reading: Reading, job: () => Hex): AnswerReader {
  const named = ({ content, call }: AnswerDelta): Delta => {
    if (call === undefined) return content === undefined ? {} : { content };
    return { call: call.name === undefined ? call : { ...call, id: toolCallId(job(), call.index) } };
  };
  switch (reading.kind) {
    case "text":
      return { push: (text) => [{ content: text }], end: () => [] };
    case "calls": {
      const stream = createCallStream();
      return { push: (text) => stream.push(text).map((call) => named({ call })), end: () => [] };
    }
    case "free": {
      const stream = createFreeStream(reading.names, reading.most, reading.accepts);
      return { push: (text) => stream.push(text).map(named), end: () => stream.end().map(named) };
    }
  }
}
