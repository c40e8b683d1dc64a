import { describe, expect, it } from "vitest";
import type { OfferedModel } from "@lode/protocol";
import { resolveModels } from "../../../coordinator/src/domain/matching/models.ts";
import { word } from "../fixture.ts";

const model = (id: string): OfferedModel => ({
  id,
  digest: word("weights"),
  engineClass: word("engine"),
  contextTokens: 4096,
  sizeBytes: 1,
});

describe("what a model's name means", () => {
  const taken = { ...model("demo"), digest: word("other") };

  it("is the weights that most miners offer under it", () => {
    const models = resolveModels([[model("demo")], [taken], [taken]]);
    expect(models.get("demo")?.digest).toBe(word("other"));
  });

  it("stays with those who were there first when as many offer others", () => {
    expect(resolveModels([[model("demo")], [taken]]).get("demo")?.digest).toBe(word("weights"));
  });

  it("can be asked for with what only some of its miners offer, and no other weights' miners", () => {
    const told = { ...model("demo"), logprobs: 5 };
    const tokens = { ...model("demo"), vocabulary: 1000, logprobs: 2 };
    const other = { ...taken, logprobs: 20 };
    const models = resolveModels([[model("demo")], [told], [tokens], [other]]);
    expect(models.get("demo")).toEqual({ ...model("demo"), logprobs: 5, vocabulary: 1000 });
  });

  it("is not decided by listing it twice", () => {
    expect(resolveModels([[model("demo")], [taken, taken, taken]]).get("demo")?.digest).toBe(word("weights"));
  });
});
