import { enableCompileCache } from "node:module";
import { join } from "node:path";

/**
 * A checkout's TypeScript is made into JavaScript once, not by every start: the stripper and the sources' texts stay out of a daemon's
 * memory, 20 MB of it. The cache lies in the checkout, where nobody else writes; where this user may not either, all goes on without it.
 */
if (import.meta.filename.endsWith(".ts")) enableCompileCache(join(import.meta.dirname, "../../../.cache/code"));

const args = process.argv.slice(2);
const stop = new AbortController();
/** Until it is known what is to be done there is nothing to finish. */
let isLasting = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // The first signal lets running work end, a second one does not wait.
    if (!isLasting || stop.signal.aborted) process.exit(130);
    stop.abort();
  });
}
const [{ processIo }, { run, valuedOptions }, { endsInOrder }] = await Promise.all([
  import("./io.ts"),
  import("./program.ts"),
  import("./families.ts"),
]);
isLasting = endsInOrder(args, valuedOptions);
process.exit(await run(args, processIo(stop.signal)));
