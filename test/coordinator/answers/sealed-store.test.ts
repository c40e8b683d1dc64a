import { createCipheriv, createHmac, hkdfSync } from "node:crypto";
import {
  lstatSync,
  rmSync,
  symlinkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SealedStore, type Kept } from "../../../coordinator/src/plugins/app/answers/sealed-store.ts";
import { temporaryHome } from "../fixture.ts";

const secret = `lode_00000000_${"a".repeat(43)}`;
const kept = { value: { text: "canary-1618" }, expiresMs: 2000 };

let folder: ReturnType<typeof temporaryHome>;
let place: string;
let clock: { nowMs: number };
let store: SealedStore;
beforeEach(() => {
  folder = temporaryHome();
  place = join(folder.home, "answers");
  clock = { nowMs: 1000 };
  store = new SealedStore(place, () => clock.nowMs);
});
afterEach(() => folder.remove());

const only = (): string => join(place, readdirSync(place)[0]!);

describe("a sealed answer", () => {
  it("is read by its key and name, also by another process", async () => {
    await store.write(secret, "a", kept);
    expect(await new SealedStore(place, () => 1999).read(secret, "a")).toEqual(kept);
  });

  it("is nothing for another key or name, and nothing on the disk tells what it is", async () => {
    await store.write(secret, "name-2718", kept);
    expect(await store.read(`${secret}b`, "name-2718")).toBeUndefined();
    expect(await store.read(secret, "b")).toBeUndefined();
    const disk = only() + readFileSync(only(), "latin1");
    for (const word of ["canary-1618", "name-2718", secret]) expect(disk).not.toContain(word);
  });

  it("that the disk does not take leaves nothing behind, and what was there", async () => {
    await store.write(secret, "a", kept);
    const path = only();
    rmSync(path);
    mkdirSync(path);
    await expect(store.write(secret, "a", kept)).rejects.toThrow();
    expect(readdirSync(place).map((file) => join(place, file))).toEqual([path]);
  });

  it("is replaced by the next one of its name", async () => {
    await store.write(secret, "a", kept);
    await store.write(secret, "a", { value: 2, expiresMs: 3000 });
    expect(await store.read(secret, "a")).toEqual({ value: 2, expiresMs: 3000 });
    expect(readdirSync(place)).toHaveLength(1);
  });

  it("is changed by one after the other, whoever comes together, and is as before where a change fails", async () => {
    const add = (word: string): Promise<void> =>
      store.update(secret, "a", (before) => ({
        value: [...((before?.value ?? []) as string[]), word],
        expiresMs: 2000,
      }));
    const refused = store.update(secret, "a", () => {
      throw new Error("not this one");
    });
    await Promise.all([add("one"), expect(refused).rejects.toThrow("not this one"), add("two"), add("three")]);
    expect((await store.read(secret, "a"))?.value).toEqual(["one", "two", "three"]);
  });

  it("is gone when it is removed or has expired", async () => {
    await store.write(secret, "a", kept);
    expect(await store.remove(secret, "a")).toBe(true);
    expect(await store.remove(secret, "a")).toBe(false);
    expect(await store.read(secret, "a")).toBeUndefined();
    await store.write(secret, "a", kept);
    clock.nowMs = 2000;
    expect(await store.read(secret, "a")).toBeUndefined();
  });

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ["cut", (bytes) => bytes.subarray(0, -1)],
    ["empty", () => Buffer.alloc(0)],
    ["given more time", (bytes) => (bytes.writeBigUInt64BE(9000n, 1), bytes)],
    ["changed", (bytes) => (bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40), bytes)],
    ["of another version", (bytes) => (bytes.writeUInt8(3, 0), bytes)],
    ["given to another owner", (bytes) => (bytes.writeUInt8(bytes.readUInt8(9) ^ 1, 9), bytes)],
  ])("is nothing when it was %s", async (_name, change) => {
    await store.write(secret, "a", kept);
    writeFileSync(only(), change(readFileSync(only())));
    expect(await store.read(secret, "a")).toBeUndefined();
  });

  it("is not moved to another name", async () => {
    await store.write(secret, "a", kept);
    const sealed = readFileSync(only());
    await store.remove(secret, "a");
    await store.write(secret, "b", { value: 1, expiresMs: 2000 });
    writeFileSync(only(), sealed);
    expect(await store.read(secret, "b")).toBeUndefined();
  });

  it("is swept when it has expired, as is what was never finished", async () => {
    await store.sweep();
    mkdirSync(place);
    await store.write(secret, "short", kept);
    await store.write(secret, "long", { value: 1, expiresMs: 9000 });
    for (const name of ["old.tmp", "new.tmp"]) writeFileSync(join(place, name), "x");
    utimesSync(join(place, "old.tmp"), 1, 1);
    clock.nowMs = 2000;
    await store.sweep();
    const left = readdirSync(place);
    expect(left).toHaveLength(2);
    expect(left).toContain("new.tmp");
    expect(await store.read(secret, "long")).toMatchObject({ value: 1 });
  });

  it("is left where it cannot be opened now: its key must not do its job a second time", async () => {
    await store.write(secret, "long", kept);
    const file = only();
    rmSync(file);
    // As when no descriptors are left: it is there, and opening it fails.
    symlinkSync(file, file);
    await store.sweep();
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
  });
});

