import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { expect, it } from "vitest";

const migrations = join(import.meta.dirname, "..", "..", "..", "coordinator", "prisma", "migrations");
const script = (name: string): string => readFileSync(join(migrations, name), "utf8");

it("an embedded database from before rows named their facts is filled again from the journal", async () => {
  const database = await PGlite.create();
  await database.exec(script("0001_init.sql") + script("0002_key_limits.sql"));
  await database.exec(`
    INSERT INTO attempts VALUES ('0x01', 'job', '0x02', '0x03', 'settled', 0, 5, now(), now(), '{"debitIndex": 0}');
    INSERT INTO vouchers VALUES ('0x02', '0x03', 0, 5, 1, '{}');
    INSERT INTO anchors VALUES (1, 1, '0x04', '0x05', '0x06', now());
    INSERT INTO api_keys VALUES ('prefix', 'hash', 'client', '0x02', '', false, now());
    INSERT INTO miner_events VALUES (1, '0x03', 'registered', now());
    INSERT INTO cursor VALUES (1, 7);`);
  await database.exec(script("0003_closed_attempts.sql"));
  for (const table of ["attempts", "vouchers", "anchors", "api_keys", "miner_events", "cursor"]) {
    expect((await database.query(`SELECT * FROM ${table}`)).rows, table).toEqual([]);
  }
  await database.close();
});
