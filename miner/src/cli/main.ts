import { enableCompileCache } from "node:module";
import { join } from "node:path";

/**
 * A checkout's TypeScript is made into JavaScript once, not by every start: the stripper and the sources' texts stay out of a daemon's
 * memory, 20 MB of it. The cache lies in the checkout, where nobody else writes; where this user may not either, all goes on without it.
 */
if (import.meta.filename.endsWith(".ts")) enableCompileCache(join(import.meta.dirname, "../../../.cache/code"));

const stop = new AbortController();
let stopping = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // The first signal lets running work end, a second one does not wait.
    if (stopping) process.exit(130);
    stopping = true;
    stop.abort();
    // Commands that do not run for long have nothing to finish.
    const [, , command = "", act] = process.argv;
    const isLong = command === "miner" || command === "verifier" || (command === "audit" && act === "serve");
    if (!isLong) process.exit(130);
  });
}
const [{ processIo }, { run }] = await Promise.all([import("./io.ts"), import("./program.ts")]);
process.exit(await run(process.argv.slice(2), processIo(stop.signal)));
