import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { isAlive, withLock } from "./lock.mjs";
import { runQuietly, SetupError } from "./progress.mjs";

/** The npm package `node` in this version carries the binary that is used where the system's Node is too old. */
const PINNED = "24.21.0";

/**
 * @typedef {{ path: string, npm: () => string }} Runtime  a Node binary, and npm's own script to run with it
 */

/**
 * The Node to run everything with: this one when it is new enough, else the pinned one, fetched once per checkout.
 * @param {string} root @returns {Promise<Runtime>}
 */
export async function findNode(root) {
  if (isNewEnough()) return { path: process.execPath, npm: findNpm };
  const home = join(root, ".cache", "node", `${PINNED}-${process.platform}-${process.arch}`);
  const path = join(home, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
  if (!existsSync(path)) {
    await withLock(join(root, ".cache", "locks", "node"), "fetching Node", async (hold) => {
      if (!existsSync(path)) await fetchNode(root, home, hold);
    });
  }
  return { path, npm: findNpm };
}

/** Hardhat needs 22.13; the rest is whether this Node runs TypeScript files without a flag. */
function isNewEnough() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  return (major > 22 || (major === 22 && minor >= 13)) && Boolean(process.features.typescript);
}

/** @param {string} root @param {string} home @param {(pid: number) => void} hold */
async function fetchNode(root, home, hold) {
  const folder = dirname(home);
  mkdirSync(folder, { recursive: true });
  removeLeftovers(folder);
  // Installed beside its final name and renamed in one step, so that a run killed midway leaves nothing that looks done.
  const half = join(folder, `half-${process.pid}`);
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half);
  const manifest = { private: true, dependencies: { node: PINNED }, allowScripts: { node: true } };
  writeFileSync(join(half, "package.json"), JSON.stringify(manifest));
  await runQuietly({
    what: `fetching Node ${PINNED}`,
    command: process.execPath,
    args: [findNpm(), "install", "--no-audit", "--no-fund", "--ignore-scripts=false", "--omit=dev"],
    cwd: half,
    env: npmEnvironment(dirname(process.execPath)),
    log: join(root, ".cache", "logs", "node.log"),
    onStart: hold,
  });
  const binary = join(half, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
  const version = spawnSync(binary, ["--version"], { encoding: "utf8" }).stdout?.trim();
  if (version !== `v${PINNED}`) {
    throw new SetupError(
      `The fetched Node does not start here (${process.platform} ${process.arch}); install Node 24.`,
    );
  }
  rmSync(home, { recursive: true, force: true });
  renameSync(half, home);
}

/** @param {string} folder */
function removeLeftovers(folder) {
  for (const name of readdirSync(folder)) {
    const pid = Number(/^half-(\d+)$/.exec(name)?.[1] ?? 0);
    if (pid > 0 && !isAlive(pid)) rmSync(join(folder, name), { recursive: true, force: true, maxRetries: 3 });
  }
}

/** npm's script: the npm that started us, the one beside this Node, or the one on PATH. */
export function findNpm() {
  const bin = dirname(realpathSync(process.execPath));
  const script = ["npm", "bin", "npm-cli.js"];
  const candidates = [
    process.env.npm_execpath ?? "",
    join(bin, "node_modules", ...script),
    join(bin, "..", "lib", "node_modules", ...script),
    ...(process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "npm")),
  ];
  for (const candidate of candidates) {
    if (!existsSync(candidate)) continue;
    const file = realpathSync(candidate);
    if (file.endsWith("npm-cli.js")) return file;
  }
  throw new SetupError("npm was not found: install Node together with npm, then run the same command again.");
}

/**
 * The environment for an npm of our own: without what an outer `npm run` tells its scripts, and with install scripts
 * that would fetch things told not to.
 * @param {string} nodeFolder put first on PATH, because install scripts call plain `node`
 */
export function npmEnvironment(nodeFolder) {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_(package|lifecycle|command)/.test(name) && name !== "NODE_ENV" && name !== "INIT_CWD",
  );
  return {
    ...Object.fromEntries(kept),
    PATH: `${nodeFolder}${delimiter}${process.env.PATH ?? ""}`,
    NODE_LLAMA_CPP_SKIP_DOWNLOAD: "true",
    PRISMA_SKIP_POSTINSTALL_GENERATE: "true",
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  };
}
