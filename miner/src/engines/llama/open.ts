import { fork, type ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import type { Engine, EngineInfo } from "../engine.ts";
import { programFile } from "../program-file.ts";
import { createEmbedCalls } from "./embed-calls.ts";
import { EngineError } from "../errors.ts";
import { createJobStream, type JobStream } from "./job-stream.ts";
import type { FromChild, ToChild } from "./messages.ts";
import { pinned } from "./pinned.ts";

export interface EngineOptions {
  /** A GGUF file. */
  modelPath: string;
  /** Context of each job; undefined takes the model's own, at most 4,096. Never more than the model was trained for. */
  contextTokens?: number | undefined;
  /** Jobs at the same time, 1 unless given. Each has its own memory for a whole context. */
  sequences?: number | undefined;
}

/** More jobs than a batch has places would wait for each other in every step. */
const mostSequences = pinned.batchSize;
/** Less would not hold a chat template and a word. */
const leastContext = 64;

/** All that the engine's process sees of the environment: no keys, no configuration, no home. */
const passedOn = ["PATH", "TMPDIR", "TEMP", "TMP", "SystemRoot", "LD_LIBRARY_PATH"];

/** Loads a model into a process of its own. Throws EngineError; the message is one sentence for a user. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { contextTokens, sequences = 1 } = options;
  const modelPath = resolve(options.modelPath);
  if (!Number.isInteger(sequences) || sequences < 1 || sequences > mostSequences) {
    throw new EngineError("bad-request", `An engine runs 1 to ${mostSequences} jobs at a time, not ${sequences}.`);
  }
  if (contextTokens !== undefined && !(Number.isInteger(contextTokens) && contextTokens >= leastContext)) {
    throw new EngineError("bad-request", `A context holds at least ${leastContext} tokens, not ${contextTokens}.`);
  }
  const child = startChild();
  const stopped = watch(child);
  const info = await handshake(child, stopped, { modelPath, contextTokens, sequences });
  return createEngine(child, stopped, info);
}

function startChild(): ChildProcess {
  const environment = Object.fromEntries(
    passedOn.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
  return fork(programFile(import.meta.url, "child/main"), [], {
    env: environment,
    // A flag of this process (a debugger, a test runner's loader) is not meant for the child.
    execArgv: [],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
}

interface Death {
  /** One sentence about how. */
  error: EngineError;
  wasKilled: boolean;
}

/** Resolves when the process is gone. */
function watch(child: ChildProcess): Promise<Death> {
  let words = "";
  const heard = new Promise<void>((resolveEnd) => {
    child.stderr?.setEncoding("utf8");
    child.stderr?.on("data", (text: string) => (words = (words + text).slice(-2000)));
    child.stderr?.once("close", resolveEnd);
  });
  return new Promise((resolveEnd) => {
    child.once("error", (cause) => {
      const message = `The engine's process cannot be started: ${cause.message}`;
      resolveEnd({ error: new EngineError("engine-crashed", message, { cause }), wasKilled: false });
    });
    // The `close` event would be simpler, but it does not come after a disconnect from this side.
    child.once("exit", (code, signal) => {
      const how = signal === null ? `exit code ${code ?? "unknown"}` : signal;
      void heard.then(() => {
        const last = words.trim().split("\n").at(-1) ?? "";
        const message = `The engine's process ended (${how})${last === "" ? "." : `: ${last}`}`;
        resolveEnd({ error: new EngineError("engine-crashed", message), wasKilled: signal === "SIGKILL" });
      });
    });
  });
}

async function handshake(
  child: ChildProcess,
  stopped: Promise<Death>,
  options: Extract<ToChild, { type: "open" }>["options"],
): Promise<EngineInfo> {
  const answer = new Promise<EngineInfo>((resolveInfo, reject) => {
    child.once("message", (message: FromChild) => {
      if (message.type === "opened") resolveInfo(message.info);
      else if (message.type === "refused") reject(new EngineError(message.error.code, message.error.message));
    });
  });
  const death = stopped.then(({ error, wasKilled }) => {
    if (wasKilled) {
      const sentence =
        "The engine's process was killed while it loaded the model, as systems do that run out of memory.";
      throw new EngineError("out-of-memory", sentence, { cause: error });
    }
    // Nothing but the file is new to the native code at this point.
    throw new EngineError(
      "model-corrupt",
      `The model file ${options.modelPath} brought the engine down: ${error.message}`,
      { cause: error },
    );
  });
  child.send({ type: "open", options } satisfies ToChild);
  return Promise.race([answer, death]);
}

function createEngine(child: ChildProcess, died: Promise<Death>, info: EngineInfo): Engine {
  const jobs = new Map<number, JobStream>();
  const embeds = createEmbedCalls((job, request) => tell({ type: "embed", job, request }));
  let nextJob = 0;
  let closing = false;
  /** Why there can be no more jobs. */
  let down: EngineError | undefined;
  const tell = (message: ToChild): void => {
    // A failed send means that the child is going, and its end fails every job.
    if (child.connected) child.send(message, () => undefined);
  };
  const failAll = (error: EngineError): void => {
    down ??= error;
    for (const stream of jobs.values()) stream.fail(error);
    jobs.clear();
    embeds.fail(error);
  };

  child.on("message", (message: FromChild) => {
    if (message.type === "embedding" || message.type === "embedding-failed") embeds.answer(message);
    if (message.type !== "events") return;
    for (const event of message.events) {
      const stream = jobs.get(event.job);
      if (event.type === "end" || event.type === "error") jobs.delete(event.job);
      if (event.type === "error") stream?.fail(new EngineError(event.error.code, event.error.message));
      else stream?.deliver(event);
    }
  });
  const stopped = died.then(({ error }) => {
    if (closing) return undefined;
    failAll(error);
    return error;
  });

  return {
    info,
    stopped,
    start(request, signal) {
      const job = nextJob++;
      const leave = (): void => {
        signal.removeEventListener("abort", abort);
        if (jobs.delete(job)) tell({ type: "cancel", job });
      };
      const stream = createJobStream((tokens) => tell({ type: "credit", job, tokens }), leave);
      const abort = (): void => {
        leave();
        stream.fail(new EngineError("aborted", "The job was aborted.", { cause: signal.reason }));
      };
      if (down !== undefined) stream.fail(down);
      else if (signal.aborted) abort();
      else {
        jobs.set(job, stream);
        signal.addEventListener("abort", abort);
        tell({ type: "start", job, request });
      }
      return stream;
    },
    embed: (request, signal) => embeds.start(request, signal),
    async close() {
      closing = true;
      failAll(new EngineError("engine-closed", "The engine was closed."));
      if (child.connected) child.disconnect();
      await died;
    },
  };
}
