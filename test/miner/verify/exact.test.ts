import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Engine } from "../../../miner/src/engines/index.ts";
import { verifyTranscript, type Transcript } from "../../../miner/src/verify/index.ts";
import { open, warm } from "../engines/engine-helper.ts";
import { domain, hash, jobSalt, reclaim, serve, story } from "../../../scripts/bench/verify/served-job.ts";

// Opening an engine takes seconds where others compute too.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describe.each(["demo", "pieces"] as const)("a job of the %s model, checked by prefill", (model) => {
  let engine: Engine;
  let honest: Transcript;
  const check = (transcript: Transcript) => verifyTranscript(transcript, { domain, engine });
  const codes = async (transcript: Transcript): Promise<string[]> => {
    const { verdict, reasons } = await check(transcript);
    expect(verdict).toBe(reasons.some(({ fault }) => fault) ? "wrong" : "undecided");
    return reasons.map(({ code }) => code);
  };

  beforeAll(async () => {
    engine = await open(model, { contextTokens: 512 });
    honest = await serve({ engine, request: story() });
  });
  afterAll(() => engine.close());

  it("is right when it was done as agreed", async () => {
    expect(honest.outputIds.length).toBeGreaterThan(20);
    const { verdict, class: checkClass, reasons, evidence } = await check(honest);
    expect({ verdict, checkClass, reasons }).toEqual({ verdict: "right", checkClass: "A-prefill", reasons: [] });
    expect(evidence.mismatches).toEqual([]);
    expect(evidence.values).toHaveLength(honest.outputIds.length);
    expect(new Set(evidence.values).size).toBe(honest.outputIds.length);
  });

  it("is wrong with another seed", async () => {
    const forged = await serve({ engine, request: story(), computed: { seed: hash("another") } });
    expect(await codes(forged)).toContain("other-token");
  });

  it("is wrong with another temperature", async () => {
    const forged = await serve({ engine, request: story(), computed: { sampler: { ...warm, temperature: 0.7 } } });
    expect(await codes(forged)).toContain("other-token");
  });

  it("is wrong with one token changed", async () => {
    const at = 10;
    const outputIds = honest.outputIds.map((id, index) => (index === at ? (id + 1) % 500 : id));
    const { verdict, evidence } = await check(reclaim(honest, { outputIds }));
    expect(verdict).toBe("wrong");
    expect(evidence.mismatches[0]).toBe(at);
  });

  it("is undecided when the transcript was changed after the receipt", async () => {
    const outputIds = honest.outputIds.map((id, index) => (index === 3 ? id + 1 : id));
    expect(await codes({ ...honest, outputIds })).toEqual(["other-output"]);
    expect(await codes({ ...honest, jobSalt: hash("another salt") })).toContain("other-input");
    expect(jobSalt).toBe(honest.jobSalt);
  });
});
