import type { Hex } from "@lode/sdk/hash";

/** A call that an answer asks for; `index` counts them from 0. The arguments are a JSON object as text. */
export interface AnsweredCall {
  readonly index: number;
  readonly name: string;
  readonly arguments: string;
}

/** What a piece of an answer adds to one call. */
export interface CallDelta {
  readonly index: number;
  readonly name?: string;
  readonly arguments?: string;
}

/** Takes the text of an answer under a `tool_calls` constraint apart while it comes. */
export interface CallStream {
  push(text: string): CallDelta[];
}

/** Reads only what the constraint lets through: an object with `name` before `arguments`, or a list of such objects. */
export function createCallStream(): CallStream {
  /** How deep the calls stand: 0 for one call, 1 for a list. */
  let base = 0;
  let depth = 0;
  let index = -1;
  let key = "";
  let isValue = false;
  let isInString = false;
  let isEscaped = false;
  let isInArguments = false;
  let word = "";

  /** Follows strings and brackets; returns whether the character is structure. */
  const follow = (character: string): boolean => {
    if (isInString) {
      if (isEscaped) isEscaped = false;
      else if (character === "\\") isEscaped = true;
      else if (character === '"') isInString = false;
      return false;
    }
    if (character === '"') isInString = true;
    else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
    return true;
  };

  /** A character of a call outside its arguments; returns the name once it is complete, and how the arguments begin. */
  const read = (character: string): CallDelta | undefined => {
    const wasInString = isInString;
    const isStructure = follow(character);
    if (wasInString) {
      if (isInString) word += character;
      else if (!isValue) key = word;
      else if (key === "name") return { index, name: JSON.parse(`"${word}"`) as string };
      return undefined;
    }
    if (!isStructure) return undefined;
    if (character === '"') word = "";
    else if (character === ":") isValue = true;
    else if (character === ",") isValue = false;
    else if (character === "[" && depth === 1) base = 1;
    else if (character === "{" && depth === base + 1) {
      index += 1;
      isValue = false;
    } else if (character === "{" && key === "arguments") {
      isInArguments = true;
      return { index, arguments: character };
    }
    return undefined;
  };

  return {
    push(text) {
      const deltas: CallDelta[] = [];
      let passed = "";
      const pass = (): void => {
        if (passed !== "") deltas.push({ index, arguments: passed });
        passed = "";
      };
      for (const character of text) {
        if (isInArguments) {
          follow(character);
          passed += character;
          if (!isInString && depth === base + 1) {
            isInArguments = false;
            pass();
          }
          continue;
        }
        const delta = read(character);
        if (delta?.name !== undefined) deltas.push(delta);
        passed = delta?.arguments ?? "";
      }
      pass();
      return deltas;
    },
  };
}

/** The calls of a whole answer under a `tool_calls` constraint; the last may be cut short where the answer was. */
export function callsOf(text: string): AnsweredCall[] {
  const calls: { index: number; name: string; arguments: string }[] = [];
  for (const { index, name, arguments: more = "" } of createCallStream().push(text)) {
    const call = calls[index];
    if (call === undefined) calls.push({ index, name: name ?? "", arguments: more });
    else call.arguments += more;
  }
  return calls;
}

/** A free answer taken apart: what is said, and the calls that are asked for. */
export interface FreeAnswer {
  readonly content: string;
  readonly calls: readonly AnsweredCall[];
}

/** What a piece of a free answer adds: to what is said, or to one call. */
export interface AnswerDelta {
  readonly content?: string;
  readonly call?: CallDelta;
}

/** Takes a free answer apart while it comes. */
export interface FreeStream {
  push(text: string): AnswerDelta[];
  /** What was held back, once nothing more comes. */
  end(): AnswerDelta[];
}

const blockStart = "<tool_call>";
const blockEnd = "</tool_call>";

/**
 * Looks for calls of these tools in an answer that nothing constrained: `<tool_call>` around JSON, or an answer that is
 * nothing but JSON. What is not exactly that is said. Text that may still become a call is held back; a call comes whole.
 * @param most calls that one answer may hold; more are said
 * @param accepts whether a function may be called like this; a call that may not be made is said
 */
