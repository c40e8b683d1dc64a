import type * as crypto from "node:crypto";
import { timingSafeEqual } from "node:crypto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Book } from "../../../coordinator/src/domain/settlement/index.ts";
import { findKey, makeKeyText } from "../../../coordinator/src/plugins/app/ledger/key-text.ts";
import { client, nowMs, operator } from "../fixture.ts";

vi.mock("node:crypto", async (importOriginal) => {
  const original = await importOriginal<typeof crypto>();
  return { ...original, timingSafeEqual: vi.fn(original.timingSafeEqual) };
});

const book = new Book(operator.address);
const made = makeKeyText();
const { prefix, hash, key } = made;
const shared = { scope: "client" as const, account: client.address, label: "", atMs: nowMs };
book.apply({ kind: "key.created", prefix, hash, ...shared });
const last = key.at(-1) === "A" ? "E" : "A";

describe("a guessed key", () => {
  beforeEach(() => void vi.mocked(timingSafeEqual).mockClear());

  it.each([
    ["a wrong last character", `${key.slice(0, -1)}${last}`],
    ["a wrong first character", `${key.slice(0, 14)}${key[14] === "A" ? "B" : "A"}${key.slice(15)}`],
    ["an unknown prefix", `lode_00000000_${key.slice(14)}`],
    ["half of it", key.slice(0, 30)],
    ["nothing", ""],
    ["a name of the map's prototype", `lode___proto__${key.slice(13)}`],
    ["something behind it", `${key}A`],
    ["a newline behind it", `${key}\n`],
    ["other letters", key.toUpperCase()],
  ])("with %s is compared whole, in constant time, and refused", (_name, guess) => {
    expect(findKey(book, guess, nowMs)).toBeUndefined();
    expect(timingSafeEqual).toHaveBeenCalledTimes(1);
    const [[left, right] = []] = vi.mocked(timingSafeEqual).mock.calls;
    expect([left?.byteLength, right?.byteLength]).toEqual([32, 32]);
  });

  it("that is right is found by the same comparison", () => {
    expect(findKey(book, key, nowMs)).toMatchObject({ prefix });
    expect(timingSafeEqual).toHaveBeenCalledTimes(1);
  });

  it("of a key that has ended is compared too", () => {
    book.apply({ kind: "key.revoked", prefix, atMs: nowMs });
    expect(findKey(book, key, nowMs)).toBeUndefined();
    expect(timingSafeEqual).toHaveBeenCalledTimes(1);
  });
});

describe("a key's secret", () => {
  it("has 256 bits of its own, which its hash does not show", () => {
    const keys = Array.from({ length: 50 }, makeKeyText);
    expect(new Set(keys.map(({ key: text }) => text.slice(14))).size).toBe(50);
    for (const one of keys) expect(one.key).toMatch(/^lode_[0-9a-f]{8}_[0-9A-Za-z_-]{43}$/);
  });
});
