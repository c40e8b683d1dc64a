import { fork } from "node:child_process";
import { EngineError } from "../../errors.ts";
import { programFile } from "../../program-file.ts";
import type { TemplateValues } from "./interpret.ts";
import { templateLimits } from "./limits.ts";
import type { FromRender, ToRender } from "./messages.ts";

/** Renders one prompt. Throws EngineError `bad-request` where the template refuses it or takes too much for it. */
export type RenderTemplate = (values: TemplateValues) => Promise<string>;

export interface Deadlines {
  /** For starting a process and reading the template. */
  readMs: number;
  /** For one prompt. */
  renderMs: number;
}

/**
 * Reads a chat template in a process of its own, with its own memory and a deadline: a template that hangs or eats memory ends
 * that process and its own prompt, while other jobs go on. A thread would not do: where V8 cannot make room for one large
 * value, it ends the whole process. Throws EngineError `model-unsupported`.
 */
export async function openRenderer(source: string, deadlines: Deadlines = templateLimits): Promise<RenderTemplate> {
  let child = await openChild(source, deadlines);
  let last: Promise<unknown> = Promise.resolve();
  const render = async (values: TemplateValues): Promise<string> => {
    if (child.ended) child = await openChild(source, deadlines);
    const answer = await child.ask({ type: "render", values });
    if (answer.type === "rendered") return answer.text;
    const reason = answer.type === "read" ? "it gave no text" : answer.reason;
    const sentence =
      answer.type === "limit"
        ? `The model's chat template is stopped: for these messages ${reason}.`
        : `The model's chat template refuses these messages: ${reason}`;
    throw new EngineError("bad-request", sentence);
  };
  return (values) => {
    // One at a time: whatever ends the process is this prompt's doing alone.
    const turn = last.then(async () => render(values));
    last = turn.catch(() => undefined);
    return turn;
  };
}

interface Child {
  /** There is nothing to ask any more. */
  readonly ended: boolean;
  /** Asks for one thing; never rejects. */
  ask(message: ToRender): Promise<FromRender>;
}

async function openChild(source: string, deadlines: Deadlines): Promise<Child> {
  const child = startChild(deadlines);
  const answer = await child.ask({ type: "read", source });
  if (answer.type === "read") return child;
  const sentence =
    answer.type === "limit"
      ? `The model's chat template is not used: ${answer.reason}.`
      : "The model's chat template cannot be read.";
  const reason = answer.type === "rendered" ? "" : answer.reason;
  throw new EngineError("model-unsupported", sentence, { cause: new Error(reason) });
}

/** How V8 ends its process when there is no memory: by these signals, or on Windows by these codes. */
const outOfMemory: readonly unknown[] = ["SIGABRT", "SIGTRAP", "SIGILL", 134, 0x80000003];

function startChild({ readMs, renderMs }: Deadlines): Child {
  const child = fork(programFile(import.meta.url, "render"), [], {
    // Nothing of the process' settings, and no way to its standard streams.
    env: {},
    execArgv: [`--max-old-space-size=${templateLimits.heapMb}`, "--permission", "--allow-fs-read=*"],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    serialization: "advanced",
  });
  child.unref();
  child.channel?.unref();
  let ended = false;
  const failed = (reason: string): FromRender => ({ type: "limit", reason });
  const end = new Promise<FromRender>((resolve) => {
    child.once("error", () => resolve(failed("its process cannot be started")));
    child.once("exit", (code, signal) => {
      const isMemory = outOfMemory.includes(signal ?? code);
      resolve(failed(isMemory ? `it takes more than ${templateLimits.heapMb} MB of memory` : "it ends its process"));
    });
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
      const late = new Promise<FromRender>((resolve) => {
        timer = setTimeout(() => {
          ended = true;
          child.kill("SIGKILL");
          resolve(failed(`it takes longer than ${deadlineMs / 1000} s`));
        }, deadlineMs);
      });
      const answer = new Promise<FromRender>((resolve) =>
        child.once("message", (given) => resolve(given as FromRender)),
      );
      // Whatever keeps it from being sent ends the process too.
      child.send(message, () => undefined);
      try {
        return await Promise.race([answer, late, end]);
      } finally {
        clearTimeout(timer);
        child.removeAllListeners("message");
      }
    },
  };
}
