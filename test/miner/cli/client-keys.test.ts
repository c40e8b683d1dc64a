import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openEdge, type Edge } from "../../coordinator/edge/edge.ts";
import { addresses, temporaryHome } from "../../coordinator/fixture.ts";
import { isSentence, quickPerson, runLode } from "./run-lode.ts";

const { home, remove } = temporaryHome();
let edge: Edge;
let env: Record<string, string>;
beforeAll(async () => {
  edge = await openEdge({ LOG_LEVEL: "silent" });
  mkdirSync(join(home, "client"), { recursive: true });
  const { home: LODE_HOME, passwordFile } = await quickPerson(join(home, "client"));
  const ADDRESSES_FILE = join(home, "addresses.json");
  writeFileSync(ADDRESSES_FILE, JSON.stringify(addresses));
  env = { LODE_HOME, ADDRESSES_FILE, KEYSTORE_PASSWORD_FILE: passwordFile, COORD_URL: edge.url };
});
beforeEach(() => {
  // The command signs with the machine's own time.
  edge.clock.nowMs = Date.now();
});
afterAll(async () => {
  await edge.stop();
  remove();
});

async function keys<T>(...args: string[]): Promise<T> {
  const { code, out, err } = await runLode(["client", "keys", ...args, "--json"], env);
  expect(err).toBe("");
  expect(code).toBe(0);
  return JSON.parse(out) as T;
}
type Made = { key: string; prefix: string; expiresAt: string | null };
const isTaken = (key: string): boolean => edge.ledger.keys.authenticate(key) !== undefined;

describe("lode client keys", () => {
  it("creates a bounded key and lists it, without the one it used itself", async () => {
    const bounds = ["--requests-per-minute", "60", "--models", "a,b", "--spend-cap", "2.5", "--spend-period", "day"];
    const made = await keys<Made>("create", "--label", "laptop", ...bounds, "--expires-days", "2");
    expect(made.key).toMatch(new RegExp(`^lode_${made.prefix}_`));
    const { keys: listed } = await keys<{ keys: object[] }>("list");
    expect(listed).toEqual([
      expect.objectContaining({
        prefix: made.prefix,
        label: "laptop",
        expiresAt: made.expiresAt,
        limits: {
          requestsPerMinute: 60,
          models: ["a", "b"],
          spend: { capWei: "2500000000000000000", period: "day" },
        },
      }),
    ]);
    const { keys: all } = await keys<{ keys: object[] }>("list", "--all");
    expect(all.length).toBeGreaterThan(1);
  });

  it("bounds a key anew, with an admin key from a file too", async () => {
    const { prefix } = await keys<Made>("create", "--spend-cap", "1");
    const admin = await keys<Made>("create", "--scope", "admin");
    const file = join(home, "admin-key");
    writeFileSync(file, `${admin.key}\n`);
    const view = await keys<{ limits: object }>("limits", prefix, "--token-quota", "9", "--admin-key", file);
    expect(view.limits).toEqual({ tokens: { cap: 9, period: "month" } });
  });

  it("rotates a key with an overlap, and revokes one at once, by its whole text too", async () => {
    const old = await keys<Made>("create");
    const file = join(home, "old-key");
    writeFileSync(file, old.key);
    const fresh = await keys<Made>("rotate", old.prefix, "--overlap-hours", "1", "--old-key", file);
    expect([isTaken(old.key), isTaken(fresh.key)]).toEqual([true, true]);
    expect(await keys("revoke", old.key)).toMatchObject({ prefix: old.prefix, state: "revoked" });
    expect([isTaken(old.key), isTaken(fresh.key)]).toEqual([false, true]);
  });

  it.each([
    ["a prefix that is none", ["revoke", "../x"], 2],
    ["an unknown key", ["revoke", "00000000"], 1],
    ["an odd cap", ["create", "--spend-cap", "-1"], 2],
    ["an odd quota", ["create", "--token-quota", "1.5"], 2],
    ["an odd overlap", ["rotate", "00000000", "--overlap-hours", "721"], 2],
    ["an odd end", ["create", "--expires-days", "0"], 2],
    ["a scope that is none", ["create", "--scope", "root"], 2],
    ["a key file that is not there", ["list", "--admin-key", "/nowhere"], 2],
  ])("says in one sentence what is wrong with %s", async (_name, args, code) => {
    const ran = await runLode(["client", "keys", ...args], env);
    expect(ran).toMatchObject({ code, out: "" });
    expect(isSentence(ran.err)).toBe(true);
  });

  it.each([["create"], ["list"], ["limits"], ["rotate"], ["revoke"]])("%s shows examples", async (name) => {
    const { code, out } = await runLode(["client", "keys", name, "--help"], {});
    expect(code).toBe(0);
    expect(out).toMatch(/Examples:\n {2}lode client keys/);
  });
});

describe("lode miner start", () => {
  it.each([
    ["half a certificate", ["--cert", "miner.crt"]],
    ["a certificate that is not there", ["--cert", "/nowhere/miner.crt", "--cert-key", "/nowhere/miner.key"]],
  ])("refuses %s in one sentence", async (_name, args) => {
    const ran = await runLode(["miner", "start", ...args], env);
    expect(ran.code).toBe(2);
    expect(isSentence(ran.err)).toBe(true);
  });
});
