import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openEngine, type Engine, type GenerateRequest } from "../../../miner/src/engines/index.ts";
import { recoverPublicKey, signerFromKey } from "@lode/sdk/keys";
import { finishReason, hashStruct } from "@lode/sdk/typed-data";
import { openDisclosure, sealDisclosure, type Disclosure } from "../../../miner/src/disclosure/index.ts";
import { engineReference } from "../../../miner/src/verifier/reference.ts";
import {
  commitFingerprints,
  verifyTranscript,
  type Fingerprint,
  type Transcript,
} from "../../../miner/src/verify/index.ts";
import { hash, domain, jobSalt, reclaim, serve, story } from "../../../scripts/bench/verify/served-job.ts";
import { open, warm } from "../engines/engine-helper.ts";
import { changedModels, type ChangedModels } from "./changed-models.ts";

// Opening an engine takes seconds where others compute too.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const conversation = (system: string, question: string): GenerateRequest["prompt"] => ({
  messages: [
    { role: "system", content: system },
    { role: "user", content: question },
  ],
});
const penalised = { ...warm, repetitionPenalty: 1.4, frequencyPenalty: 0.5 };
const agreed = story({ sampler: penalised, prompt: conversation("You tell stories.", "Tell me a long story.") });

/** The model's end token. */
const end = 0;

const juror = signerFromKey(hash("juror"));
const jurorKey = recoverPublicKey(hash("any"), juror.signDigest(hash("any"))).publicKey;

