import type { ChildProcess } from "node:child_process";
import { realpathSync, statSync } from "node:fs";
import { constants } from "node:os";
import { resolve } from "node:path";
import { limits } from "@lode/protocol";
import type { Engine } from "../engine.ts";
import { programFile } from "../program-file.ts";
import { launch, ownSandbox, type ControlGroups, type Launched, type Sandbox } from "../sandbox/index.ts";
import { readAnswer } from "./answers.ts";
import { createChannel } from "./channel.ts";
import { cpuFolderOf } from "./cpu-libraries.ts";
import { EngineError } from "../errors.ts";
import type { CardUse, FromChild, OpenedInfo, ToChild, Tuning } from "./messages.ts";
import { pinned } from "./pinned.ts";
import { createEngine, type Child, type Death } from "./process-engine.ts";

export interface EngineOptions {
  /** A GGUF file. */
  modelPath: string;
  /** Context of each job; undefined takes the model's own, at most 4,096. Never more than the model was trained for. */
  contextTokens?: number | undefined;
  /** Jobs at the same time, 1 unless given. Each has its own memory for a whole context. */
  sequences?: number | undefined;
  /** Most memory of the engine's process in bytes, beside the mapped model; kept by the sandbox. No limit unless given. */
  memoryBytes?: number | undefined;
  /** What the process is shut in by; this system's own sandbox unless given. */
  sandbox?: Sandbox | undefined;
  /** Where its process' control group is made; in none unless given. */
  groups?: ControlGroups | undefined;
  /** What loading may take, in ms; 2 minutes and 1 more for each 600 MB of the file unless given. */
  loadMs?: number | undefined;
  /** Ends the loading with `aborted`; nothing once it is loaded. */
  signal?: AbortSignal | undefined;
  /** How long its process may give no sign of life while it is asked for something, in ms; 3 minutes unless given. */
  silentMs?: number | undefined;
  /** One of `cpuLibraries()`; the best for this processor unless given. Libraries are never bit-equal with each other. */
  cpu?: string | undefined;
  /** Another configuration than the pinned one, for verifiers that need speed and no equal bits. */
  tuning?: Tuning | undefined;
  /** `false`: memory was counted without any for vectors, and whoever asks for one is refused with `out-of-memory`. */
  embeds?: boolean | undefined;
  /** What a card computes of the model; nothing unless given. Nobody can compute its results again bit by bit. */
  card?: CardUse | undefined;
}

/** More jobs than a batch has places would wait for each other in every step. */
const mostSequences = pinned.batchSize;
/** Less would not hold a chat template and a word. */
const leastContext = 64;
/** What an engine may take to end once nobody listens to it. */
const patienceMs = 2000;
/** More than any machine is busy with one thing of ours, on a bad day. */
const usualSilentMs = 180_000;
/** A file may make the loader work without end; a slow disk may only make it slow. */
const [leastLoadMs, slowestBytesPerMs] = [120_000, 10_000];

