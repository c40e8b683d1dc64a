import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { RecordLog, RecordLogError } from "@lode/sdk/record-log";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "lode-records-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Item {
  readonly n: number;
  readonly text: string;
}

async function readAll(path: string): Promise<{ items: Item[]; warnings: string[] }> {
  const items: Item[] = [];
  const warnings: string[] = [];
  const log = await RecordLog.open<Item>(
    path,
    (item) => items.push(item),
    (warning) => warnings.push(warning),
  );
  await log.close();
  return { items, warnings };
}

async function writeThree(path: string): Promise<{ bytes: Buffer; ends: number[] }> {
  const log = await RecordLog.open<Item>(path, () => undefined);
  const ends: number[] = [];
  for (let n = 0; n < 3; n++) {
    await log.append({ n, text: "ü".repeat(n * 7) });
    ends.push(statSync(path).size);
  }
  await log.close();
  return { bytes: readFileSync(path), ends };
}

describe("a record log", () => {
  it("gives back what was appended, in order, with mode 600", async () => {
    const path = join(folder, "order");
    const log = await RecordLog.open<Item>(path, () => undefined);
    await Promise.all(Array.from({ length: 200 }, (_, n) => log.append({ n, text: "x" })));
    await log.close();
    expect((await readAll(path)).items.map(({ n }) => n)).toEqual(Array.from({ length: 200 }, (_, n) => n));
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("writes what may wait together with what may not, in order, and the rest when it closes", async () => {
    const path = join(folder, "lag");
    const log = await RecordLog.open<Item>(path, () => undefined);
    const hour = 3_600_000;
    const lazy = log.append({ n: 0, text: "may wait" }, hour);
    await log.append({ n: 1, text: "may not" });
    await lazy;
    expect(readFileSync(path, "utf8")).toMatch(/may wait.*may not/s);
    const last = log.append({ n: 2, text: "may wait too" }, hour);
    expect(readFileSync(path, "utf8")).not.toContain("may wait too");
    await log.close();
    await last;
    expect((await readAll(path)).items.map(({ n }) => n)).toEqual([0, 1, 2]);
  });

  it("writes what may wait by itself when its time is over", async () => {
    const path = join(folder, "lag-over");
    const log = await RecordLog.open<Item>(path, () => undefined);
    await log.append({ n: 0, text: "alone" }, 1);
    expect(readFileSync(path, "utf8")).toContain("alone");
    await log.close();
  });

  it("cut at any byte keeps every whole record, drops the torn one, and goes on", async () => {
    const path = join(folder, "torn");
    const { bytes, ends } = await writeThree(path);
    for (let length = 0; length <= bytes.length; length++) {
      writeFileSync(path, bytes.subarray(0, length));
      const whole = ends.filter((end) => end <= length).length;
      const first = await readAll(path);
      expect(first.items).toHaveLength(whole);
      expect(first.warnings).toHaveLength(length === 0 || ends.includes(length) ? 0 : 1);
      const log = await RecordLog.open<Item>(path, () => undefined);
      await log.append({ n: 99, text: "after" });
      await log.close();
      expect((await readAll(path)).items.at(-1)).toEqual({ n: 99, text: "after" });
    }
  });

  it("that a crash left filled with zeros keeps its records", async () => {
    const path = join(folder, "zeros");
    const { bytes } = await writeThree(path);
    writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(4096)]));
    expect((await readAll(path)).items).toHaveLength(3);
  });

  it("larger than any buffer, with records of several megabytes, is read in parts", { timeout: 120_000 }, async () => {
    const path = join(folder, "large");
    const log = await RecordLog.open<Item>(path, () => undefined);
    const text = "0123456789abcdef".repeat(300_000);
    for (let n = 0; n < 5; n++) await log.append({ n, text: n % 2 === 0 ? text : "short" });
    await log.close();
    const { size } = statSync(path);
    // Three gigabytes that no disk holds: a hole of zeros, as a crash can leave them.
    truncateSync(path, 3 * 2 ** 30);
    const { items, warnings } = await readAll(path);
    expect(items.map(({ n, text: { length } }) => [n, length])).toEqual(
      [0, 1, 2, 3, 4].map((n) => [n, n % 2 === 0 ? text.length : 5]),
    );
    expect(warnings).toHaveLength(1);
    expect(statSync(path).size).toBe(size);
    const beside: unknown[] = [];
    await RecordLog.read(path, (record) => beside.push(record));
    expect(beside).toEqual(items);
  });

  it("damaged before its end is refused, whatever byte it is", async () => {
    const path = join(folder, "damaged");
    const { bytes, ends } = await writeThree(path);
    for (let at = 0; at < ends[1]!; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at] = damaged[at]! ^ 0x40;
      writeFileSync(path, damaged);
      await expect(readAll(path), `byte ${at}`).rejects.toBeInstanceOf(RecordLogError);
    }
  });

  it("is written by one process: a second one is refused, a dead one's lock is taken over", async () => {
    const path = join(folder, "locked");
    writeFileSync(`${path}.lock`, `${process.ppid}`);
    await expect(readAll(path)).rejects.toMatchObject({ code: "log_locked" });
    writeFileSync(`${path}.lock`, "999999999");
    // As does one that died while it took a dead one's lock over.
    writeFileSync(`${path}.lock.taking`, "999999998");
    expect((await readAll(path)).items).toEqual([]);
  });

  it.runIf(existsSync("/proc/self/stat"))("is taken over where another process has a dead one's number", async () => {
    const path = join(folder, "number");
    writeFileSync(`${path}.lock`, `${process.ppid} 1`);
    expect((await readAll(path)).items).toEqual([]);
  });

  it("is taken over by one of several processes that come at the same time", { timeout: 120_000 }, async () => {
    const children = Array.from({ length: 3 }, () =>
      spawn(process.execPath, ["--input-type=module", "-e", taker], { stdio: ["pipe", "pipe", "inherit"] }),
    );
    const answers = children.map(({ stdout }) => createInterface(stdout)[Symbol.asyncIterator]());
    const all = async (): Promise<string[]> =>
      Promise.all(answers.map(async (lines) => String((await lines.next()).value)));
    expect(await all()).toEqual(["ready", "ready", "ready"]);
    for (let round = 0; round < 40; round++) {
      const path = join(folder, `raced-${round}`);
      if (round % 2 === 0) writeFileSync(`${path}.lock`, "999999999");
      for (const { stdin } of children) stdin.write(`${path}\n`);
      expect((await all()).sort(), `round ${round}`).toEqual(["log_locked", "log_locked", "taken"]);
    }
    for (const { stdin } of children) stdin.end();
    await Promise.all(children.map(async (child) => once(child, "exit")));
  });
});

const module = join(import.meta.dirname, "..", "..", "contracts", "sdk", "record-log", "index.ts");
/** Takes every log that a line of its input names, and keeps it. */
const taker = `
import { createInterface } from "node:readline";
const { RecordLog } = await import(${JSON.stringify(module)});
const taken = [];
console.log("ready");
for await (const path of createInterface(process.stdin)) {
  const open = RecordLog.open(path, () => undefined);
  console.log(await open.then((log) => (taken.push(log), "taken"), (error) => error.code ?? String(error)));
}
process.exit(0);
`;
