#!/usr/bin/env node
/**
 * npm's Solidity compiler as forge wants one: a program with --version and --standard-json. With LODE_COMPILER set it
 * hands the work to a compiler that runs already behind that socket, which saves loading it each time.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect } from "node:net";

const require = createRequire(import.meta.url);

if (process.argv.includes("--version")) {
  const { version } = JSON.parse(readFileSync(require.resolve("solc/package.json"), "utf8"));
  // Forge reads no more than the number, but wants a commit behind it.
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${version}+commit.00000000.Linux.g++`);
} else if (process.env.LODE_COMPILER === undefined) {
  process.stdout.write(require("solc").compile(readFileSync(0, "utf8")));
} else {
  const socket = connect(process.env.LODE_COMPILER);
  process.stdin.pipe(socket);
  socket.pipe(process.stdout);
}
