import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { KeyLimits } from "../../../coordinator/src/domain/settlement/index.ts";
import { CapReachedError, KeyError } from "../../../coordinator/src/plugins/app/ledger/errors.ts";
import {
  assignCommand,
  client,
  miner,
  nowMs,
  openLedgerFixture,
  person,
  receiptFor,
  temporaryHome,
  type LedgerFixture,
} from "../fixture.ts";

/** What an assignment of the fixture can cost at most, and with 5 tokens read and 4 written. */
const maximumWei = 10n * 3n + 10n * 1_000n;
const spentWei = 5n * 3n + 4n * 1_000n;
const dayMs = 86_400_000;

let folder: ReturnType<typeof temporaryHome>;
let f: LedgerFixture;
// Each has a home of its own: days pass in some, and what is open for days makes the next start a return.
beforeEach(async () => {
  folder = temporaryHome();
  f = await openLedgerFixture(folder.home, { hasTables: false });
  f.chain.funds = { ...f.chain.funds, balanceWei: 10n ** 9n, signerCapWei: 10n ** 9n };
});
afterEach(async () => {
  await f.close();
  folder.remove();
});

async function restart(): Promise<void> {
  const { chain, clock } = f;
  await f.close();
  f = await openLedgerFixture(folder.home, { chain, hasTables: false });
  f.clock.nowMs = clock.nowMs;
}

const make = async (limits: KeyLimits): Promise<string> =>
  (await f.ledger.keys.create({ scope: "client", account: client.address, label: "", limits })).prefix;
const ask = (key: string, change = {}) => f.ledger.assign(assignCommand(f.ledger, { key, ...change }));
const outcomes = async (asked: Promise<unknown>[]): Promise<{ taken: number; refused: unknown[] }> => {
  const all = await Promise.allSettled(asked);
  const refused = all.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  return { taken: all.length - refused.length, refused };
};

describe("a spend cap", () => {
  it("is never exceeded by parallel requests", async () => {
    const key = await make({ spend: { capWei: `${3n * maximumWei + 1n}`, period: "total" } });
    const { taken, refused } = await outcomes(Array.from({ length: 20 }, () => ask(key)));
    expect(taken).toBe(3);
    for (const error of refused) expect(error).toBeInstanceOf(CapReachedError);
    expect(f.ledger.keys.usage(key).held.wei).toBe(3n * maximumWei);
  });

  it("gives back what a job did not cost, and keeps what it did, over a restart", async () => {
    const key = await make({ spend: { capWei: `${maximumWei + spentWei}`, period: "total" } });
    const first = await ask(key);
    await f.ledger.settle({ miner: miner.address, ...receiptFor(first, 4) });
    await restart();
    expect(f.ledger.keys.usage(key).spent("total", nowMs)).toEqual({ wei: spentWei, tokens: 9 });
    const second = await ask(key);
    await expect(ask(key)).rejects.toBeInstanceOf(CapReachedError);
    await f.ledger.voidAttempt(second.digest, "a test");
    expect(f.ledger.keys.usage(key).held).toEqual({ wei: 0n, tokens: 0 });
    await expect(ask(key)).resolves.toBeDefined();
  });

  it("begins anew with its period", async () => {
    const key = await make({ spend: { capWei: `${maximumWei}`, period: "day" } });
    await f.ledger.settle({ miner: miner.address, ...receiptFor(await ask(key), 4) });
    const refused = (await outcomes([ask(key)])).refused[0] as CapReachedError;
    expect(refused).toMatchObject({ code: "spend_cap_exceeded" });
    expect(refused.retryAfterSecs! * 1000).toBeGreaterThanOrEqual(dayMs - (nowMs % dayMs) - 1000);
    f.clock.nowMs = nowMs + dayMs;
    await expect(ask(key)).resolves.toBeDefined();
  });

  it("holds what a lost miner may still be paid for", async () => {
    const key = await make({ spend: { capWei: `${2n * maximumWei}`, period: "total" } });
    const lost = await ask(key);
    await f.ledger.lost(lost.digest, 4);
    expect(f.ledger.keys.usage(key).held).toEqual({ wei: 10n * 3n + 4n * 1_000n, tokens: 14 });
    await expect(ask(key, { maxOutputTokens: 17 })).rejects.toBeInstanceOf(CapReachedError);
    await expect(ask(key, { maxOutputTokens: 16 })).resolves.toBeDefined();
  });

  it("bounds one key and not another of the same account", async () => {
    const [bound, free] = [await make({ spend: { capWei: "0", period: "total" } }), await make({})];
    await expect(ask(bound)).rejects.toBeInstanceOf(CapReachedError);
    await expect(ask(free)).resolves.toBeDefined();
  });
});

