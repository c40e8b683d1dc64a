/**
 * A process that outlives its parent just long enough to stop what the parent had started. It reads `+pid` and `-pid`
 * lines from standard input; when that closes, because the parent closed it or was killed, every process group still
 * listed is asked to end, and killed when it does not.
 */
import { createInterface } from "node:readline";
import { stopGroups } from "./groups.ts";

const groups = new Set<number>();

// A Ctrl-C in the terminal is the parent's business; this process must still be there afterwards.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1));
  if (line.startsWith("+")) groups.add(pid);
  else groups.delete(pid);
}
await stopGroups([...groups], { patienceMs: 5_000 });
