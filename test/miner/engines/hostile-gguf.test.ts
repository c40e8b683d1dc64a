import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readGguf } from "../../../miner/src/engines/gguf/read.ts";

const folder = mkdtempSync(join(tmpdir(), "lode-hostile-gguf-"));
afterAll(() => rmSync(folder, { recursive: true }));

const u32 = (value: number): Buffer => u(4, value);
const u64 = (value: number | bigint): Buffer => u(8, value);
function u(bytes: 4 | 8, value: number | bigint): Buffer {
  const buffer = Buffer.alloc(bytes);
  if (bytes === 4) buffer.writeUInt32LE(Number(value));
  else buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
}
const text = (words: string): Buffer => Buffer.concat([u64(Buffer.byteLength(words)), Buffer.from(words)]);
type Part = Buffer;
const number = (key: string, value: number): Part => Buffer.concat([text(key), u32(4), u32(value)]);
const listOf = (key: string, type: number, length: number | bigint, items = Buffer.alloc(0)): Part =>
  Buffer.concat([text(key), u32(9), u32(type), u64(length), items]);
const tensor = (name: string, values: number, offset: number): Part =>
  Buffer.concat([text(name), u32(1), u64(values), u32(0), u64(offset)]);

interface Shape {
  entries: Part[];
  tensors: Part[];
  /** Bytes behind the description; more than a few are a hole in the file. */
  weights: number;
}
/** A small file that is read without complaint; a test changes one thing. */
const good: Shape = {
  entries: [number("general.alignment", 32), listOf("some.list", 0, 3, Buffer.from([1, 2, 3]))],
  tensors: [tensor("one", 8, 0), tensor("two", 8, 32)],
  weights: 256,
};

function file(change: Partial<Shape>): string {
  const { entries, tensors, weights } = { ...good, ...change };
  const head = Buffer.concat([Buffer.from("GGUF"), u32(3), u64(tensors.length), u64(entries.length)]);
  const bytes = Buffer.concat([head, ...entries, ...tensors]);
  const path = join(folder, "model.gguf");
  writeFileSync(path, bytes);
  truncateSync(path, bytes.length + weights);
  return path;
}

describe("the description of a model file", () => {
  it("is read where nothing is wrong with it", () => {
    const { metadata, tensors } = readGguf(file({}));
    expect(metadata.get("some.list")).toEqual([1, 2, 3]);
    expect(tensors.map(({ name, bytes }) => [name, bytes])).toEqual([
      ["one", 32],
      ["two", 32],
    ]);
  });

  const [alignment, list] = good.entries as [Part, Part];
  const [one, two] = good.tensors as [Part, Part];
  const gigabytes = 3 * 2 ** 30;
  it.each<[string, Partial<Shape>, string]>([
    [
      "a tensor over another",
      { tensors: [one, tensor("two", 8, 16)] },
      'is damaged: the tensor "two" lies over another',
    ],
    [
      "a tensor inside another",
      { tensors: [tensor("one", 32, 0), two] },
      'is damaged: the tensor "two" lies over another',
    ],
    ["two tensors of one name", { tensors: [one, tensor("one", 8, 32)] }, "has two tensors of one name"],
    ["a key that is there twice", { entries: [alignment, list, list] }, 'states "some.list" twice'],
    ["an alignment of 0", { entries: [number("general.alignment", 0), list] }, "has a bad alignment"],
    ["an alignment of 3", { entries: [number("general.alignment", 3), list] }, "has a bad alignment"],
    ["an alignment of 2 GiB", { entries: [number("general.alignment", 2 ** 31), list] }, "has a bad alignment"],
    [
      "a list of all the file's bytes",
      { entries: [listOf("x", 0, gigabytes)], weights: gigabytes },
      "has lists that are too long",
    ],
    [
      "a list of empty texts",
      { entries: [listOf("x", 8, 1 << 23)], weights: gigabytes },
      "has lists that are too long",
    ],
    [
      "many long lists",
      {
        entries: ["a", "b", "c"].map((key) => listOf(key, 0, 1 << 21, Buffer.alloc(1 << 21))),
      },
      "has lists that are too long",
    ],
    [
      "a text of gigabytes",
      { entries: [Buffer.concat([text("x"), u32(8), u64(2 ** 31)])], weights: gigabytes },
      "has a description that is too long",
    ],
    [
      "a list that is longer than the file",
      { entries: [listOf("x", 0, 1n << 62n)] },
      "is damaged: it states an impossible size",
    ],
    [
      "lists in lists in lists",
      { entries: [listOf("x", 9, 1, Buffer.concat(Array.from({ length: 8 }, () => Buffer.concat([u32(9), u64(1)]))))] },
      "has metadata nested too deep",
    ],
    [
      "a tensor of more values than any file has",
      { tensors: [Buffer.concat([text("one"), u32(2), u64(2 ** 52), u64(2 ** 52), u32(0), u64(0)])] },
      'is truncated: the tensor "one" reaches past the end of the file',
    ],
    [
      "a tensor of countless dimensions",
      { tensors: [Buffer.concat([text("one"), u32(0xffffffff)])] },
      "has a tensor of 4294967295 dimensions",
    ],
  ])("is refused in words, in little memory: %s", (_, change, message) => {
    expect(() => readGguf(file(change))).toThrow(expect.objectContaining({ name: "GgufError", message }) as Error);
  });
});
