import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findPostgres, startPostgres, type Postgres } from "../../helpers/postgres.ts";
import { assignCommand, client, miner, openLedgerFixture, receiptFor, temporaryHome } from "../fixture.ts";

const found = findPostgres();
const reason = "missing" in found ? `: skipped, ${found.missing}` : "";

describe.skipIf("missing" in found)(`a coordinator on PostgreSQL${reason}`, () => {
  let server: Postgres;
  const folder = temporaryHome();
  beforeAll(async () => {
    if ("bin" in found) server = await startPostgres(found.bin);
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    folder.remove();
  });

  it("keeps every fact in the database, and a second one is kept out", { timeout: 60_000 }, async () => {
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

  it("resolves appends that waited together only when both are committed", { timeout: 60_000 }, async () => {
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
});
