import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AuditError, auditFile, AuditLog, readAudit } from "../../../coordinator/src/plugins/app/audit/audit-log.ts";
import type { AuditRecord } from "../../../coordinator/src/plugins/app/audit/record.ts";
import { client, miner, nowMs, temporaryHome } from "../fixture.ts";

let folder: ReturnType<typeof temporaryHome>;
beforeEach(() => {
  folder = temporaryHome();
});
afterEach(() => folder.remove());

const open = () => AuditLog.open(folder.home, () => nowMs);
const file = () => auditFile(folder.home);
const lines = () => readFileSync(file(), "utf8").trimEnd().split("\n");
async function read(): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  await readAudit(file(), (record) => records.push(record));
  return records;
}
/** Three records, closed. */
async function three(): Promise<void> {
  const log = await open();
  for (const target of ["a", "b", "c"]) {
    await log.record({ action: "key.created", account: client.address, target, detail: { limits: { z: 1, a: [2] } } });
  }
  await log.close();
}

describe("the audit log", () => {
  it("chains its records, over restarts, in the order in which they were noted", async () => {
    await three();
    const log = await open();
    await Promise.all(["d", "e", "f"].map((target) => log.record({ action: "key.revoked", target })));
    await log.close();
    const records = await read();
    expect(records.map(({ seq, target }) => `${seq}${target}`)).toEqual(["1a", "2b", "3c", "4d", "5e", "6f"]);
    records.forEach(({ prev }, i) => expect(prev).toBe(i === 0 ? "0".repeat(64) : records[i - 1]!.hash));
    expect(records[0]!.at).toBe(new Date(nowMs).toISOString());
  });

  it("has a record on the disk when it is acknowledged", async () => {
    const log = await open();
    await log.record({ action: "key.created" });
    expect(lines()).toHaveLength(1);
    await log.close();
  });

  it("shows an account its own records only", async () => {
    const log = await open();
    await log.record({ action: "key.created", account: client.address });
    await log.record({ action: "key.created", account: miner.address });
    await log.record({ action: "auth.blocked", from: "10.0.0.1" });
    expect(log.latest(client.address, 0, 10).map(({ seq }) => seq)).toEqual([1]);
    expect(log.latest(undefined, 1, 1).map(({ seq }) => seq)).toEqual([2]);
    expect(log.head).toEqual({ seq: 3, hash: log.latest(undefined, 2, 1)[0]!.hash });
    await log.close();
  });

  it("cuts off half a record that a crash left, and goes on", async () => {
    await three();
    appendFileSync(file(), '{"seq":4,"at":"2026-');
    const log = await open();
    await log.record({ action: "key.revoked" });
    await log.close();
    expect((await read()).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  it.each<[string, number, (all: string[]) => string[]]>([
    ["a changed word", 2, ([a = "", b = "", c = ""]) => [a, b.replace('"b"', '"x"'), c]],
    ["a record taken out", 2, ([a = "", , c = ""]) => [a, c]],
    ["two records changed over", 1, ([a = "", b = "", c = ""]) => [b, a, c]],
    ["the first one taken out", 1, ([, b = "", c = ""]) => [b, c]],
    ["a record twice", 3, ([a = "", b = "", c = ""]) => [a, b, b, c]],
    ["a word that is no JSON", 3, ([a = "", b = ""]) => [a, b, "hello"]],
    ["a field put in", 1, ([a = "", b = "", c = ""]) => [a.replace("{", '{"more":1,'), b, c]],
  ])("shows %s, is put aside, and the next one begins by saying so", async (_name, seq, change) => {
    await three();
    writeFileSync(file(), `${change(lines()).join("\n")}\n`);
    await expect(read()).rejects.toThrow(AuditError);
    await expect(read()).rejects.toMatchObject({ seq });
    const log = await open();
    await log.close();
    expect(await read()).toMatchObject([{ seq: 1, action: "audit.damaged", detail: { seq } }]);
    expect(readdirSync(dirname(file()))).toHaveLength(2);
  });

  it("is empty where there is none", async () => {
    rmSync(join(folder.home, "audit"), { recursive: true, force: true });
    expect(await read()).toEqual([]);
  });
});
