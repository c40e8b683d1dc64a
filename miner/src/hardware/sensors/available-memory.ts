import { readFileSync } from "node:fs";
import { totalmem } from "node:os";

/** What the runtime says of this process' memory, and the files of its control group. */
export interface MemoryLook {
  /** Of the control group, however deep it lies; more than there is, or 0, where nothing limits it. */
  limitBytes: number;
  /** What could be had now, where what the group's files take of it counts as taken. */
  availableBytes: number;
  totalBytes: number;
  /** A small file's text; undefined when it cannot be read. */
  read: (path: string) => string | undefined;
}

/**
 * Memory that this process could still get. In a container all that was ever read or downloaded counts against its limit until somebody needs the
 * room, so that after a while nothing seems to be left: what the kernel would drop first counts as free here. What is read over and over,
 * as a mapped model is, does not.
 */
export function availableMemory(look: MemoryLook = here()): number {
  const { limitBytes, availableBytes, totalBytes } = look;
  return isLimited(look) ? Math.min(availableBytes + droppableBytes(look), limitBytes, totalBytes) : availableBytes;
}

/** Of the control group; undefined where it allows all that the machine has. */
export function memoryLimit(look: MemoryLook = here()): number | undefined {
  return isLimited(look) ? look.limitBytes : undefined;
}

const isLimited = ({ limitBytes, totalBytes }: MemoryLook): boolean => limitBytes > 0 && limitBytes < totalBytes;

/** Pages of files that nobody has read again. */
function droppableBytes({ read }: MemoryLook): number {
  const groups = read("/proc/self/cgroup") ?? "";
  const version2 = /^0::(\/.*)$/m.exec(groups)?.[1];
  const version1 = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/m.exec(groups)?.[1];
  const folders = [
    ...(version1 === undefined ? [] : [`/sys/fs/cgroup/memory${version1}`, "/sys/fs/cgroup/memory"]),
    // Inside of a container its own group is the root of what is mounted, whatever it is called outside.
    ...(version2 === undefined ? [] : [`/sys/fs/cgroup${version2}`, "/sys/fs/cgroup"]),
  ];
  for (const folder of folders) {
    const bytes = /^(?:total_)?inactive_file (\d+)$/m.exec(read(`${folder}/memory.stat`) ?? "")?.[1];
    if (bytes !== undefined) return Number(bytes);
  }
  return 0;
}

function here(): MemoryLook {
  return {
    limitBytes: process.constrainedMemory(),
    availableBytes: process.availableMemory(),
    totalBytes: totalmem(),
    read: (path) => {
      try {
        return readFileSync(path, "utf8");
      } catch {
        return undefined;
      }
    },
  };
}
