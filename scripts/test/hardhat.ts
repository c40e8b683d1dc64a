/**
 * Runs Hardhat's Solidity tests in this process and writes how many passed, failed and were skipped:
 * `node scripts/test/hardhat.ts <report.json> [files]`. Hardhat's printed summary is for people; its results are exact.
 */
import { writeFileSync } from "node:fs";
import hre from "hardhat";

interface Suite {
  readonly testResults: readonly { readonly status: "Success" | "Failure" | "Skipped" }[];
}

const [reportFile, ...testFiles] = process.argv.slice(2);
if (reportFile === undefined) throw new Error("usage: node scripts/test/hardhat.ts <report.json> [files]");

const result = (await hre.tasks.getTask(["test", "solidity"]).run({ testFiles })) as {
  success: boolean;
  value?: { suiteResults: readonly Suite[] };
  error?: { suiteResults: readonly Suite[] };
};
const statuses = ((result.value ?? result.error)?.suiteResults ?? []).flatMap((suite) =>
  suite.testResults.map((test) => test.status),
);
const count = (status: string): number => statuses.filter((each) => each === status).length;
writeFileSync(
  reportFile,
  JSON.stringify({ passed: count("Success"), failed: count("Failure"), skipped: count("Skipped") }),
);
process.exitCode = result.success ? 0 : 1;
