import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** What one engine's process, and all that it starts, may take together. */
export interface GroupLimits {
  /** Memory in bytes, pages of mapped files that cannot be dropped included. No limit unless given. */
  readonly memoryBytes?: number | undefined;
}

/** Limits of one process tree, kept by the kernel. */
export interface ControlGroup {
  /** Its folder; a process is in it once its number is in `cgroup.procs` there. */
  readonly folder: string;
  /** Takes the group away when the last of its processes is gone; one that stays is reported by nobody, and ends with the daemon's own group. */
  remove(): Promise<void>;
}

/** Whether this process may make control groups below its own, and if not, why. */
export type ControlGroups =
  | { readonly kind: "v2"; readonly make: (limits: GroupLimits) => ControlGroup }
  | { readonly kind: "none"; readonly reason: string };

export interface GroupPlaces {
  /** Where control groups are mounted. */
  readonly root: string;
  /** This process' own, as the kernel writes it in /proc/PID/cgroup. */
  readonly own: string | undefined;
  readonly pid: number;
}

const controllers = ["memory", "pids", "cpu"] as const;
/** Node's own, beside what the engine was planned to take. */
const runtimeBytes = 512 * 2 ** 20;
/** One computes, one is Node's; results are computed on one thread. */
const processors = 2;
const mostTasks = 256;
const periodUs = 100_000;
/** A killed process takes a moment to leave. */
const [removals, removalMs] = [20, 50] as const;

/** The files of a group, in the order in which they are written, and what into each. Memory is not swapped: a job that needs more is refused, not slow. */
export function groupFiles({ memoryBytes }: GroupLimits): readonly (readonly [file: string, value: string])[] {
  const memory =
    memoryBytes === undefined ? [] : ([["memory.max", String(Math.ceil(memoryBytes) + runtimeBytes)]] as const);
  return [
    ...memory,
    ["memory.swap.max", "0"],
    ["cpu.max", `${processors * periodUs} ${periodUs}`],
    ["pids.max", String(mostTasks)],
  ];
}

/**
 * Makes room for groups below this process' own (version 2 of the kernel's control groups). A group with limits below it may hold no processes itself, so this
 * process moves into a group beside those to come. That is for one that is alone in its group and may write there: a service with `Delegate=yes`, a container. Never throws.
 */
export function openControlGroups(places: GroupPlaces = here()): ControlGroups {
  const none = (reason: string): ControlGroups => ({ kind: "none", reason });
  if (!existsSync(join(places.root, "cgroup.controllers")))
    return none("this system has no control groups of version 2");
  const path = /^0::(\/.*)$/m.exec(places.own ?? "")?.[1];
  if (path === undefined) return none("this process is in no control group of version 2");
  const folder = join(places.root, path);
  try {
    const words = (file: string): string[] => readFileSync(join(folder, file), "utf8").split(/\s+/).filter(Boolean);
    const missing = controllers.filter((name) => !words("cgroup.controllers").includes(name));
    if (missing.length > 0)
      return none(`limits of ${missing.join(", ")} are not handed on to this process' control group`);
    if (words("cgroup.procs").some((pid) => pid !== String(places.pid))) {
      return none("other programs are in this process' control group; a service with Delegate=yes has one of its own");
    }
    mkdirSync(join(folder, "daemon"), { recursive: true });
    writeFileSync(join(folder, "daemon", "cgroup.procs"), String(places.pid));
    writeFileSync(join(folder, "cgroup.subtree_control"), controllers.map((name) => `+${name}`).join(" "));
    // Whether limits can be written shows with the first group, and that shall not be a job's.
    make(join(folder, "trial"), { memoryBytes: runtimeBytes });
  } catch (error) {
    goBack(folder, places.pid);
    const { code = String(error) } = error as NodeJS.ErrnoException;
    return none(`the control group ${path} cannot be changed (${code}); a service with Delegate=yes can`);
  }
  tryAll([() => rmdirSync(join(folder, "trial"))]);
  let made = 0;
  return { kind: "v2", make: (limits) => make(join(folder, `engine-${(made += 1)}`), limits) };
}

/** Into the own group again, so that another start finds things as this one did. What does not work changes nothing. */
function goBack(folder: string, pid: number): void {
  tryAll([
    () => rmdirSync(join(folder, "trial")),
    () => writeFileSync(join(folder, "cgroup.subtree_control"), controllers.map((name) => `-${name}`).join(" ")),
    () => writeFileSync(join(folder, "cgroup.procs"), String(pid)),
    () => rmdirSync(join(folder, "daemon")),
  ]);
}

function tryAll(steps: readonly (() => void)[]): void {
  for (const step of steps) {
    try {
      step();
    } catch {
      // It was not begun, or not even that is allowed.
    }
  }
}

function here(): GroupPlaces {
  let own: string | undefined;
  try {
    own = readFileSync("/proc/self/cgroup", "utf8");
  } catch {
    // Another system.
  }
  return { root: "/sys/fs/cgroup", own, pid: process.pid };
}

/** Throws where a limit cannot be written: a group without its limits would promise what it does not keep. */
function make(folder: string, limits: GroupLimits): ControlGroup {
  mkdirSync(folder, { recursive: true });
  for (const [file, value] of groupFiles(limits)) {
    // A kernel without swap has no limit of it.
    if (file !== "memory.swap.max" || existsSync(join(folder, file))) writeFileSync(join(folder, file), value);
  }
  return { folder, remove: () => remove(folder) };
}

async function remove(folder: string): Promise<void> {
  for (let tries = 0; tries < removals; tries += 1) {
    try {
      rmdirSync(folder);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      await wait(removalMs);
    }
  }
}

/** The command that starts a program inside a group from its first instruction on: a shell enters, and becomes it. */
export function inGroup(
  folder: string | undefined,
  command: string,
  args: readonly string[],
): readonly [command: string, args: readonly string[]] {
  if (folder === undefined) return [command, args];
  const enter = 'echo 0 > "$1" && shift && exec "$@"';
  return ["/bin/sh", ["-c", enter, "sh", join(folder, "cgroup.procs"), command, ...args]];
}
