import { describe, expect, it } from "vitest";
import { compileSchema, SchemaError, type SchemaErrorCode } from "@lode/protocol/json-schema";
import { createJsonConstraint } from "../../../../miner/src/engines/constraint/index.ts";
import { randomFrom, scribble, vocabularyOf } from "./constraint-helper.ts";

/** What a refusal may take of the processor, whatever else is done there meanwhile: the schema comes from a stranger. */
const patienceMs = 1000;

/** Processor time of this process so far, milliseconds. */
function spentMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function refusal(text: string): { code: SchemaErrorCode; path: string; message: string } {
  const began = spentMs();
  try {
    compileSchema(text);
  } catch (error) {
    expect(spentMs() - began).toBeLessThan(patienceMs);
    if (error instanceof SchemaError) return { code: error.code, path: error.path, message: error.message };
    throw error;
  }
  throw new Error(`${text.slice(0, 100)} is not refused`);
}

const nest = (times: number, wrap: (inner: unknown) => unknown): unknown => {
  let schema: unknown = { type: "null" };
  for (let at = 0; at < times; at += 1) schema = wrap(schema);
  return schema;
};
const list = <T>(length: number, make: (at: number) => T): T[] => Array.from({ length }, (_, at) => make(at));
const text = (pattern: string) => ({ type: "string", pattern });
const named = (names: string[]) => ({
  type: "object",
  properties: Object.fromEntries(names.map((name) => [name, {}])),
});

