import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
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
];

/**
 * Makes each derived thing whose inputs changed since it was made.
 * @param {string} root @param {import("./runtime.mjs").Runtime} node
 */
export async function makeDerived(root, node) {
  for (const [index, step] of steps.entries()) {
    if (!existsSync(join(root, step.inputs[0]))) continue;
    const stamp = join(root, ".cache", "derived", `${index}`);
    const isMade = () =>
      existsSync(join(root, step.output)) &&
      existsSync(stamp) &&
      readFileSync(stamp, "utf8") === fingerprint(root, step);
    if (isMade()) continue;
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
}

/** @param {string} root @param {{ inputs: string[] }} step */
function fingerprint(root, step) {
  const hash = createHash("sha256");
  for (const input of step.inputs) hash.update(readFileSync(join(root, input)));
  return hash.digest("hex");
}
