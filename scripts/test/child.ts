import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../root.ts";

export interface ChildResult {
  readonly exitCode: number;
  /** What the child wrote into its report file; undefined when it wrote none or something unreadable. */
  readonly report: unknown;
}

/**
 * Runs a test runner with its output streamed through, and hands back its exit code and JSON report.
 * @param argumentsFor the runner's arguments, given the report file it shall write
 */
export async function runWithReport(argumentsFor: (reportFile: string) => string[]): Promise<ChildResult> {
  const folder = mkdtempSync(join(tmpdir(), "lode-report-"));
  const reportFile = join(folder, "report.json");
  try {
    const child = spawn(process.execPath, argumentsFor(reportFile), { cwd: root, stdio: "inherit" });
    const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on("SIGINT", forward).on("SIGTERM", forward);
    const exitCode = await new Promise<number>((done, fail) => {
      child.on("error", fail).on("exit", (code, signal) => done(code ?? (signal === "SIGINT" ? 130 : 143)));
    });
    process.off("SIGINT", forward).off("SIGTERM", forward);
    return { exitCode, report: readReport(reportFile) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
