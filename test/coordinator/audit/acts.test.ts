import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../../scripts/root.ts";
import { openEdge, type Edge } from "../edge/edge.ts";
import { addresses, client, operator, person } from "../fixture.ts";

let edge: Edge;
let admin: string;
beforeAll(async () => {
  edge = await openEdge({ LOG_LEVEL: "silent" });
  admin = await edge.login("admin");
});
afterAll(() => edge.stop());

async function call<T>(
  key: string,
  method: "GET" | "POST" | "DELETE" | "PATCH",
  url: string,
  payload?: object,
): Promise<T> {
  const headers = { authorization: `Bearer ${key}` };
  return (await edge.app.inject({ method, url, headers, ...(payload !== undefined && { payload }) })).json<T>();
}
const recordsFor = async (key: string) =>
  (
    await call<{ records: { action: string; account?: string; key?: string; target?: string }[] }>(
      key,
      "GET",
      "/v1/audit",
    )
  ).records;

describe("what is done to keys", () => {
  it("is in the audit log, with who did it and to which key, and without any secret", async () => {
    const adminPrefix = admin.split("_")[1]!;
    const made = await call<{ key: string; prefix: string }>(admin, "POST", "/v1/keys", { label: "secret name" });
    await call(admin, "PATCH", `/v1/keys/${made.prefix}`, { limits: { requestsPerMinute: 5 } });
    const fresh = await call<{ key: string; prefix: string }>(admin, "POST", `/v1/keys/${made.prefix}/rotate`, {});
    await call(fresh.key, "DELETE", `/v1/keys/${fresh.prefix}`);
    await call(made.key, "GET", "/v1/keys");
    await call(made.key, "GET", "/v1/keys");
    const records = await recordsFor(admin);
    const by = { account: client.address, key: adminPrefix, target: made.prefix };
    expect(records.slice(-5)).toMatchObject([
      { action: "key.created", ...by, detail: { scope: "client" } },
      { action: "key.changed", ...by, detail: { limits: { requestsPerMinute: 5 } } },
      { action: "key.rotated", ...by, detail: { into: fresh.prefix, overlapSecs: 86_400 } },
      { action: "key.revoked", account: client.address, key: fresh.prefix, target: fresh.prefix },
      { action: "scope.refused", account: client.address, key: made.prefix },
    ]);
    const text = JSON.stringify(records);
    for (const { key } of [made, fresh]) expect(text).not.toContain(key.slice(14));
    expect(text).not.toContain("secret name");
  });

  it("is seen by its own account and by the operator, and by nobody else", async () => {
    const stranger = person("stranger");
    const theirs = await edge.login("admin", stranger);
    expect(new Set((await recordsFor(theirs)).map(({ account }) => account))).toEqual(new Set([stranger.address]));
    const operators = await edge.login("admin", operator);
    const seen = new Set((await recordsFor(operators)).map(({ account }) => account));
    expect(seen.has(stranger.address) && seen.has(client.address)).toBe(true);
    const answer = await edge.app.inject({ url: "/v1/audit", headers: { authorization: `Bearer ${edge.key}` } });
    expect(answer.statusCode).toBe(403);
  });
});

describe("a guesser", () => {
  it("has sixty tries a minute, and is noted once for it, by its address", async () => {
    const headers = { authorization: `Bearer lode_00000000_${"A".repeat(43)}` };
    const guess = (remoteAddress = "127.0.0.1") => edge.app.inject({ url: "/v1/models", headers, remoteAddress });
    const statuses: number[] = [];
    for (let i = 0; i < 70; i++) statuses.push((await guess()).statusCode);
    expect(statuses).toEqual([...Array<number>(60).fill(401), ...Array<number>(10).fill(429)]);
    const blocked = await guess();
    expect(blocked.json()).toMatchObject({ error: { code: "rate_limit_exceeded" } });
    expect((await guess("10.9.8.7")).statusCode).toBe(401);
    edge.clock.nowMs += Number(blocked.headers["retry-after"]) * 1000;
    expect((await guess()).statusCode).toBe(401);
    const records = edge.app.audit.latest(undefined, 0, 1000);
    expect(records.filter(({ action }) => action === "auth.blocked")).toMatchObject([{ from: "127.0.0.1" }]);
  });
});

describe("lode-coordinator audit", () => {
  it("shows the log and that it is whole; a changed one ends it with 1", async () => {
    // Behind it everything that was noted is on the disk.
    await edge.app.audit.record({ action: "test.ended" });
    const ADDRESSES_FILE = join(edge.home, "addresses.json");
    writeFileSync(ADDRESSES_FILE, JSON.stringify(addresses));
    const env = { PATH: process.env["PATH"] ?? "", LODE_HOME: edge.home, ADDRESSES_FILE };
    const program = join(root, "coordinator", "src", "server.ts");
    const run = () => execFileSync(process.execPath, [program, "audit", "--json"], { env, stdio: "pipe" }).toString();
    const rows = run().trimEnd().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
    expect(rows.at(-1)).toEqual({ event: "whole", head: edge.app.audit.head!.hash, torn: "false" });
    expect(rows).toHaveLength(edge.app.audit.head!.seq + 1);
    const file = join(edge.home, "audit", "log.ndjson");
    writeFileSync(file, '{"seq":1}\n');
    expect(run).toThrow(/record 1/);
  });
});
