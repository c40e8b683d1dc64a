/**
 * `npm start`: a whole market on this machine, one paid job through it, shown step by step; then it stays up. `--help`
 * tells the options.
 */
import { Socket } from "node:net";
import { explainSystemError } from "@lode/sdk/errors";
import { claim } from "../processes/single.ts";
import { Processes } from "../processes/processes.ts";
import { Display } from "./display.ts";
import { layoutOf, type Layout } from "./layout.ts";
import { help, readOptions, type Options } from "./options.ts";
import { runStory } from "./story.ts";
import { wayIn } from "./way-in.ts";

const processes = new Processes();
/** Once the market is up, a request to end is what it waits for and no failure. */
let isUp = false;

/** Why the command ends before its story does. */
class Stopped extends Error {
  override readonly name = "Stopped";
  readonly exitCode: number;
  constructor(exitCode: number) {
    super("stopped");
    this.exitCode = exitCode;
  }
}

await main();

async function main(): Promise<void> {
  let release: (() => void) | undefined;
  try {
    const options = readOptions(process.argv.slice(2));
    if (options.help) {
      console.log(help);
      return;
    }
    const layout = layoutOf(options.folder);
    const claimed = claim(layout.lock);
    if (typeof claimed === "number") throw alreadyRunning(claimed);
    release = claimed;
    await Promise.race([tell(options, layout), stopSignal()]);
    process.exitCode = 0;
  } catch (error) {
    if (!(error instanceof Stopped)) console.error(`\n${sentence(error)}`);
    process.exitCode = exitCodeOf(error);
  } finally {
    await processes.stopAll();
    release?.();
  }
  // The parent's pipe and pending requests would keep the event loop alive.
  process.exit();
}

async function tell(options: Options, layout: Layout): Promise<void> {
  // With --json standard output belongs to the one JSON object.
  const display = new Display(options.json ? process.stderr : process.stdout);
  const { outcome, market, index } = await runStory(display, processes, layout, options);
  if (!options.once) display.lines(wayIn(market, index.url, (text) => display.heading(text)));
  if (options.json) console.log(JSON.stringify(outcome));
  if (options.once) return;
  isUp = true;
  const ended = await Promise.race(
    [...market.processes, index.process].map(async (one) => ({ one, end: await one.ended })),
  );
  throw new Error(
    `The ${ended.one.name} ended (${ended.end.signal ?? ended.end.code ?? "?"}); its log is ${ended.one.logFile}.`,
  );
}

/** Rejects on Ctrl-C, on a request to end, and when the program that started this one is gone. */
function stopSignal(): Promise<never> {
  return new Promise((_, reject) => {
    process.on("SIGINT", () => reject(new Stopped(isUp ? 0 : 130)));
    for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => reject(new Stopped(isUp ? 0 : 143)));
    const lifeline = Number(process.env["LODE_LIFELINE_FD"] ?? 0);
    if (lifeline > 0) {
      // A socket and no file stream: a pending read of a file keeps a thread, and with it the process, from ending.
      new Socket({ fd: lifeline, readable: true, writable: false })
        .on("close", () => reject(new Stopped(143)))
        .on("error", () => undefined)
        .resume()
        .unref();
    }
    const launcher = Number(process.env["LODE_LAUNCHER_PID"] ?? 0);
    if (launcher > 1) setInterval(() => isGone(launcher) && reject(new Stopped(143)), 1_000).unref();
  });
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

function alreadyRunning(pid: number): Error {
  const error = new Error(
    `A market of this checkout is already running (process ${pid}): use that one, or stop it first.`,
  );
  return Object.assign(error, { exitCode: 8 });
}

function sentence(error: unknown): string {
  const known = explainSystemError(error) ?? error;
  return known instanceof Error ? known.message : String(known);
}

function exitCodeOf(error: unknown): number {
  const code: unknown = typeof error === "object" && error !== null && "exitCode" in error ? error.exitCode : undefined;
  return typeof code === "number" ? code : 1;
}