describe("a schema is refused by name", () => {
  it.each<[string, unknown, SchemaErrorCode, path: string]>([
    [
      "a keyword that is not supported",
      { type: "object", patternProperties: {} },
      "schema-unsupported",
      "/patternProperties",
    ],
    ["one that nobody knows", { type: "string", maxSize: 3 }, "schema-unsupported", "/maxSize"],
    ["one deep inside", { type: "array", items: { not: {} } }, "schema-unsupported", "/items/not"],
    ["items by place", { type: "array", prefixItems: [] }, "schema-unsupported", "/prefixItems"],
    ["unique items", { type: "array", uniqueItems: true }, "schema-unsupported", "/uniqueItems"],
    ["multiples", { type: "number", multipleOf: 2 }, "schema-unsupported", "/multipleOf"],
    ["a bound that is no number", { type: "number", minimum: "0" }, "schema-invalid", "/minimum"],
    ["a bound beyond all numbers", { type: "number", minimum: 1e300 }, "schema-unsatisfiable", ""],
    ["bounds too close", { type: "number", minimum: 0.0000001, maximum: 0.0000002 }, "schema-unsatisfiable", ""],
    ["an intersection", { allOf: [{}, {}] }, "schema-unsupported", "/allOf"],
    ["a union beside a type", { type: "object", anyOf: [{}] }, "schema-unsupported", "/type"],
    [
      "a reference beside an assertion",
      { $ref: "#/$defs/a", minLength: 1, $defs: { a: {} } },
      "schema-unsupported",
      "/minLength",
    ],
    ["an enum beside an assertion", { enum: ["a"], maxLength: 1 }, "schema-unsupported", "/maxLength"],
    [
      "options that may overlap",
      { oneOf: [{ type: "integer" }, { type: "number" }] },
      "schema-unsupported",
      "/oneOf/1",
    ],
    ["objects that may overlap", { oneOf: [named(["a"]), named(["b"])] }, "schema-unsupported", "/oneOf/1"],
    ["assertions without a type", { properties: {} }, "schema-unsupported", ""],
    ["a foreign reference", { $ref: "https://example.org/schema" }, "schema-unsupported", "/$ref"],
    ["a reference by anchor", { $ref: "#node" }, "schema-unsupported", "/$ref"],
    ["an inner base", { type: "array", items: { $id: "x" } }, "schema-unsupported", "/items/$id"],
    ["an unknown format", { type: "string", format: "uri" }, "schema-unsupported", "/format"],
    [
      "names that must look some way",
      { type: "object", propertyNames: { pattern: "^a" } },
      "schema-unsupported",
      "/propertyNames",
    ],
    ["a pattern beside a length", { ...text("^a*$"), maxLength: 3 }, "schema-unsupported", ""],
    ["a pattern that looks ahead", text("^(?=a)b"), "schema-unsupported", ""],
    ["a pattern that remembers", text("^(a)\\1$"), "schema-unsupported", ""],
    ["a pattern with a name", text("(?<n>a)"), "schema-unsupported", ""],
    ["a pattern with a border", text("\\bword\\b"), "schema-unsupported", ""],
    ["a pattern with an anchor inside", text("a^b"), "schema-unsupported", ""],
    ["a pattern that does not end", text("(a[b"), "schema-unsupported", ""],
    ["a pattern that explodes", text("^(?:(?:(?:a{99}){99}){99}){99}$"), "schema-unsupported", ""],
    ["a pattern that repeats without end", text(`^${"(?:".repeat(60)}a${")*".repeat(60)}$`), "schema-unsupported", ""],
    ["a long pattern", text("a".repeat(513)), "schema-unsupported", ""],
    ["a pattern that nothing matches", text("^[^\\s\\S]$"), "schema-unsupported", ""],
    ["a pattern that cannot be written", text("^\\x00$"), "schema-unsupported", ""],
    ["a type that does not exist", { type: "text" }, "schema-invalid", "/type"],
    ["no types", { type: [] }, "schema-invalid", "/type"],
    ["no values", { enum: [] }, "schema-invalid", "/enum"],
    ["a length below nothing", { type: "string", minLength: -1 }, "schema-invalid", "/minLength"],
    ["a length that is no number", { type: "array", minItems: "3" }, "schema-invalid", "/minItems"],
    ["a list instead of a schema", { type: "array", items: [{}] }, "schema-invalid", "/items"],
    ["a number", 3, "schema-invalid", ""],
    ["null", null, "schema-invalid", ""],
    ["a reference to nothing", { $ref: "#/$defs/a" }, "schema-invalid", "/$ref"],
    ["a reference into a prototype", { $ref: "#/constructor" }, "schema-invalid", "/$ref"],
    ["a reference to no schema", { $ref: "#/title", title: "x" }, "schema-invalid", "/title"],
    ["a reference that is badly escaped", { $ref: "#/%E0%A4%A" }, "schema-invalid", "/$ref"],
    ["nothing", false, "schema-unsatisfiable", ""],
    [
      "a circle of references",
      { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } } },
      "schema-unsatisfiable",
      "",
    ],
    ["a reference to itself", { $ref: "#" }, "schema-unsatisfiable", ""],
    ["a union of itself", { anyOf: [{ $ref: "#" }, { $ref: "#" }] }, "schema-unsatisfiable", ""],
    [
      "a value inside itself without end",
      { type: "object", properties: { a: { $ref: "#" } }, required: ["a"] },
      "schema-unsatisfiable",
      "",
    ],
    ["an array of itself", { type: "array", items: { $ref: "#" }, minItems: 1 }, "schema-unsatisfiable", ""],
    [
      "a nesting that no answer may have",
      nest(33, (items) => ({ type: "array", items, minItems: 1 })),
      "schema-unsatisfiable",
      "",
    ],
    ["bounds that cross", { type: "integer", minimum: 3, maximum: 2 }, "schema-unsatisfiable", ""],
    [
      "bounds between whole numbers",
      { type: "integer", exclusiveMinimum: 1, exclusiveMaximum: 2 },
      "schema-unsatisfiable",
      "",
    ],
    ["lengths that cross", { type: "string", minLength: 3, maxLength: 2 }, "schema-unsatisfiable", ""],
    ["values of another type", { type: "string", enum: [1] }, "schema-unsatisfiable", "/enum"],
    [
      "a required property that may not be",
      { type: "object", required: ["a"], additionalProperties: false },
      "schema-unsatisfiable",
      "/required",
    ],
    ["a length above the limit", { type: "string", maxLength: 1e9 }, "schema-too-large", "/maxLength"],
    ["too many properties", named(list(129, (at) => `p${at}`)), "schema-too-large", ""],
    ["too many options", { anyOf: list(65, (at) => ({ const: at })) }, "schema-too-large", "/anyOf"],
    ["too many values", { enum: list(1001, (at) => at) }, "schema-too-large", "/enum"],
    ["too many bytes of values", { enum: list(70, (at) => `${at}${"x".repeat(1000)}`) }, "schema-too-large", "/enum"],
    [
      "too many beginnings",
      { anyOf: list(3, (at) => ({ anyOf: list(60, (option) => ({ const: 100 * at + option })) })) },
      "schema-too-large",
      "",
    ],
  ])("%s", (_, schema, code, path) => {
    expect(refusal(JSON.stringify(schema))).toMatchObject({
      code,
      path,
      message: expect.stringMatching(/^The schema is refused at [^\n]+\.$/),
    });
  });

  it.each<[string, string, SchemaErrorCode]>([
    ["no JSON", "{", "schema-invalid"],
    ["brackets without end", "[".repeat(60_000), "schema-invalid"],
    ["too deep a text", `${'{"type":"array","items":'.repeat(2500)}{}${"}".repeat(2500)}`, "schema-too-large"],
    [
      "too many parts",
      JSON.stringify({ type: "array", items: { anyOf: list(60, () => ({ anyOf: list(60, () => ({})) })) } }),
      "schema-too-large",
    ],
    [
      "references that lead on for long",
      JSON.stringify({
        $ref: "#/$defs/d0",
        $defs: Object.fromEntries(
          list(500, (at) => [`d${at}`, { anyOf: [{ $ref: `#/$defs/d${at + 1}` }, { $ref: `#/$defs/d${at + 1}` }] }]),
        ),
      }),
      "schema-too-large",
    ],
  ])("%s", (_, schema, code) => {
    expect(refusal(schema).code).toBe(code);
  });
});

