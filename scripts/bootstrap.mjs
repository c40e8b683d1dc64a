#!/usr/bin/env node
/**
 * Starts a script of this repository with a Node that can run it: `node scripts/bootstrap.mjs <script> [arguments]`.
 *
 * Runs on Node >= 18 without any dependency. It finds or fetches the Node to use, installs the packages when the lock
 * file changed, makes what is derived and not committed, then becomes the script: same arguments, working folder,
 * standard streams, signals and exit code. The script's path is relative to the repository, the working folder stays
 * the caller's.
 */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { makeDerived } from "./bootstrap/derived.mjs";
import { installPackages } from "./bootstrap/packages.mjs";
import { SetupError } from "./bootstrap/progress.mjs";
import { runScript } from "./bootstrap/run.mjs";
import { findNode } from "./bootstrap/runtime.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

async function main() {
  const [script, ...args] = process.argv.slice(2);
  if (script === undefined) throw new SetupError("usage: node scripts/bootstrap.mjs <script> [arguments]", 2);
  const file = resolve(root, script);
  if (!existsSync(file)) throw new SetupError(`There is no ${script} in this checkout.`, 2);
  const node = await findNode(root);
  await installPackages(root, node);
  await makeDerived(root, node, script);
  await runScript(root, node, file, args);
}

main().catch((error) => {
  console.error(error instanceof SetupError ? error.message : error);
  process.exitCode = error instanceof SetupError ? error.exitCode : 1;
});
