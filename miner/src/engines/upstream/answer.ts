import { samplerLimits } from "@lode/protocol";
import { broken } from "./request.ts";

/** What one event of a stream adds. */
export interface Delta {
  text: string;
  calls: readonly CallPart[];
  finish: "stop" | "length" | undefined;
}

interface CallPart {
  index: number;
  name: string;
  arguments: string;
}

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** Reads an event of either kind of completion. Throws EngineError for an error that came as an event. */
export function deltaOf(event: unknown): Delta {
  const fields = fieldsOf(event);
  if (fields["error"] !== undefined && fields["error"] !== null) throw broken("it reports an error in its stream");
  const choices: unknown = fields["choices"];
  const [first] = Array.isArray(choices) ? (choices as unknown[]) : [];
  const choice = fieldsOf(first);
  const delta = fieldsOf(choice["delta"]);
  const calls: unknown = delta["tool_calls"];
  return {
    text: textOf(delta["content"]) + textOf(choice["text"]),
    calls: Array.isArray(calls) ? calls.map((call, place) => callPart(call, place)) : [],
    finish: finishOf(choice["finish_reason"]),
  };
}

function callPart(value: unknown, place: number): CallPart {
  const fields = fieldsOf(value);
  const called = fieldsOf(fields["function"]);
  const index = fields["index"];
  return {
    index: typeof index === "number" && Number.isInteger(index) && index >= 0 ? index : place,
    name: textOf(called["name"]),
    arguments: textOf(called["arguments"]),
  };
}

function finishOf(value: unknown): Delta["finish"] {
  if (value === null || value === undefined) return undefined;
  return value === "length" ? "length" : "stop";
}

/** Tool calls as they come in parts, and at the end as the text that our own models write for them. */
export class Calls {
  readonly #calls = new Map<number, { name: string; arguments: string }>();
  readonly #mostChars: number;
  #chars = 0;

  /** @param mostChars of all calls together */
  constructor(mostChars: number) {
    this.#mostChars = mostChars;
  }

  add(parts: readonly CallPart[]): void {
    for (const { index, name, arguments: given } of parts) {
      this.#chars += name.length + given.length;
      if (this.#chars > this.#mostChars) throw broken("its tool calls are longer than the answer may be");
      const call = this.#calls.get(index) ?? { name: "", arguments: "" };
      if (!this.#calls.has(index) && this.#calls.size >= samplerLimits.toolCalls)
        throw broken("it calls too many tools");
      this.#calls.set(index, { name: call.name + name, arguments: call.arguments + given });
    }
  }

  get isEmpty(): boolean {
    return this.#calls.size === 0;
  }

  /** @param most that were asked for: one is an object, more a list; undefined where the model was free to speak */
  text(most: number | undefined): string {
    const calls = [...this.#calls.entries()]
      .sort(([a], [b]) => a - b)
      .map(([, { name, arguments: given }]) => ({ name, arguments: argumentsOf(given) }));
    if (most === 1) return JSON.stringify(calls[0] ?? {});
    if (most !== undefined) return JSON.stringify(calls.slice(0, most));
    return calls.map((call) => `<tool_call>\n${JSON.stringify(call)}\n</tool_call>`).join("\n");
  }
}

function argumentsOf(text: string): object {
  try {
    return fieldsOf(JSON.parse(text === "" ? "{}" : text));
  } catch {
    throw broken("the arguments of a tool call are not JSON");
  }
}