/** A file as this store wrote it before it counted by owner. */
function sealedBefore(name: string, value: unknown, expiresMs: number): [file: string, bytes: Buffer] {
  const key = Buffer.from(hkdfSync("sha256", secret, "", "lode sealed answers", 32));
  const file = createHmac("sha256", key).update(name).digest("hex");
  const head = Buffer.alloc(9);
  head.writeUInt8(1, 0);
  head.writeBigUInt64BE(BigInt(expiresMs), 1);
  const iv = Buffer.alloc(12, 7);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.concat([head, Buffer.from(file)]));
  const body = Buffer.concat([cipher.update(JSON.stringify(value), "utf8"), cipher.final()]);
  return [file, Buffer.concat([head, iv, cipher.getAuthTag(), body])];
}

describe("the room for sealed answers", () => {
  const other = `${secret}b`;
  const large = (kilobytes: number): Kept => ({ value: "x".repeat(kilobytes * 1000), expiresMs: 2000 });
  const open = (): SealedStore => new SealedStore(place, () => clock.nowMs, { total: 16_384, ofKey: 8192 });
  const full = { code: "kept_answers_full" };
  beforeEach(() => {
    store = open();
  });

  it("is one key's until its part is full, and everybody's until all is", async () => {
    await store.write(secret, "a", large(7));
    expect(store.usedBytes).toBe(8192);
    expect(() => store.refuseFull(secret)).toThrow(expect.objectContaining(full));
    store.refuseFull(other);
    // What was begun before is kept all the same.
    await store.write(secret, "b", kept);
    await store.write(other, "a", kept);
    expect(() => store.refuseFull(`${secret}c`)).toThrow(expect.objectContaining({ code: "answers_full" }));
  });

  it("counts what is replaced once, and no more what was removed", async () => {
    await store.write(secret, "a", large(7));
    await store.write(secret, "a", kept);
    expect(store.usedBytes).toBe(4096);
    store.refuseFull(secret);
    await store.remove(secret, "a");
    await store.remove(secret, "a");
    expect(store.usedBytes).toBe(0);
  });

  it("is known to the next process, whose files they were, and free when they expire", async () => {
    await store.write(secret, "a", kept);
    await store.write(secret, "b", { value: 1, expiresMs: 9000 });
    const next = open();
    next.refuseFull(secret);
    await Promise.all([next.sweep(), next.sweep()]);
    expect(next.usedBytes).toBe(8192);
    expect(() => next.refuseFull(secret)).toThrow(expect.objectContaining(full));
    next.refuseFull(other);
    clock.nowMs = 2000;
    await next.sweep();
    expect(next.usedBytes).toBe(4096);
    next.refuseFull(secret);
  });

  it("counts files of an older layout for all together, and opens them", async () => {
    mkdirSync(place);
    for (const name of ["a", "b", "c", "d"]) {
      const [file, bytes] = sealedBefore(name, { name }, 2000);
      writeFileSync(join(place, file), bytes);
    }
    expect(await store.read(secret, "a")).toEqual({ value: { name: "a" }, expiresMs: 2000 });
    await store.sweep();
    expect(() => store.refuseFull(secret)).toThrow(expect.objectContaining({ code: "answers_full" }));
    await store.write(secret, "a", kept);
    expect(store.usedBytes).toBe(16_384);
  });
});
