import { processIo } from "./io.ts";
import { run } from "./program.ts";

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
process.exit(await run(process.argv.slice(2), processIo(stop.signal)));
