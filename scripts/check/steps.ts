import { spawn } from "node:child_process";
import { root } from "../root.ts";

export interface Step {
  readonly name: string;
  /** Arguments to Node, relative to the checkout. */
  readonly args: readonly string[];
  /** The command that mends what the step complains of. */
  readonly mend?: string;
}

/**
 * Runs the steps, `width` at a time, printing each as it ends.
 * @returns the names of the failed ones
 */
export async function runSteps(steps: readonly Step[], width: number): Promise<string[]> {
  const waiting = [...steps];
  const failed: string[] = [];
  const work = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const started = performance.now();
      const { exitCode, output } = await run(step.args);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${exitCode === 0 ? "ok    " : "FAILED"} ${step.name} (${seconds} s)`);
      if (exitCode === 0) continue;
      failed.push(step.name);
      console.log(output.trimEnd());
      if (step.mend !== undefined) console.log(`Mend it with: ${step.mend}`);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return failed;
}

function run(args: readonly string[]): Promise<{ exitCode: number; output: string }> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    const output: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
    child.on("error", fail);
    child.on("close", (code) => done({ exitCode: code ?? 1, output: Buffer.concat(output).toString("utf8") }));
  });
}
