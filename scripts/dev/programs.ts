import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Processes, Running } from "../processes/processes.ts";
import { untilReady } from "../processes/ready.ts";
import { root } from "../root.ts";
import type { Person } from "./people.ts";

/** What every program needs to know of the market it takes part in. */
export interface Surroundings {
  readonly rpcUrl: string;
  readonly addressesFile: string;
}

export interface CoordinatorProgram {
  readonly url: string;
  readonly process: Running;
}

/** A program that ended with a code of its own: its sentence, passed on. */
export class ProgramError extends Error {
  override readonly name = "ProgramError";
  readonly exitCode: number;
  constructor(command: string, sentence: string, exitCode: number) {
    super(`lode ${command}: ${sentence}`);
    this.exitCode = exitCode;
  }
}

/** What every command that sends transactions reports of them. */
export interface CommandResult {
  readonly acts: readonly { readonly what: string; readonly gas?: string }[];
}

/** Gas of all transactions of a command. */
export function gasOf({ acts }: CommandResult): bigint {
  return acts.reduce((sum, act) => sum + BigInt(act.gas ?? 0), 0n);
}

const lodeProgram = join(root, "miner", "src", "cli", "main.ts");
const coordinatorProgram = join(root, "coordinator", "src", "server.ts");
const run = promisify(execFile);

/** Starts `lode-coordinator` and waits until it answers. */
export async function startCoordinator(
  processes: Processes,
  around: Surroundings,
  who: Person,
  { port, logFile, env = {} }: { port: number; logFile: string; env?: Readonly<Record<string, string>> },
): Promise<CoordinatorProgram> {
  const url = `${env["TLS_CERT_FILE"] === undefined ? "http" : "https"}://127.0.0.1:${port}`;
  const process_ = processes.start({
    name: "coordinator",
    command: process.execPath,
    args: [coordinatorProgram, "start"],
    env: { ...programEnvironment(around, who), PORT: `${port}`, ...env },
    logFile,
  });
  // By name: another coordinator may have taken the port between the choice and the start.
  await untilReady(process_, async () => {
    const { coordinator } = (await (await fetch(`${url}/v1/info`)).json()) as { coordinator: string };
    return coordinator === who.address.toLowerCase() ? true : undefined;
  });
  return { url, process: process_ };
}

/** Starts `lode miner start`. It is at work once the coordinator lists its model. */
export function startMiner(
  processes: Processes,
  around: Surroundings,
  who: Person,
  {
    name,
    coordinatorUrl,
    logFile,
    env = {},
  }: {
    name: string;
    coordinatorUrl: string;
    logFile: string;
    env?: Readonly<Record<string, string>>;
  },
): Running {
  return processes.start({
    name,
    command: process.execPath,
    args: [lodeProgram, "miner", "start"],
    env: { ...programEnvironment(around, who), COORD_URL: coordinatorUrl, ...env },
    logFile,
  });
}

/**
 * Runs one `lode` command for somebody and gives back the JSON it prints.
 * @throws {ProgramError} with the sentence it printed
 */
export async function runLode(around: Surroundings, who: Person, args: readonly string[]): Promise<unknown> {
  let kill: (() => void) | undefined;
  try {
    const running = run(process.execPath, [lodeProgram, ...args, "--wallet", who.keystoreFile, "--json"], {
      env: { ...process.env, ...programEnvironment(around, who) },
      maxBuffer: 64 * 1024 * 1024,
    });
    // A command is short, so it is not worth a guard, but it must not go on after us.
    kill = () => void running.child.kill();
    process.once("exit", kill);
    return JSON.parse((await running).stdout);
  } catch (error) {
    const { stderr, code } = error as { stderr?: string; code?: number };
    if (stderr === undefined || typeof code !== "number") throw error;
    throw new ProgramError(args.slice(0, 2).join(" "), sentenceIn(stderr), code);
  } finally {
    if (kill !== undefined) process.off("exit", kill);
  }
}

/** With --json a program's last word is an object with its error; anything else is passed on as it is. */
function sentenceIn(stderr: string): string {
  const lastLine = stderr.trim().split("\n").at(-1) ?? "";
  try {
    return (JSON.parse(lastLine) as { error: { message: string } }).error.message;
  } catch {
    return stderr.trim() === "" ? "failed without a word" : stderr.trim();
  }
}

/** Raises somebody's stake to an amount of LODE in total. */
export async function stake(
  around: Surroundings,
  who: Person,
  role: "miner" | "coordinator",
  amount: bigint,
): Promise<CommandResult> {
  return (await runLode(around, who, ["stake", `${amount}`, "--total", "--role", role])) as CommandResult;
}

/** What a program is told about its market and its owner. */
export function programEnvironment(around: Surroundings, who: Person): Record<string, string> {
  return {
    LODE_HOME: who.home,
    KEYSTORE_PASSWORD_FILE: who.passwordFile,
    RPC_URL: around.rpcUrl,
    ADDRESSES_FILE: around.addressesFile,
  };
}
