import type { ChatTemplate } from "../../../miner/src/engines/prompt/chat-prompt.ts";
import { readTemplate, renderTemplate } from "../../../miner/src/engines/prompt/template/interpret.ts";

/** A chat template that is rendered in this thread. */
export function templateOf(source: string): ChatTemplate {
  const program = readTemplate(source);
  return { source, render: async (values) => renderTemplate(program, values) };
}
