import { runWithReport } from "./child.ts";
import { judge, type Tally } from "./tally.ts";

/**
 * Runs the Solidity tests in a process of their own.
 * @param files test files to run, all when empty
 */
export async function runSolidity(files: readonly string[]): Promise<Tally> {
  const { exitCode, report } = await runWithReport((reportFile) => ["scripts/test/hardhat.ts", reportFile, ...files]);
  return judge("Hardhat", report as Omit<Tally, "broken"> | undefined, exitCode);
}