describe("a schema that is taken", () => {
  const vocabulary = vocabularyOf("demo");
  const twins = {
    anyOf: list(2, (at) => ({
      type: "object",
      properties: { a: { $ref: "#" }, [`b${at}`]: {} },
      additionalProperties: false,
    })),
  };

  it.each<[string, unknown]>([
    ["with a pattern of exponentially many states", text("(?:a|b)*a(?:a|b){40}")],
    ["with nested repetitions", text("^(?:(?:a*)*)*$")],
    ["with options that look alike for long", twins],
    ["with long names", named(list(100, (at) => "x".repeat(300) + String(at)))],
    [
      "with a name that is no name",
      JSON.parse('{"type":"object","properties":{"__proto__":{"type":"null"}},"required":["__proto__"]}'),
    ],
    [
      "with the largest counts",
      { type: "array", items: { type: "string", minLength: 1_000_000 }, minItems: 1_000_000 },
    ],
    ["with definitions that nothing refers to", { type: "null", $defs: { a: { not: {} } } }],
  ])("answers or refuses within bounds: %s", (_, schema) => {
    const began = spentMs();
    const random = randomFrom(1);
    try {
      scribble(compileSchema(JSON.stringify(schema)), vocabulary, random, 60);
    } catch (error) {
      expect(error).toMatchObject({ code: "schema-too-large" });
    }
    expect(spentMs() - began).toBeLessThan(5 * patienceMs);
  });

  it("stops an answer that can be read in too many ways", () => {
    const constraint = createJsonConstraint(compileSchema(JSON.stringify(twins)), vocabulary);
    const opening = Buffer.from('{"a":'.repeat(9));
    const idOf = (byte: number): number =>
      list(vocabulary.size, (id) => id).find((id) => Buffer.from(vocabulary.bytesOf(id)).equals(Buffer.of(byte)))!;
    expect(() => opening.forEach((byte) => constraint.take(idOf(byte)))).toThrow("in too many ways at once");
  });
});
