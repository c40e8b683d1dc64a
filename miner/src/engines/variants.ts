import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { isRunning, nameOfProcess } from "@lode/sdk/record-log";
import { EngineError } from "./errors.ts";

export type Variant = "cuda" | "vulkan";

const scope = "@node-llama-cpp";
/** As the packages call those systems that have variants. */
const systems: ReadonlyMap<string, string> = new Map([
  ["linux-x64", "linux-x64"],
  ["win32-x64", "win-x64"],
]);

/** The packages that make up a variant of the engine on a platform; none where it has no such variant. */
export function variantPackages(variant: Variant, platform: string, arch: string): readonly string[] {
  const system = systems.get(`${platform}-${arch}`);
  if (system === undefined) return [];
  return variant === "cuda" ? [`${system}-cuda`, `${system}-cuda-ext`] : [`${system}-vulkan`];
}

export interface InstallOptions {
  readonly packages: readonly string[];
  /** Folder of packages that holds the engine's; this installation's own unless given. */
  readonly folder?: string;
  /** Of the engine, which the variant's must be too; this installation's own unless given. */
  readonly version?: string;
  /** Program that fetches packages. */
  readonly npm?: string;
  /** Moves a folder; the system's own way unless given. */
  readonly move?: (from: string, to: string) => void;
  readonly signal: AbortSignal;
}

/** A package that takes another one's place, which is kept until all have. */
interface Exchange {
  readonly fresh: string;
  readonly place: string;
  readonly before: string;
}

/** With the name of the process behind it: only what a dead one left is cleared up. */
const workPrefix = ".install-";

/**
 * Fetches a variant's packages with npm, which checks them against its registry's digests, and puts them beside the engine's own. Nothing else of
 * the installation changes: all are there before the first takes its place, and where one cannot, the old ones come back. One that was ended in
 * the middle of that is made good by the next. Throws EngineError `download-failed`.
 */
export async function installVariant(options: InstallOptions): Promise<void> {
  const { packages, folder = packagesHere(), npm = "npm", move = renameSync, signal } = options;
  const version = options.version ?? versionIn(join(folder, "node-llama-cpp"));
  const place = join(folder, scope);
  await bringBack(place);
  const owner = (await nameOfProcess(process.pid)).replace(" ", "_");
  const work = mkdtempSync(join(place, `${workPrefix}${owner}-`));
  try {
    const exchanges: Exchange[] = [];
    for (const name of packages) {
      const fresh = await fetchPackage({ name, version, npm, into: join(work, name), signal });
      exchanges.push({ fresh, place: join(place, name), before: join(work, `${name}.before`) });
    }
    exchange(exchanges, move);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new EngineError("download-failed", `The engine's variant cannot be installed: ${why}`, { cause });
  } finally {
    // What could not even be put back stays for the next.
    if (!isPending(place, work)) rmSync(work, { recursive: true, force: true });
  }
}

async function fetchPackage({
  name,
  version,
  npm,
  into,
  signal,
}: Required<Pick<InstallOptions, "npm" | "signal" | "version">> & { name: string; into: string }): Promise<string> {
  mkdirSync(into);
  const run = promisify(execFile);
  // On Windows npm is a script of the shell.
  const shell = process.platform === "win32";
  const wanted = ["pack", `${scope}/${name}@${version}`, "--silent", "--pack-destination", into];
  const packed = await run(npm, wanted, { signal, shell });
  const file = packed.stdout.trim().split("\n").at(-1) ?? "";
  await run("tar", ["-xzf", file], { cwd: into, signal });
  const unpacked = join(into, "package");
  if (versionIn(unpacked) !== version) throw new Error(`it is not of version ${version}`);
  return unpacked;
}

/** All take their places, or none does. Throws what the failing move did. */
function exchange(exchanges: readonly Exchange[], move: (from: string, to: string) => void): void {
  const begun: Exchange[] = [];
  try {
    for (const one of exchanges) {
      begun.push(one);
      if (existsSync(one.place)) move(one.place, one.before);
      move(one.fresh, one.place);
    }
  } catch (error) {
    for (const { fresh, place, before } of begun.toReversed()) {
      if (!existsSync(fresh)) rmSync(place, { recursive: true, force: true });
      if (existsSync(before)) move(before, place);
    }
    throw error;
  }
}

/** Whether a work folder holds what nothing has taken the place of. */
const isPending = (place: string, work: string): boolean =>
  keptIn(work).some((name) => !existsSync(join(place, name.slice(0, -keptEnding.length))));

const keptEnding = ".before";
const keptIn = (work: string): string[] => readdirSync(work).filter((name) => name.endsWith(keptEnding));

/** What an installation that was ended left in its work folder goes back where nothing took its place. */
async function bringBack(place: string): Promise<void> {
  for (const left of readdirSync(place).filter((name) => name.startsWith(workPrefix))) {
    const [owner = ""] = left.slice(workPrefix.length).split("-");
    // This process's own number is that of an earlier try, or of a dead process that had it before.
    if (Number.parseInt(owner, 10) !== process.pid && (await isRunning(owner.replace("_", " ")))) continue;
    const work = join(place, left);
    for (const name of keptIn(work)) {
      const to = join(place, name.slice(0, -keptEnding.length));
      if (!existsSync(to)) renameSync(join(work, name), to);
    }
    rmSync(work, { recursive: true, force: true });
  }
}

function versionIn(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
  return version;
}

function packagesHere(): string {
  const parts = dirname(fileURLToPath(import.meta.resolve("node-llama-cpp"))).split(sep);
  return parts.slice(0, parts.lastIndexOf("node_modules") + 1).join(sep);
}