export function createFreeStream(names: readonly string[], most = Infinity, accepts: Accepts = () => true): FreeStream {
  let mode: "start" | "text" | "block" | "json" = "start";
  let held = "";
  /** Spaces before a block: they go with it when it is a call. */
  let gap = "";
  let count = 0;

  const say = (text: string): AnswerDelta[] => (text === "" ? [] : [{ content: text }]);
  const take = (json: string): AnswerDelta[] | undefined => {
    const found = readCalls(json, names, accepts);
    if (found === undefined || count + found.length > most) return undefined;
    return found.map((call) => ({ call: { index: count++, ...call } }));
  };

  /** Gives out what is decided, and says whether more may be. */
  const advance = (out: AnswerDelta[], from: number): boolean => {
    switch (mode) {
      case "start": {
        const first = held.trimStart().charAt(0);
        if (first !== "") mode = first === "{" || first === "[" ? "json" : "text";
        return first !== "";
      }
      case "json":
        return false;
      case "text": {
        const begin = held.indexOf(blockStart);
        const spoken = held.slice(0, begin < 0 ? sureLength(held) : begin).trimEnd();
        out.push(...say(spoken));
        held = held.slice(spoken.length);
        if (begin < 0) return false;
        gap = held.slice(0, begin - spoken.length);
        held = held.slice(gap.length);
        mode = "block";
        return true;
      }
      case "block": {
        // The end mark may have begun in an earlier piece.
        const end = held.indexOf(blockEnd, Math.max(0, from - blockEnd.length));
        if (end < 0) return false;
        const block = held.slice(0, end + blockEnd.length);
        out.push(...(take(block.slice(blockStart.length, end)) ?? say(gap + block)));
        held = held.slice(block.length);
        mode = "text";
        return true;
      }
    }
  };

  const settle = (from: number): AnswerDelta[] => {
    const out: AnswerDelta[] = [];
    let searched = from;
    while (advance(out, searched)) searched = 0;
    return out;
  };

  return {
    push(text) {
      const from = held.length;
      held += text;
      return settle(from);
    },
    end() {
      if (mode === "json") {
        const calls = take(held);
        if (calls !== undefined) return calls;
        mode = "text";
      }
      const out = settle(0);
      const rest = (mode === "block" ? gap : "") + held;
      held = "";
      // Spaces behind a call are nothing that anybody said.
      return count > 0 && rest.trim() === "" ? out : [...out, ...say(rest)];
    },
  };
}

/** How much of a text cannot be the beginning of a block. */
function sureLength(text: string): number {
  for (let length = Math.min(text.length, blockStart.length - 1); length > 0; length -= 1) {
    if (blockStart.startsWith(text.slice(-length))) return text.length - length;
  }
  return text.length;
}

/** A whole free answer, taken apart as `createFreeStream` does. */
export function parseFreeAnswer(text: string, names: readonly string[]): FreeAnswer {
  const stream = createFreeStream(names);
  const deltas = [...stream.push(text), ...stream.end()];
  return {
    content: deltas.map(({ content = "" }) => content).join(""),
    calls: deltas.flatMap(({ call }) =>
      call === undefined ? [] : [{ index: call.index, name: call.name ?? "", arguments: call.arguments ?? "" }],
    ),
  };
}

type Accepts = (name: string, given: object) => boolean;

function readCalls(
  json: string,
  names: readonly string[],
  accepts: Accepts,
): { name: string; arguments: string }[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const calls = list.map((item) => readCall(item, names, accepts));
  return calls.length > 0 && calls.every((call) => call !== undefined) ? calls : undefined;
}

/** Models name the arguments in two ways. */
function readCall(
  value: unknown,
  names: readonly string[],
  accepts: Accepts,
): { name: string; arguments: string } | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { name, arguments: given, parameters } = value as Record<string, unknown>;
  const object = given ?? parameters ?? {};
  if (typeof name !== "string" || !names.includes(name)) return undefined;
  if (typeof object !== "object" || Array.isArray(object) || !accepts(name, object)) return undefined;
  return { name, arguments: JSON.stringify(object) };
}

/** The name of a call, unique among all jobs. */
export const toolCallId = (assignment: Hex, index: number): string => `call_${assignment.slice(2, 26)}${index}`;
