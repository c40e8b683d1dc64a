import { openControlGroups, ownSandbox, type ControlGroups, type Sandbox } from "../../engines/index.ts";
import { exitCode, MinerError } from "../../errors.ts";
import { usage } from "../arguments.ts";

/**
 * The sandbox that a start asks for: `auto` takes what there is and says loudly when that is nothing, `require` refuses then,
 * `off` does without. Throws MinerError.
 */
export async function chosenSandbox(
  mode: string,
  warn: (sentence: string) => void,
  find: () => Promise<Sandbox> = ownSandbox,
): Promise<Sandbox> {
  if (mode !== "auto" && mode !== "require" && mode !== "off") {
    throw usage(`--sandbox takes auto, require or off, not "${mode}".`);
  }
  const sandbox: Sandbox = mode === "off" ? { kind: "none", reason: "it is switched off" } : await find();
  if (sandbox.kind === "bubblewrap") {
    if (!sandbox.seccomp) warn("The engine is shut in, but its system calls are not filtered on this machine.");
    return sandbox;
  }
  if (mode === "require") {
    const sentence = `There is no sandbox for the engine: ${sandbox.reason}. See lode doctor, or leave out --sandbox require.`;
    throw new MinerError("no_sandbox", sentence, { exitCode: exitCode.failed });
  }
  warn(
    `NO SANDBOX: ${sandbox.reason}. A hostile model file could reach this user's files, keys and network. ` +
      "Coordinators are told that this miner is of the lower trust class. See lode doctor.",
  );
  return sandbox;
}

/** Limits that the kernel keeps for the engine's processes as a whole, where this process may make them; else says so. */
export function chosenGroups(
  platform: string,
  warn: (sentence: string) => void,
  open: () => ControlGroups = openControlGroups,
): ControlGroups {
  const groups: ControlGroups =
    platform === "linux" ? open() : { kind: "none", reason: "this system has no control groups" };
  if (groups.kind === "none" && platform === "linux") {
    warn(
      `NO CONTROL GROUP: ${groups.reason}. The engine's processes are held to their memory one by one, not together, and to no share of the processors.`,
    );
  }
  return groups;
}

/** What a coordinator is told about how the engine is shut in, the best first; nothing for an engine without a process of its own. */
export function trustClassOf(sandbox: Sandbox | undefined): {
  trust_class?: "sandbox+seccomp" | "sandbox" | "process";
} {
  if (sandbox === undefined) return {};
  if (sandbox.kind === "none") return { trust_class: "process" };
  return { trust_class: sandbox.seccomp ? "sandbox+seccomp" : "sandbox" };
}
