/** Makes the empty embedded database that first starts copy. The bootstrap runs it when what it is made from changed. */
import { renameSync, rmSync } from "node:fs";
import { empty, openEmbedded } from "../src/plugins/app/store/database.ts";

const half = `${empty}-half`;
for (const folder of [empty, half]) rmSync(folder, { recursive: true, force: true });
const database = await openEmbedded(half, (message) => process.stderr.write(`${message}\n`));
await database.close();
renameSync(half, empty);
