import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finishReason, hashStruct } from "@lode/sdk/typed-data";
import { expect, it } from "vitest";
import type { Context } from "../../../miner/src/cli/context.ts";
import { ReferenceModels, type ReferenceOptions } from "../../../miner/src/cli/verifier/reference-models.ts";
import type { Disclosure } from "../../../miner/src/disclosure/index.ts";
import { cpuLibraries, openEngine, ownSandbox } from "../../../miner/src/engines/index.ts";
import { engineReference } from "../../../miner/src/verifier/reference.ts";
import { embeddedModel } from "../../../miner/models/index.ts";
import { domain, hash, receipted, story } from "../../../scripts/bench/verify/served-job.ts";

const context = { models: () => undefined } as unknown as Context;
const signal = new AbortController().signal;

/** The library without any extension runs on every processor of its kind, and is the best one on none that is tested on. */
const plain = "x64";

it.skipIf(!cpuLibraries().has(plain))(
  "a juror computes with the library that the assignment's class names",
  { timeout: 600_000 },
  async () => {
    const usual = await openEngine({ modelPath: embeddedModel });
    const other = await openEngine({ modelPath: embeddedModel, cpu: plain });
    const { modelDigest, engineClass } = usual.info;
    const wanted = other.info.engineClass;
    expect(wanted).not.toBe(engineClass);
    await Promise.all([usual.close(), other.close()]);
    const sandbox = await ownSandbox();
    const models = new ReferenceModels({ names: ["embedded"], context, sandbox, signal, warn: expect.fail });
    await models.read();
    expect((await models.engine(modelDigest, engineClass))?.info.engineClass).toBe(engineClass);
    expect((await models.engine(modelDigest, wanted))?.info.engineClass).toBe(wanted);
    expect(await models.engine(`0x${"00".repeat(32)}`, engineClass)).toBeUndefined();
    await models.close();
  },
);

/** The embedded model, as if it had been trained for more: for what is computed here it need not make sense. */
function longModel(contextTokens: number): { path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "lode-long-"));
  const path = join(folder, "long.gguf");
  const bytes = readFileSync(embeddedModel);
  const key = Buffer.from("llama.context_length");
  const at = bytes.indexOf(key) + key.length;
  // Its type is uint32.
  expect(bytes.readUInt32LE(at)).toBe(4);
  bytes.writeUInt32LE(contextTokens, at + 4);
  writeFileSync(path, bytes);
  return { path, remove: () => rmSync(folder, { recursive: true }) };
}

it("a juror's context follows the job, as far as there is memory for it", { timeout: 600_000 }, async () => {
  const long = longModel(12_000);
  const warnings: string[] = [];
  const read = async (options: Partial<ReferenceOptions> = {}): Promise<ReferenceModels> => {
    const shared = { names: [long.path], context, sandbox: await ownSandbox(), signal };
    const models = new ReferenceModels({ ...shared, warn: (sentence) => void warnings.push(sentence), ...options });
    await models.read();
    return models;
  };
  try {
    const probe = await openEngine({ modelPath: long.path, contextTokens: 64 });
    const { modelDigest, engineClass } = probe.info;
    await probe.close();

    const models = await read();
    const usual = (await models.engine(modelDigest, engineClass, 4_000))!;
    expect(usual.info.contextTokens).toBe(4_096);
    const longer = (await models.engine(modelDigest, engineClass, 5_000))!;
    expect(longer.info.contextTokens).toBe(8_192);
    await usual.stopped;
    // It is of use for shorter jobs too.
    expect(await models.engine(modelDigest, engineClass, 100)).toBe(longer);
    await models.close();
    expect(warnings).toEqual([]);

    const memory = { totalMb: 16_000, availableMb: 770 };
    const cpu = { features: [] };
    const small = await read({ hardware: async () => ({ platform: "linux", cpu, memory }) as never });
    expect(await small.engine(modelDigest, engineClass, 5_000)).toBeUndefined();
    expect(warnings).toEqual([
      expect.stringMatching(/needs \d+ MB for a job of up to 8192 tokens, and 2 MB may be taken: it is not judged/),
    ]);
    await small.close();
  } finally {
    long.remove();
  }
});

it.each([
  ["what is left of its length", 5_000, 300, 6_000, 5_300],
  ["what was agreed, where less of that is left", 5_000, 3_000, 6_000, 6_000],
  ["all that it has, whatever was agreed", 5_000, 3_000, 100, 5_002],
])("a job is judged in a context for %s", async (_, prompt, maxTokens, contextTokens, wanted) => {
  const inputIds = Array.from({ length: prompt }, () => 40);
  const request = story({ maxTokens });
  const promised = { modelDigest: hash("model"), engineClass: hash("engine"), contextTokens };
  const made = receipted({ request, promised, inputIds, outputIds: [41, 42], finish: finishReason.length });
  const { assignment, receipt, prompt: told, ...rest } = made;
  const transcript = { ...rest, promptSalt: told!.salt, prompt: told!.value } as unknown as Disclosure["transcript"];
  const asked: number[] = [];
  const reference = engineReference(
    domain,
    async (_digest, _class, tokens) => void asked.push(tokens),
    () => hashStruct("Receipt", receipt),
  );
  // Without an engine it has no opinion.
  expect(await reference.judge({ assignment, receipt, transcript }, signal)).toBeUndefined();
  expect(asked).toEqual([wanted]);
});
