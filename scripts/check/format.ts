/** `npm run format` formats every file; without `--write` it names the files that are not formatted and ends with 1. */
import { spawnSync } from "node:child_process";
import { root } from "../root.ts";

const mode = process.argv.includes("--write") ? ["--write", "--list-different"] : ["--check"];
const { status } = spawnSync(
  process.execPath,
  ["node_modules/prettier/bin/prettier.cjs", ...mode, "--cache", "--cache-location", ".cache/prettier", "."],
  { cwd: root, stdio: "inherit" },
);
process.exitCode = status ?? 1;
