/**
 * `npm run check [-- step ...]`: everything a change must satisfy before its tests are even run. Each step is printed
 * with how long it took, a failed one with its output; ends with 1 when any failed.
 */
import { availableParallelism } from "node:os";
import { runSteps, type Step } from "./steps.ts";

const bin = (path: string): string => `node_modules/${path}`;

const steps: Step[] = [
  { name: "format", args: ["scripts/check/format.ts"], mend: "npm run format" },
  { name: "types", args: [bin("typescript/bin/tsc"), "--noEmit"] },
  { name: "web types", args: [bin("typescript/bin/tsc"), "--noEmit", "-p", "coordinator/web"] },
  {
    name: "lint",
    args: [bin("eslint/bin/eslint.js"), ".", "--max-warnings", "0"],
  },
  {
    name: "solhint",
    args: [
      bin("solhint/solhint.js"),
      "--disc",
      "--noPoster",
      "--max-warnings",
      "0",
      "contracts/**/*.sol",
      "test/contracts/**/*.sol",
    ],
  },
  { name: "generated", args: ["scripts/generate/main.ts", "--check"], mend: "npm run generate" },
  { name: "circuits", args: ["scripts/zk/verify.ts", "--quick"], mend: "npm run zk:build and zk:setup" },
  { name: "circuit analysis", args: ["scripts/zk/lint.ts"] },
  {
    name: "lock file",
    args: ["scripts/check/lock.ts"],
    mend: "node scripts/bootstrap.mjs scripts/check/lock.ts --write",
  },
  { name: "subgraph", args: ["scripts/subgraph/main.ts"] },
  { name: "gas", args: ["scripts/check/gas.ts"], mend: "npm run gas:update" },
  { name: "tracked files", args: ["scripts/check/tracked.ts"] },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(`There is no step ${unknown.join(", ")}; the steps are ${steps.map(({ name }) => name).join(", ")}.`);
  process.exitCode = 2;
} else {
  const chosen = steps.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const failed = await runSteps(chosen, Math.min(2, availableParallelism()));
  console.log(failed.length === 0 ? "All checks passed." : `Failed: ${failed.join(", ")}.`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
