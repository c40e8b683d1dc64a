import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { withLock } from "./lock.mjs";
import { runQuietly } from "./progress.mjs";

/**
 * What is derived and not committed, by the inputs it is made from. Prisma's command would fetch a schema engine that
 * generating does not need; naming any program as that engine keeps it from asking the network.
 */
const steps = [
  {
    what: "generating the database client",
    inputs: ["coordinator/prisma/schema.prisma", "package-lock.json"],
    output: "coordinator/prisma/generated/client.ts",
    args: ["node_modules/prisma/build/index.js", "generate", "--schema", "coordinator/prisma/schema.prisma"],
    env: { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: "1", CHECKPOINT_DISABLE: "1" },
  },
  {
    what: "building the explorer",
    inputs: [
      "coordinator/web/vite.config.ts",
      "coordinator/web/index.html",
      "coordinator/web/src",
      "coordinator/protocol",
      "contracts/sdk",
      "package-lock.json",
    ],
    output: "coordinator/web/dist/index.html",
    args: ["node_modules/vite/bin/vite.js", "build", "coordinator/web", "--logLevel", "warn"],
    env: {},
  },
  {
    what: "making an empty database",
    inputs: [
      "coordinator/prisma/make-empty.ts",
      "coordinator/prisma/migrations",
      "coordinator/src/plugins/app/store/database.ts",
      "package-lock.json",
    ],
    output: "coordinator/prisma/empty/PG_VERSION",
    args: ["coordinator/prisma/make-empty.ts"],
    env: {},
    // A coordinator's first start is quicker with it, and works without: nothing may fail for it, and a miner's machine needs it not at all.
    isOptional: true,
  },
];

/**
 * Makes each derived thing whose inputs changed since it was made.
 * @param {string} root @param {import("./runtime.mjs").Runtime} node @param {string} script what is to be started
 */
export async function makeDerived(root, node, script) {
  for (const [index, step] of steps.entries()) {
    if (!existsSync(join(root, step.inputs[0]))) continue;
    if (!step.isOptional) await make(root, node, index, step);
    else if (!script.startsWith("miner/")) {
      await make(root, node, index, step).catch((error) =>
        console.error(`${error.message}\nlode: going on without it.`),
      );
    }
  }
}

/** @param {string} root @param {import("./runtime.mjs").Runtime} node @param {number} index @param {typeof steps[number]} step */
async function make(root, node, index, step) {
  const stamp = join(root, ".cache", "derived", `${index}`);
  const isMade = () =>
    existsSync(join(root, step.output)) && existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint(root, step);
  if (isMade()) return;
  await withLock(join(root, ".cache", "locks", `derived-${index}`), step.what, async (hold) => {
    if (isMade()) return;
    await runQuietly({
      what: step.what,
      command: node.path,
      args: step.args,
      cwd: root,
      env: { ...process.env, ...step.env },
      log: join(root, ".cache", "logs", `derived-${index}.log`),
      onStart: hold,
    });
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, fingerprint(root, step));
  });
}

/** @param {string} root @param {{ inputs: string[] }} step */
function fingerprint(root, step) {
  const hash = createHash("sha256");
  for (const input of step.inputs) {
    for (const file of filesOf(join(root, input))) {
      hash.update(`${file.slice(root.length)}\n`);
      hash.update(readFileSync(file));
    }
  }
  return hash.digest("hex");
}

/** A file, or every file below a folder, in one order everywhere. @param {string} path @returns {string[]} */
function filesOf(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => name !== "node_modules")
    .sort()
    .flatMap((name) => filesOf(join(path, name)));
}
