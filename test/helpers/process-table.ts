import { existsSync, readdirSync, readFileSync } from "node:fs";

/**
 * Command lines of living processes that mention a text in their arguments or environment: what a test must not leave
 * behind. Reads Linux's process table; on other systems it finds nothing.
 */
export function processesMentioning(text: string): string[] {
  const pids = existsSync("/proc") ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : [];
  return pids.flatMap((pid) => {
    const [command, environment] = [read(pid, "cmdline"), read(pid, "environ")];
    return command !== "" && Number(pid) !== process.pid && `${command}\0${environment}`.includes(text)
      ? [command.replaceAll("\0", " ").trim()]
      : [];
  });
}

/** A process may end between two looks, and a zombie has nothing to read. */
function read(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}