/** Each attack is this job, done honestly but for one thing. */
describe("a miner of the verifier's class", () => {
  let models: ChangedModels;
  let engine: Engine;
  let honest: Transcript;
  const check = (transcript: Transcript) => verifyTranscript(transcript, { domain, engine });

  beforeAll(async () => {
    models = changedModels();
    engine = await open("demo", { contextTokens: 768 });
    honest = await serve({ engine, request: agreed });
  });
  afterAll(async () => {
    await engine.close();
    models.remove();
  });

  /** What a juror finds in a transcript that the miner shows it; rejects when it is none. */
  const judge = async ({ assignment, receipt, prompt, ...rest }: Transcript) => {
    const transcript = {
      ...rest,
      promptSalt: prompt!.salt,
      prompt: prompt!.value,
    } as unknown as Disclosure["transcript"];
    const about = hashStruct("Receipt", receipt);
    const sealed = sealDisclosure({ assignment, receipt, transcript }, jurorKey);
    const opened = openDisclosure(juror, domain, about, sealed);
    return engineReference(
      domain,
      async () => engine,
      () => about,
    ).judge(opened, new AbortController().signal);
  };

  async function expectWrong(transcript: Transcript, code: string): Promise<void> {
    const { verdict, reasons } = await check(transcript);
    expect(reasons.map((reason) => reason.code)).toContain(code);
    expect(verdict).toBe("wrong");
  }

  /** Serves the agreed job with another model, billed as the agreed one. */
  async function withModel(modelPath: string): Promise<Transcript> {
    const cheat = await openEngine({ modelPath, contextTokens: 768 });
    try {
      return await serve({ engine: cheat, promised: engine.info, request: agreed });
    } finally {
      await cheat.close();
    }
  }

  it("passes when it does as it should", async () => {
    const { verdict, reasons } = await check(honest);
    expect({ verdict, reasons }).toEqual({ verdict: "right", reasons: [] });
    expect(honest.outputIds.length).toBeGreaterThan(40);
  });

  it.each(["Q4_0", "F16"] as const)("is caught serving %s for Q8_0", async (format) => {
    await expectWrong(await withModel(models.pathOf(format)), "other-token");
  });

  it("is caught with 1 % of noise on one layer, within a few jobs", async () => {
    const cheat = await openEngine({ modelPath: models.pathOf("Q8_0", "blk.1.ffn_down.weight"), contextTokens: 768 });
    try {
      // The text of one job may survive so small a change; over a few jobs it does not.
      const verdicts: string[] = [];
      for (let number = 0; number < 12 && !verdicts.includes("wrong"); number += 1) {
        const request = { ...agreed, seed: hash(`noise ${number}`), sampler: { ...warm, temperature: 1.4 } };
        verdicts.push((await check(await serve({ engine: cheat, promised: engine.info, request }))).verdict);
      }
      expect(verdicts.at(-1)).toBe("wrong");
    } finally {
      await cheat.close();
    }
  });

  it("is caught with another model", async () => {
    const other = await open("pieces", { contextTokens: 768 });
    try {
      await expectWrong(await serve({ engine: other, promised: engine.info, request: agreed }), "prompt-tokens");
    } finally {
      await other.close();
    }
  });

  const computed: [what: string, change: Partial<GenerateRequest>][] = [
    ["another seed", { seed: hash("another") }],
    ["another temperature", { sampler: { ...penalised, temperature: 0.8 } }],
    ["a skipped penalty", { sampler: warm }],
    ["the likeliest tokens for drawn ones", { sampler: { ...penalised, temperature: 0, topK: 1 } }],
    ["fewer candidates", { sampler: { ...penalised, topK: 5 } }],
    ["a bias of its own for one word", { sampler: { ...penalised, logitBias: [[300, 4]] } }],
  ];
  it.each(computed)("is caught with %s", async (_, change) => {
    await expectWrong(await serve({ engine, request: agreed, computed: change }), "other-token");
  });

  it("is caught leaving out what the client asked of the draw: a bias, or a grammar", async () => {
    const [common] = honest.outputIds;
    const biased = { ...agreed, sampler: { ...penalised, logitBias: [[common!, -100] as [number, number]] } };
    await expectWrong(await serve({ engine, request: biased, computed: { sampler: penalised } }), "other-token");
    const constraint = { type: "json_object" } as const;
    const constrained = { ...agreed, sampler: { ...penalised, constraint } };
    expect((await check(await serve({ engine, request: constrained }))).verdict).toBe("right");
    await expectWrong(await serve({ engine, request: constrained, computed: { sampler: penalised } }), "other-token");
  });

  it("is caught drawing well at first, and cheaply once nobody is expected to look", async () => {
    const begun = honest.outputIds.length - 12;
    const prefixTokens = honest.outputIds.slice(0, begun);
    const sampler = { ...penalised, temperature: 0, topK: 1 };
    const tail = await serve({ engine, request: { ...agreed, prefixTokens, sampler, maxTokens: 12 } });
    const { verdict, evidence } = await check(reclaim(honest, { outputIds: [...prefixTokens, ...tail.outputIds] }));
    expect(verdict).toBe("wrong");
    expect(evidence.mismatches[0]).toBeGreaterThanOrEqual(begun);
  });

  it("is caught with two tokens in each other's place", async () => {
    const { outputIds } = honest;
    const at = outputIds.findIndex((id, index) => index > 20 && id !== outputIds[index + 1]);
    const swapped = outputIds.toSpliced(at, 2, outputIds[at + 1]!, outputIds[at]!);
    expect([...swapped].sort()).toEqual([...outputIds].sort());
    await expectWrong(reclaim(honest, { outputIds: swapped }), "other-token");
  });

  it("is caught going on behind another's tokens as if it had begun itself", async () => {
    const prefixTokens = honest.outputIds.slice(0, 20);
    const request = { ...agreed, prefixTokens, maxTokens: 40 };
    expect((await check(await serve({ engine, request }))).verdict).toBe("right");
    // The answer to the prompt alone, and the right context with draws of the first positions.
    await expectWrong(await serve({ engine, request, computed: { prefixTokens: [] } }), "other-token");
    const prompt = { tokens: [...honest.inputIds, ...prefixTokens] };
    const begunAnew = await serve({ engine, request, computed: { prompt, prefixTokens: [] } });
    await expectWrong(reclaim(begunAnew, { inputIds: [...honest.inputIds] }), "other-token");
  });

  it("is caught with another chat template, and with fewer prompt tokens than it was given", async () => {
    const text = "You tell stories.\n\nUSER: Tell me a long story.\nASSISTANT:";
    const forged = await serve({ engine, request: agreed, computed: { prompt: { text } } });
    await expectWrong(forged, "prompt-tokens");
    await expectWrong(reclaim(forged, { inputIds: [...honest.inputIds] }), "other-token");
    await expectWrong(reclaim(honest, { inputIds: honest.inputIds.slice(1) }), "prompt-tokens");
    const { receipt } = honest;
    const fewer = { inputTokens: receipt.inputTokens - 1, amountWei: receipt.amountWei - 2n };
    await expectWrong({ ...honest, receipt: { ...receipt, ...fewer } }, "input-count");
  });

  const prompts: [what: string, prompt: GenerateRequest["prompt"]][] = [
    ["an altered system prompt", conversation("You tell long stories.", "Tell me a long story.")],
    ["a truncated context", { messages: [{ role: "user", content: "Tell me a long story." }] }],
    ["a cached answer to another prompt", conversation("You tell stories.", "Tell me a short story.")],
  ];
  it.each(prompts)("is caught with %s, whichever prompt it commits to", async (_, prompt) => {
    const forged = await serve({ engine, request: agreed, computed: { prompt } });
    await expectWrong(forged, "prompt-tokens");
    await expectWrong(reclaim(forged, { inputIds: [...honest.inputIds] }), "other-token");
    const withoutPrompt = reclaim(forged, { inputIds: [...honest.inputIds] });
    await expectWrong({ ...withoutPrompt, prompt: undefined }, "other-token");
  });

  it("is caught with the answer that another miner gave to the same prompt", async () => {
    const other = await serve({ engine, request: { ...agreed, seed: hash("the other job") } });
    await expectWrong(reclaim(honest, { outputIds: [...other.outputIds] }), "other-token");
  });

  it("is caught being honest on the first half alone", async () => {
    const other = await serve({ engine, request: { ...agreed, seed: hash("cheap") } });
    const half = Math.floor(honest.outputIds.length / 2);
    const mixed = [...honest.outputIds.slice(0, half), ...other.outputIds.slice(half)];
    const { verdict, evidence } = await check(reclaim(honest, { outputIds: mixed }));
    expect(verdict).toBe("wrong");
    expect(evidence.mismatches[0]).toBeGreaterThanOrEqual(half);
  });

  it("is caught being honest at every position but one", async () => {
    const at = honest.outputIds.length - 3;
    const outputIds = honest.outputIds.map((id, index) => (index === at ? id + 1 : id));
    await expectWrong(reclaim(honest, { outputIds }), "other-token");
  });

  it("is caught padding its answer, with ends or with words", async () => {
    const { outputIds } = await serve({ engine, request: story({ ...agreed, maxTokens: 300 }) });
    const whole = await serve({ engine, request: { ...agreed, maxTokens: 300 } });
    expect(whole.outputIds).toEqual(outputIds);
    expect((await check(whole)).verdict).toBe("right");
    await expectWrong(reclaim(whole, { outputIds: [...outputIds, 40] }), "other-token");
    await expectWrong(reclaim(whole, { outputIds: [...outputIds, end, end] }), "padding");
  });

  it("is caught padding behind a stop text", async () => {
    const request = { ...agreed, stop: ["."] };
    const stopped = await serve({ engine, request });
    expect((await check(stopped)).verdict).toBe("right");
    const beyond = reclaim(stopped, { outputIds: honest.outputIds.slice(0, stopped.outputIds.length + 2) });
    await expectWrong(beyond, "padding");
    expect((await judge(beyond))?.verdict).toBe("wrong");
    // To leave the stop texts out is to disclose nothing, which costs stake too.
    expect((await check({ ...beyond, stop: [] })).reasons.map(({ code }) => code)).toEqual(["other-sampler"]);
    await expect(judge({ ...beyond, stop: [] })).rejects.toThrow("the sampler, the stop texts or the context is not");
  });

  it("passes when its context is full, and is caught saying so too early", async () => {
    // Control tokens stand first in this vocabulary, and several of them end an answer.
    const endless = { ...warm, logitBias: [0, 1, 2, 3].map((id): [number, number] => [id, -100]) };
    const long = conversation("You tell stories. ".repeat(55), "Tell me a long story.");
    const request = { ...agreed, prompt: long, sampler: endless, maxTokens: 2_000 };
    const full = await serve({ engine, request });
    expect(full.receipt.finishReason).toBe(finishReason.length);
    expect(full.inputIds.length + full.outputIds.length).toBe(engine.info.contextTokens);
    expect((await check(full)).reasons).toEqual([]);
    await expectWrong(reclaim(full, { outputIds: full.outputIds.slice(0, -1) }), "early-end");
    const hidden = { ...full, contextTokens: engine.info.contextTokens - 1 };
    expect((await check(hidden)).reasons.map(({ code }) => code)).toEqual(["other-sampler"]);
  });

  it("is caught ending early and saying that the model did", async () => {
    const cut = reclaim(honest, { outputIds: honest.outputIds.slice(0, -4) });
    await expectWrong({ ...cut, receipt: { ...cut.receipt, finishReason: 0 } }, "early-end");
    expect((await check({ ...cut, receipt: { ...cut.receipt, finishReason: 2 } })).verdict).toBe("right");
  });

  const bills: [what: string, code: string, change: Partial<Transcript["receipt"]>][] = [
    ["output tokens", "output-count", { outputTokens: 97 }],
    ["prompt tokens", "input-count", { inputTokens: 513 }],
    ["wei", "amount", { amountWei: 1n }],
  ];
  it.each(bills)("is caught billing other %s than it committed to", async (_, code, change) => {
    await expectWrong({ ...honest, receipt: { ...honest.receipt, ...change } }, code);
  });

  it("is caught billing a prompt with more tokens than it has", async () => {
    await expectWrong(reclaim(honest, { inputIds: [...honest.inputIds, 40] }), "prompt-tokens");
  });

  it("is caught with invented fingerprints under a correct text", async () => {
    const told = await serve({ engine, request: { ...agreed, fingerprints: true } });
    expect(told.outputIds).toEqual(honest.outputIds);
    expect(told.fingerprints).toHaveLength(told.outputIds.length);
    expect((await judge(told))?.verdict).toBe("right");
    const committed = (fingerprints: readonly Fingerprint[]): Transcript => ({
      ...told,
      fingerprints,
      receipt: { ...told.receipt, fingerprintCommitment: commitFingerprints(jobSalt, fingerprints) },
    });
    const invented = told.fingerprints!.map((fingerprint, at): Fingerprint =>
      at === 5 ? fingerprint.map(([id, logprob], rank) => [id, rank === 3 ? logprob + 1e-4 : logprob]) : fingerprint,
    );
    await expectWrong(committed(invented), "other-fingerprint");
    expect((await judge(committed(invented)))?.verdict).toBe("wrong");
    await expectWrong(committed(told.fingerprints!.slice(1)), "fingerprint-count");
    const { fingerprints: _, ...hidden } = told;
    expect((await check(hidden)).reasons.map(({ code }) => code)).toEqual(["other-fingerprints"]);
    await expect(judge(hidden)).rejects.toThrow("the fingerprints is not what was committed to");
    // Nobody can make a miner answer for what it never committed to.
    const imputed = { ...honest, fingerprints: invented };
    expect((await check(imputed)).verdict).toBe("undecided");
    await expect(judge(imputed)).rejects.toThrow("the fingerprints is not what was committed to");
  });
});
