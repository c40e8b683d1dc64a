/** The process that reads and renders a model's chat template. It is started by `renderer.ts`, which ends it when it takes too long. */
import { readTemplate, renderTemplate, TemplateLimitError, type Program } from "./interpret.ts";
import { templateLimits } from "./limits.ts";
import type { FromRender, ToRender } from "./messages.ts";

let program: Program | undefined;

function answer(message: ToRender): FromRender {
  try {
    if (message.type === "read") {
      program = readTemplate(message.source);
      return { type: "read" };
    }
    if (program === undefined) throw new Error("no template was read");
    return { type: "rendered", text: renderTemplate(program, message.values) };
  } catch (error) {
    // Too deep a nesting, and texts that no engine holds, end as a RangeError of JavaScript's own.
    const isLimit = error instanceof TemplateLimitError || error instanceof RangeError;
    const words = error instanceof Error ? error.message : String(error);
    // The words are a stranger's and end in a terminal.
    const reason = words.slice(0, templateLimits.reasonLength).replace(/\p{C}/gu, " ");
    return { type: isLimit ? "limit" : "failed", reason };
  }
}

process.on("message", (message: ToRender) => process.send?.(answer(message)));
process.on("disconnect", () => process.exit(0));
