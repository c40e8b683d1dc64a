import { Worker } from "node:worker_threads";
import { EngineError } from "../../errors.ts";
import { programFile } from "../../program-file.ts";
import type { TemplateValues } from "./interpret.ts";
import { templateLimits } from "./limits.ts";
import type { FromThread, ToThread } from "./messages.ts";

/** Renders one prompt. Throws EngineError `bad-request` where the template refuses it or takes too much for it. */
export type RenderTemplate = (values: TemplateValues) => Promise<string>;

export interface Deadlines {
  /** For starting a thread and reading the template. */
  readMs: number;
  /** For one prompt. */
  renderMs: number;
}

/**
 * Reads a chat template in a thread of its own, with its own memory and a deadline: a template that hangs or eats memory ends
 * that thread and its own prompt, while other jobs go on. Throws EngineError `model-unsupported`.
 */
export async function openRenderer(source: string, deadlines: Deadlines = templateLimits): Promise<RenderTemplate> {
  let thread = await openThread(source, deadlines);
  let last: Promise<unknown> = Promise.resolve();
  const render = async (values: TemplateValues): Promise<string> => {
    if (thread.ended) thread = await openThread(source, deadlines);
    const answer = await thread.ask({ type: "render", values });
    if (answer.type === "rendered") return answer.text;
    const reason = answer.type === "read" ? "it gave no text" : answer.reason;
    const sentence =
      answer.type === "limit"
        ? `The model's chat template is stopped: for these messages ${reason}.`
        : `The model's chat template refuses these messages: ${reason}`;
    throw new EngineError("bad-request", sentence);
  };
  return (values) => {
    // One at a time: whatever ends the thread is this prompt's doing alone.
    const turn = last.then(async () => render(values));
    last = turn.catch(() => undefined);
    return turn;
  };
}

interface Thread {
  /** There is nothing to ask any more. */
  readonly ended: boolean;
  /** Asks for one thing; never rejects. */
  ask(message: ToThread): Promise<FromThread>;
}

async function openThread(source: string, deadlines: Deadlines): Promise<Thread> {
  const thread = startThread(deadlines);
  const answer = await thread.ask({ type: "read", source });
  if (answer.type === "read") return thread;
  const sentence =
    answer.type === "limit"
      ? `The model's chat template is not used: ${answer.reason}.`
      : "The model's chat template cannot be read.";
  const reason = answer.type === "rendered" ? "" : answer.reason;
  throw new EngineError("model-unsupported", sentence, { cause: new Error(reason) });
}

function startThread({ readMs, renderMs }: Deadlines): Thread {
  const worker = new Worker(programFile(import.meta.url, "thread"), {
    // Nothing of the process' settings, and no way to its standard streams.
    ...{ env: {}, execArgv: [], argv: [], stdin: true, stdout: true, stderr: true },
    resourceLimits: { maxOldGenerationSizeMb: templateLimits.heapMb, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
  });
  worker.unref();
  let ended = false;
  const failed = (reason: string): FromThread => ({ type: "limit", reason });
  const end = new Promise<FromThread>((resolve) => {
    worker.once("error", (error) => {
      const isMemory = (error as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY";
      resolve(failed(isMemory ? `it takes more than ${templateLimits.heapMb} MB of memory` : "it fails"));
    });
    worker.once("exit", () => resolve(failed("it ends its thread")));
  }).then((answer) => {
    ended = true;
    return answer;
  });
  return {
    get ended() {
      return ended;
    },
    async ask(message) {
      const deadlineMs = message.type === "read" ? readMs : renderMs;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<FromThread>((resolve) => {
        timer = setTimeout(() => {
          ended = true;
          void worker.terminate();
          resolve(failed(`it takes longer than ${deadlineMs / 1000} s`));
        }, deadlineMs);
      });
      const answer = new Promise<FromThread>((resolve) => worker.once("message", resolve));
      worker.postMessage(message);
      try {
        return await Promise.race([answer, late, end]);
      } finally {
        clearTimeout(timer);
        worker.removeAllListeners("message");
      }
    },
  };
}
