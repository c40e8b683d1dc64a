import type { Sandbox } from "../../engines/index.ts";
import type { Finding } from "./finding.ts";

/** What the engine's process is shut in by on this system. */
export function checkSandbox(platform: string, sandbox: Sandbox): Finding {
  const name = "sandbox";
  if (sandbox.kind === "bubblewrap") {
    const figures = { available: true, seccomp: sandbox.seccomp };
    if (sandbox.seccomp)
      return { name, state: "ok", says: "The engine's process runs shut in by bubblewrap.", figures };
    const says = "The engine's process runs shut in by bubblewrap, but its system calls are not filtered here.";
    return { name, state: "warning", says, figures };
  }
  const open = "a hostile model file would meet only the process boundary, and coordinators are told so";
  const says = `There is no sandbox (${sandbox.reason}): ${open}.`;
  const figures = { available: false, reason: sandbox.reason };
  if (platform !== "linux") return { name, state: "warning", says, figures };
  const next = sandbox.reason.includes("not installed")
    ? "install bubblewrap (apt install bubblewrap)"
    : "allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, or an AppArmor profile for bwrap)";
  return { name, state: "warning", says, next, figures };
}
