import { runWithReport } from "./child.ts";
import { judge, type Tally } from "./tally.ts";

/** The part of Vitest's JSON report that is counted here. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

/**
 * Runs the TypeScript tests in a process of their own.
 * @param files test files to run, all when empty
 * @param options passed through to Vitest
 */
export async function runVitest(files: readonly string[], options: readonly string[]): Promise<Tally> {
  const { exitCode, report } = await runWithReport((reportFile) => [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${reportFile}`,
    ...options,
    ...files,
  ]);
  return judge("Vitest", report === undefined ? undefined : count(report as VitestReport), exitCode);
}

/** A file that could not even be loaded holds no test in the report, so it is counted as one failure. */
function count(report: VitestReport): Omit<Tally, "broken"> {
  const unloadable = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloadable.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
