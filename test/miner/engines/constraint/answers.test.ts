import { Compile } from "typebox/schema";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createChooser,
  createSampler,
  defaultSampler,
  type Engine,
  type GenerateRequest,
  type SamplerParams,
} from "../../../../miner/src/engines/index.ts";
import { createConstraint } from "../../../../miner/src/engines/constraint/index.ts";
import { openBackend, type Backend } from "../../../../miner/src/engines/llama/child/backend.ts";
import { evaluate } from "../../../../miner/src/engines/llama/child/logits.ts";
import { ask, models, open, run } from "../engine-helper.ts";
import { vocabularyOf } from "./constraint-helper.ts";

const never = new AbortController().signal;
const person = {
  type: "object",
  properties: {
    name: { type: "string", minLength: 1, maxLength: 20 },
    age: { type: "integer", minimum: 0, maximum: 150 },
    job: { enum: ["cook", "pilot", "farmer", null] },
    seen: { type: "string", format: "date" },
    tags: { type: "array", items: { type: "string", maxLength: 8 }, maxItems: 3 },
  },
  required: ["name", "age", "job", "seen", "tags"],
  additionalProperties: false,
};
const question = "Give JSON: Anna is a 30 year old cook from Rome.";
const json = (sampler: Partial<SamplerParams>, schema: unknown = person): GenerateRequest =>
  ask(question, {
    sampler: { ...defaultSampler, ...sampler, constraint: { type: "json_schema", schema: JSON.stringify(schema) } },
    maxTokens: 300,
  });

describe.each(["demo", "pieces"] as const)("constrained answers of the %s model", (model) => {
  let engine: Engine;
  let backend: Backend;
  const vocabulary = vocabularyOf(model);

  beforeAll(async () => {
    engine = await open(model, { contextTokens: 512 });
    backend = await openBackend({ modelPath: models[model], contextTokens: 512, sequences: 1 });
  });
  afterAll(async () => {
    await engine.close();
    await backend.context.dispose();
    await backend.model.dispose();
  });

  it.each<[string, Partial<SamplerParams>]>([
    ["cold", { temperature: 0 }],
    ["warm", { temperature: 0.9 }],
    ["hot, all candidates", { temperature: 2, topK: 256 }],
    ["narrow", { topK: 2, topP: 0.5, minP: 0.2 }],
    ["with penalties and a bias against quotes", { temperature: 1.5, frequencyPenalty: 1, logitBias: [[3, -100]] }],
  ])("fit the schema and replay: %s", async (_, sampler) => {
    const validator = Compile(person);
    for (const seed of [1, 2, 3]) {
      const request = { ...json(sampler), seed: `0x${String(seed).padStart(64, "0")}` as const };
      const answer = await run(engine, request);
      expect(answer.reason).toBe("stop");
      expect(validator.Errors(JSON.parse(answer.text))[1]).toEqual([]);
      expect(await mismatches(request, answer.prompt, answer.ids)).toEqual([]);
      const cut = Math.floor(answer.ids.length / 2);
      const rest = await run(engine, { ...request, prefixTokens: answer.ids.slice(0, cut) });
      expect(rest).toMatchObject({ ids: answer.ids.slice(cut), reason: "stop" });
    }
  });

  it("show a token that the mask forbids", async () => {
    const request = json({ temperature: 0 });
    const { prompt, ids } = await run(engine, request);
    const forged = ids.map((id, position) => (position === 4 ? ids[0]! : id));
    expect(await mismatches(request, prompt, forged)).toEqual(expect.arrayContaining([4, 5, 6]));
  });

  it("are an object in JSON mode", async () => {
    const constraint = { type: "json_object" } as const;
    for (const temperature of [0, 1]) {
      const { text, reason } = await run(
        engine,
        ask(question, { sampler: { ...defaultSampler, temperature, constraint } }),
      );
      if (reason === "stop") expect(JSON.parse(text)).toBeTypeOf("object");
      expect(text.startsWith("{")).toBe(true);
    }
  });

  it("end with length where there is no room, as any answer does", async () => {
    const { reason, ids } = await run(engine, { ...json({}), maxTokens: 5 });
    expect([reason, ids.length]).toEqual(["length", 5]);
  });

  it.each<[string, GenerateRequest, code: string]>([
    ["a schema that is not supported", json({}, { not: {} }), "schema-unsupported"],
    ["a schema that is none", json({}, 3), "schema-invalid"],
    ["a prefix that does not fit", { ...json({}), prefixTokens: [5, 6, 7] }, "bad-request"],
    [
      "a constraint of a kind to come",
      ask("x", { sampler: { ...defaultSampler, constraint: { type: "xml" } as never } }),
      "bad-request",
    ],
  ])("are refused with one sentence: %s", async (_, request, code) => {
    const message = expect.stringMatching(/^[A-Z][^\n]*\.$/);
    await expect(run(engine, request)).rejects.toMatchObject({ name: "EngineError", code, message });
  });

  async function mismatches(request: GenerateRequest, prompt: number[], ids: readonly number[]): Promise<number[]> {
    const isEnd = vocabulary.ends.map((id) => backend.model.isEogToken(id as never));
    expect(isEnd).toEqual([true]);
    const constraint = createConstraint(request, () => vocabulary);
    const chooser = createChooser(createSampler(request.sampler, request.seed), constraint);
    const sequence = backend.context.getSequence();
    const found: number[] = [];
    let pending = prompt;
    for (const [position, id] of [...ids, vocabulary.ends[0]!].entries()) {
      const { logits } = await evaluate(sequence, pending, "all", never);
      if (chooser.pick(logits) !== id) found.push(position);
      chooser.take(id);
      pending = [id];
    }
    await sequence.dispose();
    return found;
  }
});