/** Loads a model into a process of its own. Throws EngineError; the message is one sentence for a user. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { contextTokens, sequences = 1, memoryBytes, sandbox = await ownSandbox(), cpu, tuning, card } = options;
  if (!Number.isInteger(sequences) || sequences < 1 || sequences > mostSequences) {
    throw new EngineError("bad-request", `An engine runs 1 to ${mostSequences} jobs at a time, not ${sequences}.`);
  }
  if (contextTokens !== undefined && !(Number.isInteger(contextTokens) && contextTokens >= leastContext)) {
    throw new EngineError("bad-request", `A context holds at least ${leastContext} tokens, not ${contextTokens}.`);
  }
  const modelPath = requireFile(resolve(options.modelPath));
  const loadMs = options.loadMs ?? leastLoadMs + statSync(modelPath).size / slowestBytesPerMs;
  const program = programFile(import.meta.url, "child/main");
  const folder = cpu === undefined ? undefined : cpuFolderOf(cpu);
  try {
    const files = [modelPath, ...(folder === undefined ? [] : [folder.path])];
    const group = options.groups?.kind === "v2" ? options.groups.make({ memoryBytes }) : undefined;
    const child = createChild(
      launch(program, sandbox, {
        files,
        memoryBytes,
        group: group?.folder,
        usesCard: card !== undefined,
        cudaDevice: card?.device,
      }),
    );
    void child.died.then(async () => group?.remove());
    const opening = { modelPath, contextTokens, sequences, tuning, cpuFolder: folder?.path, card };
    const info = await handshake(child, opening, loadMs, options.signal);
    const mayNot = options.embeds === false ? { embeds: false as const } : {};
    const told = { ...info, sandbox, logprobs: limits.topLogprobs, fingerprints: true as const, ...mayNot };
    return createEngine(child, told, options.silentMs ?? usualSilentMs);
  } finally {
    folder?.remove();
  }
}

/** The one file that the process is to see: never a folder, and not by way of a link that it could not follow. */
function requireFile(path: string): string {
  const refuse = (reason: string, cause?: unknown): EngineError =>
    new EngineError("model-not-found", `The model file ${path} ${reason}.`, { cause });
  try {
    if (statSync(path).isFile()) return realpathSync(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw refuse(code === "ENOENT" ? "does not exist" : `cannot be read (${code})`, cause);
  }
  throw refuse("is not a file");
}

function createChild({ process: own, channel: line }: Launched): Child {
  let listener: ((message: FromChild) => void) | undefined;
  let nonsense: Error | undefined;
  let hang: Error | undefined;
  const kill = (): void => void own.kill("SIGKILL");
  const channel = createChannel<ToChild>(
    line,
    (message) => listener?.(readAnswer(message)),
    (reason) => {
      nonsense = reason;
      kill();
    },
  );
  const died = watch(own).then((death) => {
    channel.close();
    const cause = nonsense ?? hang;
    if (cause === undefined) return death;
    const why = nonsense === undefined ? cause.message : `it spoke nonsense (${cause.message.slice(0, 200)})`;
    const message = `The engine's process was stopped: ${why}.`;
    return { error: new EngineError("engine-crashed", message, { cause }), lacksMemory: false };
  });
  return {
    channel,
    died,
    listen: (take) => (listener = take),
    give(reason) {
      hang = reason;
      kill();
    },
    async end() {
      channel.close();
      const timer = setTimeout(kill, patienceMs);
      return died.finally(() => clearTimeout(timer));
    },
  };
}

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
      resolveEnd({ error: new EngineError("engine-crashed", message, { cause }), lacksMemory: false });
    });
    // The `close` event would wait for every pipe, and other processes of the sandbox may hold one for a moment longer.
    child.once("exit", (code, ownSignal) => {
      const signal = ownSignal ?? signalIn(code);
      const how = signal ?? `exit code ${code ?? "unknown"}`;
      void heard.then(() => {
        const last = words.trim().split("\n").at(-1) ?? "";
        const message = `The engine's process ended (${how})${last === "" ? "." : `: ${last}`}`;
        const lacksMemory = signal === "SIGKILL" || /out of memory|bad_alloc|allocation failed/i.test(words);
        resolveEnd({ error: new EngineError("engine-crashed", message), lacksMemory });
      });
    });
  });
}

/** bubblewrap reports the signal that ended the program as shells do. */
function signalIn(code: number | null): string | undefined {
  return Object.entries(constants.signals).find(([, number]) => code === 128 + number)?.[0];
}

async function handshake(
  { channel, listen, died, end }: Child,
  options: Extract<ToChild, { type: "open" }>["options"],
  loadMs: number,
  signal?: AbortSignal,
): Promise<OpenedInfo> {
  const answer = new Promise<OpenedInfo>((resolveInfo, reject) => {
    listen((message) => {
      if (message.type === "opened") resolveInfo(message.info);
      else if (message.type === "refused") reject(new EngineError(message.error.code, message.error.message));
    });
  });
  const death = died.then(({ error, lacksMemory }) => {
    if (lacksMemory) {
      const sentence =
        "The engine's process ran out of memory, or was killed as systems do that run out, while it loaded the model.";
      throw new EngineError("out-of-memory", sentence, { cause: error });
    }
    // Nothing but the file is new to the native code at this point.
    throw new EngineError(
      "model-corrupt",
      `The model file ${options.modelPath} brought the engine down: ${error.message}`,
      { cause: error },
    );
  });
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const sentence = `The model file ${options.modelPath} was not loaded within ${Math.ceil(loadMs / 1000)} s.`;
    late.reject(new EngineError("model-timeout", sentence));
  }, loadMs);
  const abort = (): void =>
    late.reject(new EngineError("aborted", "The engine was closed while it loaded.", { cause: signal?.reason }));
  signal?.addEventListener("abort", abort);
  if (signal?.aborted === true) abort();
  channel.send({ type: "open", options });
  try {
    return await Promise.race([answer, death, late.promise]);
  } catch (error) {
    // Whoever hears of a failure may load the next file at once: there shall be room.
    await end();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}