describe("a token quota", () => {
  it("is reserved at once and settled by what came", async () => {
    const key = await make({ tokens: { cap: 49, period: "month" } });
    const { taken } = await outcomes(Array.from({ length: 5 }, () => ask(key)));
    expect(taken).toBe(2);
    expect(f.ledger.keys.usage(key).held.tokens).toBe(40);
  });

  it("does not count the input of an answer that is continued twice", async () => {
    const key = await make({ tokens: { cap: 10, period: "month" } });
    await expect(ask(key)).rejects.toMatchObject({ code: "token_quota_exceeded" });
    await expect(ask(key, { attempt: 1, outputOffset: 4 })).resolves.toBeDefined();
  });
});

describe("a rotated key", () => {
  it("has the old one's scope, limits and what was used of them", async () => {
    const old = await make({ spend: { capWei: `${maximumWei}`, period: "total" } });
    await ask(old);
    const { prefix } = await f.ledger.keys.rotate(old, 60_000);
    await expect(ask(prefix)).rejects.toBeInstanceOf(CapReachedError);
    expect(f.ledger.keys.record(prefix)).toMatchObject({ scope: "client", account: client.address, rotatedFrom: old });
  });

  it("works beside the old one for the overlap, and no longer, over a restart", async () => {
    const old = await f.ledger.keys.create({ scope: "client", account: client.address, label: "laptop" });
    const made = await f.ledger.keys.rotate(old.prefix, 60_000);
    const both = () => [old, made].map(({ key }) => f.ledger.keys.authenticate(key)?.label);
    f.clock.nowMs = nowMs + 59_999;
    expect(both()).toEqual(["laptop", "laptop"]);
    f.clock.nowMs = nowMs + 60_000;
    expect(both()).toEqual([undefined, "laptop"]);
    await restart();
    expect(both()).toEqual([undefined, "laptop"]);
  });

  it("ends when the old one would have ended, and the old one no later for it", async () => {
    const expiresAtMs = nowMs + 30_000;
    const ends = { scope: "client", account: client.address, label: "", expiresAtMs } as const;
    const old = await f.ledger.keys.create(ends);
    const made = await f.ledger.keys.rotate(old.prefix, 60_000);
    expect([old, made].map(({ prefix }) => f.ledger.keys.record(prefix)?.expiresAtMs)).toEqual([
      expiresAtMs,
      expiresAtMs,
    ]);
    f.clock.nowMs = expiresAtMs;
    expect([old, made].map(({ key }) => f.ledger.keys.authenticate(key))).toEqual([undefined, undefined]);
  });

  it("is made once, and never of a key that ended", async () => {
    const old = await make({});
    await f.ledger.keys.rotate(old, 60_000);
    await expect(f.ledger.keys.rotate(old, 60_000)).rejects.toMatchObject({ code: "key_rotated" });
    const revoked = await make({});
    await f.ledger.keys.revoke(revoked);
    await expect(f.ledger.keys.rotate(revoked, 60_000)).rejects.toMatchObject({ code: "key_ended" });
  });
});

describe("a key that ended", () => {
  it.each<[string, (key: string) => Promise<void>]>([
    ["was revoked", (key) => f.ledger.keys.revoke(key)],
    [
      "expired",
      async (key) => {
        await f.ledger.keys.change(key, { expiresAtMs: nowMs + 1 });
        f.clock.nowMs = nowMs + 1;
      },
    ],
  ])("because it %s begins no job, but lets one that runs go on", async (_name, end) => {
    const key = await make({});
    await end(key);
    await expect(ask(key)).rejects.toBeInstanceOf(KeyError);
    await expect(ask(key, { attempt: 1, outputOffset: 4 })).resolves.toBeDefined();
  });
});

it("an account has a thousand keys that are taken at most, however they are asked for", async () => {
  const account = person("collector").address;
  const wanted = { scope: "client", account, label: "" } as const;
  const { taken, refused } = await outcomes(Array.from({ length: 1003 }, () => f.ledger.keys.create(wanted)));
  expect(taken).toBe(1000);
  expect(refused).toEqual(Array(3).fill(expect.objectContaining({ code: "too_many_keys" })));
  const [first, second] = f.ledger.keys.list(account);
  await expect(f.ledger.keys.rotate(second!.prefix, 60_000)).rejects.toMatchObject({ code: "too_many_keys" });
  await f.ledger.keys.revoke(first!.prefix);
  await expect(f.ledger.keys.create(wanted)).resolves.toBeDefined();
});
