import type { UpstreamLimits } from "./limits.ts";
import { broken, type Body } from "./request.ts";

/** The data of server-sent events, each parsed as JSON, until `[DONE]` or the end. Throws EngineError for what is none. */
export async function* readEvents(body: Body, { eventBytes }: UpstreamLimits): AsyncGenerator {
  const decoder = new TextDecoder("utf-8");
  let rest = "";
  let data: string[] = [];
  let size = 0;
  const take = (): string | undefined => {
    const text = data.length === 0 ? undefined : data.join("\n");
    [data, size] = [[], 0];
    return text;
  };
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    if (rest.length + size > eventBytes) throw broken(`one event has more than ${eventBytes} bytes`);
    for (const line of lines) {
      if (line !== "") {
        const value = /^data:? ?(.*)$/.exec(line)?.[1];
        if (value === undefined) continue;
        size += value.length;
        if (size > eventBytes) throw broken(`one event has more than ${eventBytes} bytes`);
        data.push(value);
        continue;
      }
      const text = take();
      if (text === "[DONE]") return;
      if (text !== undefined) yield parse(text);
    }
  }
  // Some servers leave the last empty line out.
  const last = /^data:? ?(.*)$/.exec(rest)?.[1];
  if (last !== undefined) data.push(last);
  const text = take();
  if (text !== undefined && text !== "[DONE]") yield parse(text);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw broken("an event is not JSON");
  }
}
