import { randomBytes } from "node:crypto";
import { mkdtemp, open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";

export interface DiskReading {
  folder: string;
  totalMb: number;
  freeMb: number;
  /** Sequential, through to the device. */
  writeMBs?: number;
  /** Sequential; the system may answer from memory. */
  readMBs?: number;
}

const testBytes = 8 << 20;

/** Free space of the disk that holds `folder`, and its speed with a file of 8 MiB that is gone afterwards. */
export async function readDisk(folder: string, now: () => number): Promise<DiskReading> {
  const { bsize, blocks, bavail } = await statfs(folder);
  const space = { folder, totalMb: toMb(bsize * blocks), freeMb: toMb(bsize * bavail) };
  if (bsize * bavail < 4 * testBytes) return space;
  try {
    return { ...space, ...(await measure(folder, now)) };
  } catch {
    // A folder that cannot be written to still has a size.
    return space;
  }
}

async function measure(folder: string, now: () => number): Promise<{ writeMBs: number; readMBs: number }> {
  const place = await mkdtemp(join(folder, ".lode-disk-"));
  try {
    // Random bytes, because some disks compress.
    const data = randomBytes(testBytes);
    const file = await open(join(place, "test"), "w+");
    try {
      const started = now();
      await file.write(data, 0, testBytes, 0);
      await file.sync();
      const written = now();
      await file.read(data, 0, testBytes, 0);
      return { writeMBs: rate(written - started), readMBs: rate(now() - written) };
    } finally {
      await file.close();
    }
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

const rate = (ms: number): number => Math.round(testBytes / 1e6 / (Math.max(ms, 0.01) / 1000));
const toMb = (bytes: number): number => Math.round(bytes / 2 ** 20);
