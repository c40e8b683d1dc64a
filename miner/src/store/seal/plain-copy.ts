import { readlinkSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, statfs } from "node:fs/promises";
import { freemem } from "node:os";
import { join } from "node:path";
import { EngineError } from "../../engines/errors.ts";
import { freeBytesAt } from "../room.ts";

/** A folder that only this user can look into, for one plain file, until it is removed. */
export interface PlainFolder {
  path: string;
  remove: () => Promise<void>;
}

/** Memory that looks like a folder: what lies there is gone with the machine's power. */
const memoryFolders: readonly string[] = process.platform === "linux" ? ["/dev/shm"] : [];
/** Linux' number of such a file system. */
const tmpfs = 0x01021994;
/** What everybody else needs of the memory. */
const reserveBytes = 2 ** 30;

/** Containers may share this folder, but a process' number means something in its own alone. */
const prefix = `lode-plain-${process.getuid?.() ?? "user"}-${processNamespace()}-`;

function processNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
  } catch {
    return "0";
  }
}

/**
 * Makes a folder for a plain copy: in memory where that has room, for then the plain text never meets the disk and a model that is mapped from
 * there takes no memory twice; else `onDisk`. What earlier processes left behind is removed first.
 * Throws EngineError `no-space`.
 */
export async function makePlainFolder(
  sizeBytes: number,
  onDisk: string,
  inMemory: readonly string[] = memoryFolders,
): Promise<PlainFolder> {
  await Promise.all([...inMemory, onDisk].map(removeLeftovers));
  let parent = onDisk;
  for (const folder of inMemory) if (await hasRoom(folder, sizeBytes)) parent = folder;
  if (parent === onDisk) {
    await mkdir(onDisk, { recursive: true, mode: 0o700 });
    if ((await freeBytesAt(onDisk)) <= sizeBytes) throw noSpace(sizeBytes);
  }
  // Others may write into memory's folder too: mkdtemp makes a new one, mode 700, and follows no link.
  const path = await mkdtemp(join(parent, `${prefix}${process.pid}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

function noSpace(sizeBytes: number): EngineError {
  const sentence = `An encrypted model of ${(sizeBytes / 1e6).toFixed(1)} MB has to be laid out plain, and neither memory nor disk have room for that`;
  return new EngineError("no-space", `${sentence}; free some, or take a smaller model.`);
}

async function hasRoom(folder: string, sizeBytes: number): Promise<boolean> {
  try {
    const { type, bavail, bsize } = await statfs(folder);
    // What lies there counts against a container's limit too.
    const memory = Math.min(freemem(), process.availableMemory());
    return type === tmpfs && bavail * bsize > sizeBytes && memory > sizeBytes + reserveBytes;
  } catch {
    return false;
  }
}

async function removeLeftovers(folder: string): Promise<void> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(prefix));
  const left = names.filter((name) => !isAlive(Number(name.slice(prefix.length).split("-")[0])));
  // One that belongs to somebody else after all cannot be removed, and need not be.
  await Promise.all(
    left.map((name) => rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined)),
  );
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
