import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findPostgres, startPostgres, type Postgres } from "../../helpers/postgres.ts";
import { assignCommand, client, miner, openLedgerFixture, receiptFor, temporaryHome } from "../fixture.ts";

const found = findPostgres();
const migrations = join(import.meta.dirname, "..", "..", "..", "coordinator", "prisma", "migrations");
const reason = "missing" in found ? `: skipped, ${found.missing}` : "";

describe.skipIf("missing" in found)(`a coordinator on PostgreSQL${reason}`, () => {
  let server: Postgres;
  const folder = temporaryHome();
  beforeAll(async () => {
    if ("bin" in found) server = await startPostgres(found.bin);
  });
  afterAll(async () => {
    await server.stop();
    folder.remove();
  });

  it("keeps every fact in the database, and a second one is kept out", async () => {
    const options = { databaseUrl: server.url };
    let f = await openLedgerFixture(folder.home, options);
    const [settled, running] = [
      await f.ledger.assign(assignCommand(f.ledger)),
      await f.ledger.assign(assignCommand(f.ledger)),
    ];
    const first = await f.ledger.settle({ miner: miner.address, ...receiptFor(settled, 4) });
    const key = (await f.ledger.keys.create({ scope: "client", account: client.address, label: "laptop" })).key;
    await expect(openLedgerFixture(folder.home, options)).rejects.toMatchObject({ code: "store_locked" });
    const { chain, book } = f;
    await f.close();

    f = await openLedgerFixture(folder.home, { ...options, chain });
    expect(f.book.log.root()).toBe(book.log.root());
    expect(f.book.lockedWei(client.address)).toBe(running.assignment.maxAmountWei);
    expect(f.ledger.keys.authenticate(key)).toMatchObject({ label: "laptop" });
    expect(await f.ledger.settle({ miner: miner.address, ...receiptFor(settled, 4) })).toEqual(first);
    expect(await f.ledger.entries(0, 10)).toHaveLength(1);
    await f.close();
  });

  it("stops when its book does not take a fact, and leaves no gap behind", async () => {
    const f = await openLedgerFixture(folder.home, { databaseUrl: server.url });
    const { prefix } = await f.ledger.keys.create({ scope: "read", account: client.address, label: "first" });
    const revoked = { kind: "key.revoked", prefix, atMs: 0 } as const;
    const noMore = (): never => {
      throw new Error("no voucher");
    };
    await expect(f.store.append([revoked], noMore)).rejects.toThrow("no voucher");
    const second = { scope: "read", account: client.address, label: "second" } as const;
    await expect(f.ledger.keys.create(second)).rejects.toThrow("no voucher");
    await expect(f.ledger.vouchers()).rejects.toThrow("no voucher");
    expect(f.warnings).toEqual(["failure: Error: no voucher"]);
    await f.close();
    const again = await openLedgerFixture(folder.home, { databaseUrl: server.url, chain: f.chain });
    expect(again.book.keys.get(prefix)).toMatchObject({ revoked: false });
    await again.close();
  });

  it("stores what its texts cannot hold with a replacement, and goes on", async () => {
    const f = await openLedgerFixture(folder.home, { databaseUrl: server.url });
    const made = await f.ledger.keys.create({ scope: "read", account: client.address, label: "\0 \ud800 \\u0000 é🙂" });
    await f.close();
    const again = await openLedgerFixture(folder.home, { databaseUrl: server.url, chain: f.chain });
    expect(again.ledger.keys.authenticate(made.key)?.label).toBe("\ufffd \ufffd \\u0000 é🙂");
    await again.close();
  });

  it("writes each table's last word of a group, whether its row is new in the group or was there", async () => {
    if (!("bin" in found)) return;
    const { bin } = found;
    const rows = (sql: string): string[] =>
      execFileSync(join(bin, "psql"), [server.url, "-tAc", sql]).toString().trim().split("\n");
    const f = await openLedgerFixture(folder.home, { databaseUrl: server.url });
    const { prefix } = await f.ledger.keys.create({ scope: "read", account: client.address, label: "old" });
    const assigned = await f.ledger.assign(assignCommand(f.ledger));
    const later = await f.ledger.assign(assignCommand(f.ledger));
    // One turn: all of it is one group.
    const created = f.ledger.keys.create({ scope: "read", account: client.address, label: "new" });
    await Promise.all([
      created,
      f.ledger.keys.change(prefix, { label: "changed", limits: { requestsPerMinute: 7 } }),
      f.ledger.keys.revoke(prefix),
      f.ledger.lost(assigned.digest, 4),
      f.ledger.voidAttempt(later.digest, "a test"),
      f.ledger.settle({ miner: miner.address, ...receiptFor(assigned, 4) }),
    ]);
    // The tables follow; whoever asks the ledger waits for them.
    const [entry] = await f.ledger.receipts(assigned.digest);
    expect(entry).toMatchObject({ client: client.address, miner: miner.address, receipt: { outputTokens: 4 } });
    expect(rows(`select label, revoked, limits from api_keys where prefix = '${prefix}'`)).toEqual([
      'changed|t|{"requestsPerMinute": 7}',
    ]);
    expect(rows(`select label, revoked, limits from api_keys where prefix = '${(await created).prefix}'`)).toEqual([
      "new|f|",
    ]);
    const digests = [assigned, later].map(({ digest }) => `'${digest}'`).join(",");
    expect(rows(`select state, log_index is null from attempts where digest in (${digests}) order by state`)).toEqual([
      "settled|f",
      "voided|t",
    ]);
    await f.close();
  });

  it("goes on with the tables where a crash left them behind the facts", async () => {
    if (!("bin" in found)) return;
    const { bin } = found;
    const psql = (sql: string): string =>
      execFileSync(join(bin, "psql"), [server.url, "-v", "ON_ERROR_STOP=1", "-tAqc", sql]).toString();
    const tables = ["attempts", "vouchers", "api_keys", "miner_events"];
    const all = (): string[] => tables.map((table) => psql(`select * from ${table} order by 1, 2`));
    let f = await openLedgerFixture(folder.home, { databaseUrl: server.url });
    const { chain } = f;
    const entries = await f.ledger.entries(0, 1000);
    await f.close();
    const before = all();
    psql(`truncate ${tables.join()}; update cursor set seq = 0`);
    f = await openLedgerFixture(folder.home, { databaseUrl: server.url, chain });
    expect(entries.length).toBeGreaterThan(0);
    expect(await f.ledger.entries(0, 1000)).toEqual(entries);
    await f.close();
    expect(all()).toEqual(before);
  });

  it("resolves appends that waited together only when both are committed", async () => {
    if (!("bin" in found)) return;
    const { bin } = found;
    const facts = (): number =>
      Number(execFileSync(join(bin, "psql"), [server.url, "-tAc", 'select count(*) from "facts"']).toString());
    const f = await openLedgerFixture(folder.home, { databaseUrl: server.url });
    const before = facts();
    const label = (name: string): Promise<unknown> =>
      f.ledger.keys.create({ scope: "read", account: client.address, label: name });
    const running = label("running");
    await new Promise((resolve) => setImmediate(resolve));
    const [, last] = [label("waits"), label("waits too")];
    await last;
    expect(facts()).toBe(before + 3);
    await running;
    await f.close();
  });

  it("takes over a database from before rows named their facts", async () => {
    if (!("bin" in found)) return;
    const { bin } = found;
    const oldUrl = server.url.replace(/postgres$/, "old");
    const psql = (url: string, sql: string, input = ""): string =>
      execFileSync(join(bin, "psql"), [url, "-v", "ON_ERROR_STOP=1", "-tAqc", sql], { input }).toString();
    let f = await openLedgerFixture(folder.home, { databaseUrl: server.url });
    const { chain } = f;
    const assigned = await f.ledger.assign(assignCommand(f.ledger));
    await f.ledger.settle({ miner: miner.address, ...receiptFor(assigned, 4) });
    const [running, voided] = [
      await f.ledger.assign(assignCommand(f.ledger)),
      await f.ledger.assign(assignCommand(f.ledger)),
    ];
    await f.ledger.voidAttempt(voided.digest, "a test");
    const [entries, root] = [await f.ledger.entries(0, 1000), f.book.log.root()];
    await f.close();
    psql(server.url, "create database old");
    for (const name of ["0001_init.sql", "0002_key_limits.sql"]) {
      const script = readFileSync(join(migrations, name), "utf8");
      psql(oldUrl, script);
      const sha256 = createHash("sha256").update(script).digest("hex");
      psql(oldUrl, "create table if not exists migrations (name text primary key, sha256 text not null)");
      psql(oldUrl, `insert into migrations values ('${name}', '${sha256}')`);
    }
    for (const table of ["facts", "vouchers", "api_keys", "miner_events", "cursor"]) {
      psql(oldUrl, `copy ${table} from stdin`, psql(server.url, `copy ${table} to stdout`));
    }
    const shared = "digest, job_id, client, miner, state, log_index, amount_wei, assigned_at, closed_at";
    psql(oldUrl, "alter table attempts alter entry set default '{}'");
    const rows = psql(server.url, `copy (select ${shared} from attempts) to stdout`);
    psql(oldUrl, `copy attempts (${shared}) from stdin`, rows);
    for (const entry of entries) {
      psql(oldUrl, `update attempts set entry = '${JSON.stringify(entry)}' where log_index = ${entry.index}`);
    }
    psql(
      oldUrl,
      `insert into attempts select '${running.digest}', job_id, client, miner, 'running', null, null, now(), null, '{}' from attempts limit 1`,
    );

    f = await openLedgerFixture(folder.home, { databaseUrl: oldUrl, chain });
    expect(entries.length).toBeGreaterThan(1);
    expect(await f.ledger.entries(0, 1000)).toEqual(entries);
    expect(f.book.log.root()).toBe(root);
    await f.ledger.settle({ miner: miner.address, ...receiptFor(running, 4) });
    expect(await f.ledger.receipts(running.digest)).toHaveLength(1);
    await f.close();
  });
});
