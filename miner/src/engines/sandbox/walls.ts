import { spawn, type ChildProcess } from "node:child_process";
import type { Writable } from "node:stream";
import { inGroup } from "./control-groups.ts";
import { seccompProgram } from "./seccomp.ts";

/** Namespaces of its own for everything, none of the starter's powers or variables, and an end with its starter. */
const walls = [
  ...["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"],
  // The library asks for a home, and gets the empty root.
  ...["--hostname", "lode", "--unsetenv", "PATH", "--setenv", "HOME", "/"],
];

/** Nothing to write to: what is not shown for reading is an empty folder in memory, closed last of all. */
const closing = ["--proc", "/proc", "--remount-ro", "/proc", "--remount-ro", "/", "--chdir", "/"];

export interface WallOptions {
  /** bubblewrap's arguments that show files. */
  places: readonly string[];
  seccomp: boolean;
  /** Of its environment, beside those that every one has. */
  variables?: readonly (readonly [name: string, value: string])[] | undefined;
  /** What runs inside, and its arguments. */
  program: readonly string[];
  /** bubblewrap's name or path. */
  bubblewrap?: string | undefined;
  /** Folder of the control group that it runs in. */
  group?: string | undefined;
}

/** Starts a program in a sandbox. Its file 2 is a pipe to here, its file 3 one both ways. */
export function spawnShut(options: WallOptions): ChildProcess {
  const { places, seccomp, program, bubblewrap = "bwrap", group, variables = [] } = options;
  const filter = seccomp ? ["--seccomp", "4"] : [];
  const set = variables.flatMap((variable) => ["--setenv", ...variable]);
  const args = [...walls, ...set, ...filter, ...places, ...closing, "--", ...program];
  const [command, given] = inGroup(group, bubblewrap, args);
  const child = spawn(command, given, {
    // For finding bubblewrap.
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", "ignore", "pipe", "pipe", ...(seccomp ? (["pipe"] as const) : [])],
  });
  const rules = child.stdio[4] as Writable | null | undefined;
  // Where the program does not start, its end says so.
  rules?.on("error", () => undefined);
  rules?.end(seccompProgram());
  return child;
}
