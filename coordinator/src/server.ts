import { enableCompileCache } from "node:module";
import { join } from "node:path";

/**
 * A checkout's TypeScript is made into JavaScript once, not by every start: the stripper and the sources' texts stay out of the process's
 * memory. The cache lies in the checkout, where nobody else writes; where this user may not either, all goes on without it.
 */
if (import.meta.filename.endsWith(".ts")) enableCompileCache(join(import.meta.dirname, "../../.cache/code"));

await import("./program.ts");
