import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEmbedded, openPGlite } from "../../../coordinator/src/plugins/app/store/database.ts";
import { temporaryHome } from "../fixture.ts";

const source = join(import.meta.dirname, "../../../coordinator/src/plugins/app/store/database.ts");
const run = promisify(execFile);
let home: ReturnType<typeof temporaryHome>;
let folder: string;
let warnings: string[];

beforeEach(() => {
  home = temporaryHome();
  folder = join(home.home, "database");
  warnings = [];
});
afterEach(() => home.remove());

const open = () => openEmbedded(folder, (message) => warnings.push(message));

describe("the embedded database", { timeout: 120_000 }, () => {
  it("comes to rest when it is closed as soon as it is open, also where it is made from nothing", async () => {
    mkdirSync(folder);
    const program = `
      import { openEmbedded } from ${JSON.stringify(source)};
      const database = await openEmbedded(${JSON.stringify(folder)}, console.error);
      await database.close();
      console.log("closed");`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], { timeout: 100_000 });
    expect(stdout).toBe("closed\n");
  });

  it("is made anew when its schema cannot be brought up to date", async () => {
    const first = await open();
    await first.execute('DELETE FROM "migrations"', []);
    await first.close();
    const second = await open();
    expect(warnings).toEqual([expect.stringMatching(/^the embedded database cannot be opened .*already exists/)]);
    expect(await second.query('SELECT count(*)::text FROM "attempts"', [])).toEqual([["0"]]);
    await second.close();
  });

  it("is made from nothing where there is no empty one to copy, or it cannot be", async () => {
    const template = join(home.home, "template");
    writeFileSync(template, "no folder");
    const database = await openEmbedded(folder, (message) => warnings.push(message), template);
    expect(await database.query('SELECT count(*)::text FROM "attempts"', [])).toEqual([["0"]]);
    await database.close();
    expect(warnings).toEqual([expect.stringMatching(/cannot be copied .*; one is made from nothing$/)]);
    expect(readdirSync(home.home).sort()).toEqual(["database", "template"]);
  });

  it("begins as a copy of an empty one, whole, whatever an earlier start left of its copy", async () => {
    const template = join(home.home, "template");
    mkdirSync(template);
    const made = await openPGlite(template);
    await made.execute('INSERT INTO "cursor" VALUES (1, 7)', []);
    await made.close();
    mkdirSync(`${folder}.half`);
    writeFileSync(join(`${folder}.half`, "PG_VERSION"), "0");
    const database = await openEmbedded(folder, (message) => warnings.push(message), template);
    expect(await database.query('SELECT "seq"::text FROM "cursor"', [])).toEqual([["7"]]);
    await database.close();
    expect(warnings).toEqual([]);
    expect(readdirSync(home.home).sort()).toEqual(["database", "template"]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });
});
