import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openEngine } from "../../../miner/src/engines/index.ts";
import { readGguf } from "../../../miner/src/engines/gguf/read.ts";
import { models } from "./engine-helper.ts";
import { processesWith } from "./processes.ts";

const folder = mkdtempSync(join(tmpdir(), "lode-bad-files-"));
const good = readFileSync(models.pieces);
afterAll(() => rmSync(folder, { recursive: true }));

/** Changes one thing in a good file. */
function spoil(name: string, change: (bytes: Buffer) => Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, change(Buffer.from(good)));
  return path;
}
const set64 = (bytes: Buffer, at: number, value: bigint): Buffer => (bytes.writeBigUInt64LE(value, at), bytes);
const after = (bytes: Buffer, text: string): number => bytes.indexOf(text) + text.length;

describe("a bad model file", () => {
  it.each<[string, (bytes: Buffer) => Buffer, RegExp]>([
    ["empty", () => Buffer.alloc(0), /is not a GGUF file\.$/],
    ["not a GGUF", () => Buffer.from("hello ".repeat(100)), /is not a GGUF file\.$/],
    [
      "of another version",
      (bytes) => (bytes.writeUInt32LE(9, 4), bytes),
      /has GGUF version 9, which is not supported\.$/,
    ],
    ["cut in the header", (bytes) => bytes.subarray(0, 500), /ends too early\.$/],
    [
      "cut in the weights",
      (bytes) => bytes.subarray(0, bytes.length - 1000),
      /is truncated: the tensor "[^"]+" reaches past the end of the file\.$/,
    ],
    ["of countless tensors", (bytes) => set64(bytes, 8, 1n << 60n), /is damaged: it states an impossible size\.$/],
    ["of countless entries", (bytes) => set64(bytes, 16, 1n << 40n), /is damaged: it states an impossible size\.$/],
    ["with an endless text", (bytes) => set64(bytes, 24, 1n << 50n), /is damaged: it states an impossible size\.$/],
    [
      "with an unknown type",
      (bytes) => (bytes.writeUInt32LE(77, after(bytes, "general.architecture")), bytes),
      /metadata entry of unknown type 77\.$/,
    ],
    [
      "with another architecture",
      (bytes) => (bytes.write("xxxxx", after(bytes, "general.architecture") + 12), bytes),
      /cannot be loaded\.$/,
    ],
    [
      "with a wrong shape",
      (bytes) => (bytes.writeUInt32LE(160, after(bytes, "llama.embedding_length") + 4), bytes),
      /cannot be loaded\.$/,
    ],
    [
      "without a chat template",
      (bytes) => (bytes.write("X", bytes.indexOf("tokenizer.chat_template")), bytes),
      /has no chat template\.$/,
    ],
  ])("%s is refused with one sentence", async (name, change, message) => {
    const modelPath = spoil(`${name}.gguf`, change);
    await expect(openEngine({ modelPath })).rejects.toMatchObject({
      name: "EngineError",
      code: expect.stringMatching(/^model-(corrupt|unsupported)$/),
      exitCode: 9,
      message: expect.stringMatching(message),
    });
  });

  it("that does not exist is named", async () => {
    await expect(openEngine({ modelPath: join(folder, "none.gguf") })).rejects.toMatchObject({
      code: "model-not-found",
      exitCode: 9,
      message: `The model file ${join(folder, "none.gguf")} does not exist.`,
    });
  });

  it("that is not loaded in time ends the process that loads it", async () => {
    const before = await processesWith("child/main");
    await expect(openEngine({ modelPath: models.pieces, loadMs: 1 })).rejects.toMatchObject({
      code: "model-timeout",
      exitCode: 9,
      message: `The model file ${models.pieces} was not loaded within 1 s.`,
    });
    expect(await processesWith("child/main")).toEqual(before);
  });

  it("never throws anything but its own error, whatever byte of the header is changed", () => {
    const header = readGguf(models.pieces).tensors[0]!.offset;
    for (let at = 0; at < header; at += 37) {
      const path = spoil("flipped.gguf", (bytes) => ((bytes[at]! ^= 0xff), bytes.subarray(0, header + 4096)));
      try {
        readGguf(path);
      } catch (error) {
        expect(error).toMatchObject({ name: "GgufError" });
      }
    }
  });
});
