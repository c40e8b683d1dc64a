import { readdir, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { EngineError } from "../engines/errors.ts";
import type { Entry } from "./entries.ts";

export interface RoomOptions {
  /** Bytes that all models may take together; no limit unless given. */
  capBytes?: number | undefined;
  /** Bytes of the disk that stay free for everybody else. */
  reserveBytes: number;
  /** Free bytes of the disk. */
  freeBytes: () => Promise<number>;
}

/** Something that can go: how much it gives back, and how to remove it. */
export interface Victim {
  label: string;
  bytes: number;
  /** A model counts under the cap, a leftover does not. */
  isModel: boolean;
  remove: () => Promise<void>;
}

/** Free bytes for this user on the disk of a folder. */
export async function freeBytesAt(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/**
 * Removes victims, in their order, until `bytes` more fit; nothing when they never will. Returns what was removed and how many bytes
 * may come now. Throws EngineError `no-space`.
 */
export async function makeRoom(
  bytes: number,
  takenBytes: number,
  victims: readonly Victim[],
  { capBytes = Infinity, reserveBytes, freeBytes }: RoomOptions,
): Promise<{ removed: string[]; roomBytes: number }> {
  let onDisk = (await freeBytes()) - reserveBytes;
  let underCap = capBytes - takenBytes;
  const removable = (list: readonly Victim[]): number => list.reduce((sum, victim) => sum + victim.bytes, 0);
  const most = Math.min(onDisk + removable(victims), underCap + removable(victims.filter(({ isModel }) => isModel)));
  if (most < bytes) {
    const megabytes = (count: number): string => `${(count / 1e6).toFixed(1)} MB`;
    const sentence = `There is room for ${megabytes(Math.max(0, most))} of models, but ${megabytes(bytes)} are needed.`;
    throw new EngineError("no-space", `${sentence} Free some of the disk, or raise MODEL_STORE_GB where it is set.`);
  }
  const removed: string[] = [];
  for (const { label, bytes: freed, isModel, remove } of victims) {
    if (Math.min(onDisk, underCap) >= bytes) break;
    // What is no model takes disk, which may not be what is missing.
    if (!isModel && onDisk >= bytes) continue;
    await remove();
    removed.push(label);
    onDisk += freed;
    if (isModel) underCap += freed;
  }
  return { removed, roomBytes: Math.min(onDisk, underCap) };
}

/** The least recently used first. */
export function leastRecentFirst(entries: readonly Entry[]): Entry[] {
  return entries.toSorted((a, b) => a.lastUsedAtMs - b.lastUsedAtMs);
}

/** Files of a folder that were not touched for a while: what interrupted commands left behind. */
export async function leftovers(folder: string, before: number, keep: (name: string) => boolean): Promise<Victim[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => !keep(name));
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const { size, mtimeMs } = await stat(path);
      const remove = (): Promise<void> => rm(path, { force: true });
      return mtimeMs < before ? [{ label: name, bytes: size, isModel: false, remove }] : [];
    }),
  );
  return found.flat();
}
