import { compileSchema, fits } from "@lode/protocol/json-schema";
import { Compile } from "typebox/schema";
import { describe, expect, it } from "vitest";

const person = {
  type: "object",
  properties: {
    name: { type: "string", minLength: 1, maxLength: 3 },
    age: { type: "integer", minimum: 0, maximum: 150 },
    weight: { type: "number", minimum: 0.5, maximum: 300 },
    code: { type: "string", pattern: "^[A-Z]{2}[0-9]+$" },
    colour: { enum: ["red", "green", null] },
    tags: { type: "array", items: { type: ["string", "boolean"] }, minItems: 1, maxItems: 2 },
    parent: { $ref: "#" },
  },
  required: ["name"],
  additionalProperties: false,
};

describe("whether a value fits a schema", () => {
  it.each<[unknown, boolean]>([
    [{ name: "Ann" }, true],
    [{ age: 3, name: "🌍🌍🌍" }, true],
    [{ name: "" }, false],
    [{ name: "Anna" }, false],
    [{ name: 3 }, false],
    [{}, false],
    [[], false],
    [null, false],
    ["Ann", false],
    [{ name: "Ann", other: 1 }, false],
    [{ name: "Ann", age: 150 }, true],
    [{ name: "Ann", age: 151 }, false],
    [{ name: "Ann", age: 1.5 }, false],
    [{ name: "Ann", weight: 0.5 }, true],
    [{ name: "Ann", weight: 0.25 }, false],
    [{ name: "Ann", code: "AB12" }, true],
    [{ name: "Ann", code: "AB" }, false],
    [{ name: "Ann", colour: null }, true],
    [{ name: "Ann", colour: "blue" }, false],
    [{ name: "Ann", tags: ["x", true] }, true],
    [{ name: "Ann", tags: [] }, false],
    [{ name: "Ann", tags: ["x", 1] }, false],
    [{ name: "Ann", parent: { name: "Bob", parent: { name: "Eve" } } }, true],
    [{ name: "Ann", parent: { name: "Bob", parent: {} } }, false],
  ])("%j: %s, as an independent validator says", (value, expected) => {
    expect(fits(compileSchema(JSON.stringify(person)), value)).toBe(expected);
    expect(Compile(person as never).Check(value)).toBe(expected);
  });

  it("takes no longer for options within options", () => {
    const ref = { $ref: "#" };
    const either = { type: "object", properties: { a: ref }, additionalProperties: false };
    const schema = { anyOf: [either, { ...either, properties: { a: ref, b: ref } }, { type: "null" }] };
    let value: unknown = 1;
    for (let depth = 0; depth < 60; depth++) value = { a: value };
    expect(fits(compileSchema(JSON.stringify(schema)), value)).toBe(false);
  });
});
