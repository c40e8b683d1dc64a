/** Makes the empty embedded database that first starts copy. The bootstrap runs it when what it is made from changed. */
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { empty, openPGlite } from "../src/plugins/app/store/database.ts";

const [half, old] = [`${empty}-half`, `${empty}-old`];
for (const folder of [half, old]) rmSync(folder, { recursive: true, force: true });
try {
  mkdirSync(half);
  const database = await openPGlite(half);
  await database.close();
  // There is nothing of anybody in it, and whoever uses this checkout may copy it.
  chmodSync(half, 0o755);
  // One that is being copied is never changed, only put aside.
  if (existsSync(empty)) renameSync(empty, old);
  renameSync(half, empty);
} finally {
  for (const folder of [half, old]) rmSync(folder, { recursive: true, force: true });
}
