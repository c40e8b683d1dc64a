import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { withLock } from "./lock.mjs";
import { runQuietly } from "./progress.mjs";
import { npmEnvironment } from "./runtime.mjs";

/**
 * Installs the packages of package-lock.json unless they are there already. The stamp lies inside node_modules, which
 * `npm ci` empties first: an interrupted install leaves no stamp and is done again.
 * @param {string} root @param {import("./runtime.mjs").Runtime} node
 */
export async function installPackages(root, node) {
  const stamp = join(root, "node_modules", ".lode-installed");
  const wanted = () => fingerprint(root);
  if (read(stamp) === wanted()) return;
  await withLock(join(root, ".cache", "locks", "packages"), "installing packages", async (hold) => {
    if (read(stamp) === wanted()) return;
    if (!isInstalledByHand(root)) {
      await runQuietly({
        what: "installing packages",
        command: node.path,
        args: [
          node.npm(),
          "ci",
          "--no-audit",
          "--no-fund",
          "--include=dev",
          "--include=optional",
          "--ignore-scripts=false",
        ],
        cwd: root,
        env: npmEnvironment(dirname(node.path)),
        log: join(root, ".cache", "logs", "npm-ci.log"),
        onStart: hold,
      });
    }
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, wanted());
  });
}

/** @param {string} root */
function fingerprint(root) {
  const lock = readFileSync(join(root, "package-lock.json"));
  return `${createHash("sha256").update(lock).digest("hex")} ${process.platform} ${process.arch}`;
}

/** @param {string} file */
function read(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/**
 * Whether a developer's own `npm install` already brought everything the lock file asks for: npm's record of what it
 * put into node_modules holds each entry in the same version. Optional ones may be absent, except builds for this platform,
 * which an npm on an older Node leaves out.
 * @param {string} root
 */
function isInstalledByHand(root) {
  const record = read(join(root, "node_modules", ".package-lock.json"));
  if (record === undefined) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const present = JSON.parse(record).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "" || entry.link === true) return true;
    if (present[path] !== undefined) return present[path].version === entry.version;
    return entry.optional === true && !isBuildForHere(entry);
  });
}

/** @param {{ os?: string[], cpu?: string[], libc?: string[] }} entry */
function isBuildForHere({ os, cpu, libc = ["glibc"] }) {
  return os?.includes(process.platform) === true && cpu?.includes(process.arch) === true && libc.includes("glibc");
}
