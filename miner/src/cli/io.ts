import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { LodeError } from "@lode/sdk/errors";

/** A command's view of the world outside, so that tests can stand in for it. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTerminal: boolean;
  out(text: string): void;
  err(text: string): void;
  /** Shows a line in place of the one before; absent where nobody watches. An empty one clears it. */
  readonly status?: ((text: string) => void) | undefined;
  /** Asks for something that is not shown; absent without a terminal. */
  askHidden: ((question: string) => Promise<string>) | undefined;
  /** Asks for something that is shown; absent without a terminal. */
  ask: ((question: string) => Promise<string>) | undefined;
  /** All of standard input. */
  readInput(): Promise<string>;
  readonly signal: AbortSignal;
}

/** The real world. */
export function processIo(signal: AbortSignal): Io {
  const isTerminal = process.stdout.isTTY && process.stdin.isTTY;
  return {
    env: process.env,
    isTerminal,
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    status: process.stderr.isTTY ? (text) => void process.stderr.write(`\r\u001b[2K${text}`) : undefined,
    askHidden: isTerminal ? askHidden : undefined,
    ask: isTerminal ? ask : undefined,
    readInput: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString("utf8");
    },
    signal,
  };
}

async function ask(question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise((resolve) => {
      reader.question(question, resolve);
      reader.once("close", () => resolve(""));
    });
  } finally {
    reader.close();
  }
}

async function askHidden(question: string): Promise<string> {
  const mute = new Writable({ write: (_chunk, _encoding, done) => done() });
  process.stderr.write(question);
  const reader = createInterface({ input: process.stdin, output: mute, terminal: true });
  try {
    return await new Promise((resolve, reject) => {
      reader.question("", resolve);
      // Ctrl-C reaches the prompt, not the process, and ends the input without an answer.
      reader.once("close", () => reject(new LodeError("stopped", "Stopped at the question.", { exitCode: 130 })));
    });
  } finally {
    reader.close();
    process.stderr.write("\n");
  }
}
