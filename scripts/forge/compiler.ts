import { spawn, type ChildProcess } from "node:child_process";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** A loaded Solidity compiler in a process of its own. */
export interface Compiler {
  /** Give it to forge as LODE_COMPILER. */
  readonly socket: string;
  /** One standard JSON in, one out. */
  compile(input: unknown): Promise<unknown>;
  stop(): void;
}

export async function startCompiler(socket: string): Promise<Compiler> {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, "compiler.mjs"), socket], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  const compile = async (input: unknown): Promise<unknown> => JSON.parse(await ask(socket, JSON.stringify(input)));
  for (let tries = 0; ; tries++) {
    try {
      await compile({ language: "Solidity", sources: {} });
      break;
    } catch (error) {
      if (child.exitCode !== null || tries > 600) throw error;
      await pause(50);
    }
  }
  return { socket, compile, stop: () => void child.kill() };
}

function ask(path: string, text: string): Promise<string> {
  return new Promise((done, fail) => {
    const parts: Buffer[] = [];
    const socket = connect(path, () => socket.end(text));
    socket.on("data", (part: Buffer) => parts.push(part));
    socket.on("end", () => done(Buffer.concat(parts).toString("utf8")));
    socket.on("error", fail);
  });
}
