import { text } from "node:stream/consumers";
import { inside, systemPlaces } from "./places.ts";
import { seccompProgram } from "./seccomp.ts";
import { spawnShut } from "./walls.ts";

/** What a process is shut in by; `none` says why there is nothing. */
export type Sandbox = { kind: "bubblewrap"; seccomp: boolean } | { kind: "none"; reason: string };

const trialMs = 10_000;

/** Tries the sandbox with Node in it. Never rejects; `bubblewrap` is its name or path. */
export async function findSandbox(platform: string = process.platform, bubblewrap?: string): Promise<Sandbox> {
  if (platform !== "linux") return { kind: "none", reason: "there is none for this system" };
  let reason = "";
  for (const seccomp of seccompProgram() === undefined ? [false] : [true, false]) {
    try {
      await attempt(seccomp, bubblewrap);
      return { kind: "bubblewrap", seccomp };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return { kind: "none", reason: "bubblewrap is not installed" };
      reason = message;
    }
  }
  return { kind: "none", reason: `this system forbids it (${reason.slice(0, 200)})` };
}

async function attempt(seccomp: boolean, bubblewrap: string | undefined): Promise<void> {
  const program = [inside.shell, "-c", `exec ${inside.node} --version`];
  const child = spawnShut({ places: systemPlaces(), seccomp, program, bubblewrap });
  const timer = setTimeout(() => child.kill("SIGKILL"), trialMs);
  const end = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`exit code ${code ?? "unknown"}`))));
  });
  const complaint = child.stderr === null ? "" : text(child.stderr).catch(() => "");
  child.stdio[3]?.on("error", () => undefined);
  try {
    await end;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") throw cause;
    const words = (await complaint).trim().split("\n").at(-1) ?? "";
    throw words === "" ? cause : new Error(words, { cause });
  } finally {
    clearTimeout(timer);
    child.stdio[3]?.destroy();
  }
}

let known: Promise<Sandbox> | undefined;

/** This system's sandbox, tried once. */
export const ownSandbox = (): Promise<Sandbox> => (known ??= findSandbox());
