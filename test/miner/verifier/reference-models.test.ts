import { expect, it } from "vitest";
import type { Context } from "../../../miner/src/cli/context.ts";
import { ReferenceModels } from "../../../miner/src/cli/verifier/reference-models.ts";
import { cpuLibraries, openEngine, ownSandbox } from "../../../miner/src/engines/index.ts";
import { embeddedModel } from "../../../miner/models/index.ts";

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
    const context = { models: () => undefined } as unknown as Context;
    const signal = new AbortController().signal;
    const models = new ReferenceModels({ names: ["embedded"], context, sandbox: await ownSandbox(), signal });
    await models.read();
    expect((await models.engine(modelDigest, engineClass))?.info.engineClass).toBe(engineClass);
    expect((await models.engine(modelDigest, wanted))?.info.engineClass).toBe(wanted);
    expect(await models.engine(`0x${"00".repeat(32)}`, engineClass)).toBeUndefined();
    await models.close();
  },
);
