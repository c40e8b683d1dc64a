/**
 * `npm test [-- filters and options]`: runs the Solidity tests (Hardhat) and the TypeScript tests (Vitest), and closes
 * with one line that adds them up. A filter is a part of a test file's path; options go to Vitest. Ends with 1 when a
 * test failed, a runner broke or a runner ran nothing.
 */
import { globSync } from "node:fs";
import { root } from "./root.ts";
import { runSolidity } from "./test/solidity.ts";
import { add, closingLine, isGood, nothing, type Tally } from "./test/tally.ts";
import { runVitest } from "./test/vitest.ts";

const args = process.argv.slice(2);
const filters = args.filter((arg) => !arg.startsWith("-"));
const options = args.filter((arg) => arg.startsWith("-"));

const matches = (file: string): boolean => filters.length === 0 || filters.some((filter) => file.includes(filter));
const find = (pattern: string): string[] => globSync(pattern, { cwd: root }).filter(matches).sort();
const solidityFiles = find("test/contracts/**/*.t.sol");
const typescriptFiles = find("test/**/*.test.ts");

let total: Tally = nothing;
if (solidityFiles.length > 0) total = add(total, await runSolidity(solidityFiles));
if (typescriptFiles.length > 0)
  total = add(total, await runVitest(filters.length === 0 ? [] : typescriptFiles, options));
if (solidityFiles.length + typescriptFiles.length === 0) {
  total = { ...nothing, broken: [`no test file's path contains ${filters.join(" or ")}`] };
}

for (const reason of total.broken) console.error(`\nNot counted: ${reason}`);
console.log(`\n${closingLine(total)}`);
process.exitCode = isGood(total) ? 0 : 1;
