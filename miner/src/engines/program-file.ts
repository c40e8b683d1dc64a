import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** Where another process' program lies, seen from a module: TypeScript in a checkout, JavaScript once it is packaged. */
export function programFile(module: string, name: string): string {
  return fileURLToPath(new URL(`${name}${extname(module)}`, module));
}
