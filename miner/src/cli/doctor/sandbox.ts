import type { Finding } from "./finding.ts";

/** Runs a program and says whether it ended well; undefined when there is none of that name. */
export type Try = (command: string, args: readonly string[]) => Promise<boolean | undefined>;

/** A namespace of its own with nothing in it but the system's programs: what the engine's process is to run in. */
const trial = ["--ro-bind", "/", "/", "--unshare-all", "--die-with-parent", "true"];

/** Whether this system could shut the engine's process in. */
export async function checkSandbox(platform: string, attempt: Try): Promise<Finding> {
  const name = "sandbox";
  if (platform !== "linux") {
    const says = "There is no sandbox on this system: a hostile model file would meet only the process boundary.";
    return { name, state: "warning", says, figures: { available: false } };
  }
  const worked = await attempt("bwrap", trial);
  if (worked === true) {
    const says = "bubblewrap is there and works; the engine's process does not use it yet.";
    return { name, state: "ok", says, figures: { available: true } };
  }
  const figures = { available: false };
  if (worked === undefined) {
    const next = "install bubblewrap (apt install bubblewrap)";
    return { name, state: "warning", says: "bubblewrap is not installed.", next, figures };
  }
  const next = "allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1)";
  return { name, state: "warning", says: "bubblewrap is installed, but this system forbids it.", next, figures };
}
