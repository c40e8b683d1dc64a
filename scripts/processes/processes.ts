import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stopGroups } from "./groups.ts";

export interface ProcessSpec {
  /** A word for people: "coordinator", "miner 1". */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Where its output goes. */
  readonly logFile: string;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running process of ours, leader of its own process group. */
export interface Running {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Resolves when it is gone, whatever the reason. */
  readonly ended: Promise<Ended>;
  isAlive(): boolean;
  /** Asks it to end and waits; kills it after five seconds. */
  stop(): Promise<void>;
  /** Has something done each time before it is asked to end; what goes wrong there does not keep it from ending. */
  beforeStop(work: () => Promise<void>): void;
  kill(signal: NodeJS.Signals): void;
  /** The last lines it printed. */
  lastLines(count: number): string;
}

/** A process that ended before it was ready. */
export class ProcessFailedError extends Error {
  override readonly name = "ProcessFailedError";
  readonly exitCode: number;
  constructor(process: Running, { code, signal }: Ended) {
    const end = process.lastLines(8);
    super(
      `The ${process.name} ended (${signal ?? code ?? "?"}) before it was ready; its log is ${process.logFile}.\n${end}`,
    );
    this.exitCode = code ?? 1;
  }
}

/**
 * The processes one command starts. Each leads its own group, so that a Ctrl-C in the terminal reaches only the command,
 * which then stops them in order; a guard process stops them when the command itself is killed.
 */
export class Processes {
  readonly #running: Running[] = [];
  #guard: ChildProcess | undefined;

  start(spec: ProcessSpec): Running {
    mkdirSync(dirname(spec.logFile), { recursive: true });
    const log = openSync(spec.logFile, "w");
    const child = spawn(spec.command, spec.args, {
      detached: true,
      stdio: ["ignore", log, log],
      env: { ...process.env, ...spec.env },
      ...(spec.cwd !== undefined && { cwd: spec.cwd }),
    });
    closeSync(log);
    if (child.pid === undefined) throw new Error(`${spec.command} cannot be started; is everything installed?`);
    const running = describe(spec, child, child.pid);
    this.#running.push(running);
    this.#tellGuard(`+${running.pid}`);
    void running.ended.then(() => this.#tellGuard(`-${running.pid}`));
    return running;
  }

  /** Stops everything, the last started first: nothing loses what it leans on while it is still closing. */
  async stopAll(): Promise<void> {
    for (const running of this.#running.toReversed()) await running.stop();
    this.#guard?.stdin?.end();
    this.#guard = undefined;
  }

  #tellGuard(line: string): void {
    this.#guard ??= startGuard();
    this.#guard.stdin?.write(`${line}\n`);
  }
}

function startGuard(): ChildProcess {
  const guard = spawn(process.execPath, [join(import.meta.dirname, "guard.ts")], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.stdin.on("error", () => undefined);
  guard.unref();
  return guard;
}

function describe({ name, logFile }: ProcessSpec, child: ChildProcess, pid: number): Running {
  let end: Ended | undefined;
  const lastWishes: (() => Promise<void>)[] = [];
  const ended = new Promise<Ended>((resolve) => {
    child.once("exit", (code, signal) => resolve((end = { code, signal })));
  });
  return {
    name,
    pid,
    logFile,
    ended,
    isAlive: () => end === undefined,
    beforeStop: (work) => void lastWishes.push(work),
    stop: async () => {
      if (end === undefined) await Promise.allSettled(lastWishes.map((work) => work()));
      await stopGroups([pid], { patienceMs: 5_000 });
      await ended;
    },
    kill: (signal) => void child.kill(signal),
    lastLines: (count) => readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-count).join("\n"),
  };
}
