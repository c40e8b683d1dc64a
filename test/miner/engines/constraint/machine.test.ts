import { describe, expect, it } from "vitest";
import { judge, machineOf } from "./constraint-helper.ts";

const text = (properties: Record<string, unknown>) => ({ type: "string", ...properties });
const person = {
  type: "object",
  properties: { name: { type: "string" }, age: { type: "integer" }, job: { type: ["string", "null"] } },
  required: ["name", "job"],
  additionalProperties: false,
};
const tree = {
  $defs: { tree: { type: "object", properties: { kids: { type: "array", items: { $ref: "#/$defs/tree" } } } } },
  $ref: "#/$defs/tree",
};
const shapes = {
  oneOf: [
    {
      type: "object",
      properties: { kind: { const: "circle" }, r: { type: "number" } },
      required: ["kind", "r"],
      additionalProperties: false,
    },
    {
      type: "object",
      properties: { kind: { const: "square" }, side: { type: "number" } },
      required: ["kind", "side"],
      additionalProperties: false,
    },
  ],
};

describe("the machine of a schema", () => {
  it.each<[string, unknown, whole: string[], begun: string[], refused: string[]]>([
    ["null", { type: "null" }, ["null"], ["nu", ""], ["nil", "null ", " null"]],
    ["boolean", { type: "boolean" }, ["true", "false"], ["t"], ["TRUE", "0"]],
    [
      "number",
      { type: "number" },
      ["0", "-0", "12", "1.5", "-1.5e-10", "1E+9", "123456789012345"],
      ["-", "1.", "1e", "1e+"],
      ["01", ".5", "+1", "1.e1", "1234567890123456", "1e123", "Infinity", "NaN"],
    ],
    [
      "integer",
      { type: "integer" },
      ["0", "7", "-7", "120", "123456789012345"],
      ["-"],
      ["-0", "1.0", "1e3", "00", "1234567890123456", "-1234567890123456"],
    ],
    [
      "integer within bounds",
      { type: "integer", minimum: 8, exclusiveMaximum: 120 },
      ["8", "9", "10", "80", "119", "99"],
      ["1"],
      ["0", "-", "6x", "120", "81x", "200", "1190"],
    ],
    [
      "integer below zero",
      { type: "integer", minimum: -12, maximum: -3 },
      ["-3", "-9", "-12", "-10"],
      ["-1"],
      ["3", "-2", "-13", "-0"],
    ],
    [
      "integer around zero",
      { type: "integer", minimum: -5, maximum: 5 },
      ["0", "5", "-5"],
      ["-"],
      ["6", "-6", "10", "-0"],
    ],
    [
      "number within bounds",
      { type: "number", minimum: 0, maximum: 1 },
      ["0", "1", "0.5", "1.0", "0.000001", "1.000000"],
      ["0.", "1."],
      ["-", "2", "1.1", "1.000001", "0.1234567", "1e", "00", "10"],
    ],
    [
      "number between others",
      { type: "number", exclusiveMinimum: -1.5, exclusiveMaximum: 12.25 },
      ["-1.499999", "0", "12.249999", "12", "-0.0", "9.5"],
      ["-", "12."],
      ["-1.5", "12.25", "13", "-2", "120", "12.3"],
    ],
    [
      "number below zero",
      { type: "number", maximum: -0.25 },
      ["-0.25", "-999999999", "-1.0"],
      ["-0", "-0.2"],
      ["0", "-0.249", "-0.20", "-1000000000"],
    ],
    [
      "string",
      { type: "string" },
      ['""', '"a b"', '"\\n\\"\\\\\\/"', '"\\u00e4"', '"ä漢🦊"', '"\\ud7ff"', '"\u007f"'],
      ['"', '"\\', '"\\u00'],
      ["'a'", '"\n"', '"\u0000"', '"\u001f"', '"\\x"', '"\\ud800"', '"\\uDFFF"', '"\\u00g0"', '"a"b'],
    ],
    [
      "string of 2 to 3",
      text({ minLength: 2, maxLength: 3 }),
      ['"ab"', '"🦊🦊🦊"', '"\\n\\u0041"'],
      ['"a'],
      ['"a"', '"abcd"', '"abc\\'],
    ],
    [
      "enum",
      { enum: ["a", "ab", 1, 12, null, { x: [1] }] },
      ['"a"', '"ab"', "1", "12", "null", '{"x":[1]}'],
      ['"', '{"x"'],
      ['"b"', "2", '{"x": [1]}'],
    ],
    ["enum of a type", { type: "integer", enum: [1, "1", 2.5, 3] }, ["1", "3"], [], ['"1"', "2.5"]],
    ["const", { const: "x\ny" }, ['"x\\ny"'], ['"x'], ['"y"']],
    [
      "array",
      { type: "array", items: { type: "integer" } },
      ["[]", "[1]", "[1, 2,3]", "[ 1\n]"],
      ["[", "[1,"],
      ["[1,]", "[,1]", '["a"]', "[1 2]"],
    ],
    [
      "array of 2",
      { type: "array", items: { type: "integer" }, minItems: 2, maxItems: 2 },
      ["[1,2]"],
      ["[1"],
      ["[]", "[1]", "[1,2,3]"],
    ],
    ["array of none", { type: "array", maxItems: 0 }, ["[]", "[ ]"], ["["], ["[1]"]],
    [
      "object",
      person,
      ['{"name":"A","age":3,"job":null}', '{"name": "A", "job": "b"}', '{\n  "name": "A",\n  "job": null\n}'],
      ['{"name"', '{"name":"A"', '{"name":"A","age":3,'],
      [
        "{}",
        '{"name":"A"}',
        '{"age":3',
        '{"name":"A","job":null,"age"',
        '{"name":"A","job":null,',
        '{"x"',
        '{"name":"A","job":null}\n',
        '{"name" :',
      ],
    ],
    [
      "object with others",
      {
        type: "object",
        properties: { a: { type: "integer" }, ab: {} },
        required: ["a"],
        additionalProperties: { type: "null" },
      },
      ['{"a":1}', '{"a":1,"ab":[],"b":null}', '{"a":1,"abc":null,"":null,"ä":null}'],
      ['{"a":1,"'],
      ['{"b":null}', '{"a":1,"b":1}', '{"a":1,"a"', '{"a":1,"b":null,"ab"', '{"a":1,"\\u0061"'],
    ],
    ["required but not declared", { type: "object", required: ["x"] }, ['{"x":[{}]}'], ["{"], ["{}", '{"y"']],
    ["any", {}, ["1", "null", '"a"', '[1,{"a":[true]}]', "{}"], ["[", '{"a":'], ["undefined", "[1,,2]", "{a:1}"]],
    [
      "anyOf",
      { anyOf: [{ type: "integer" }, { type: "string" }, { type: "array", items: { type: "boolean" } }] },
      ["1", '"a"', "[true]"],
      [],
      ["null", "[1]"],
    ],
    [
      "anyOf that overlaps",
      { anyOf: [{ const: "ab" }, { const: "abc" }, text({ pattern: "^a+$" })] },
      ['"ab"', '"abc"', '"aaa"'],
      [],
      ['"b"', '"aab"'],
    ],
    [
      "oneOf told apart by a property",
      shapes,
      ['{"kind":"circle","r":1}', '{"kind":"square","side":2}'],
      ['{"kind":"'],
      ['{"kind":"circle","side"', '{"kind":"cube"'],
    ],
    ["recursion", tree, ["{}", '{"kids":[{},{"kids":[]}]}'], ['{"kids":['], ['{"kids":[1]}', '{"kid"']],
    ["allOf of one", { allOf: [{ $ref: "#/$defs/n" }], $defs: { n: { type: "null" } } }, ["null"], [], ["1"]],
    [
      "a pattern",
      text({ pattern: "^[A-Z]{2}-\\d+$" }),
      ['"AB-1"', '"ZZ-123"'],
      ['"AB-'],
      ['"A-1"', '"AB-"', '"ab-1"', '"AB-1x"'],
    ],
    [
      "a pattern anywhere",
      text({ pattern: "b|^x$" }),
      ['"abc"', '"x"', '"xb"', '"ä🦊b\\n"'],
      ['"a', '"xx'],
      ['"a"', '"xx"'],
    ],
    [
      "a pattern beyond ASCII",
      text({ pattern: "^[ä-ü漢]🦊?.$" }),
      ['"äa"', '"漢🦊ü"', '"ü🦊"'],
      ['"ö'],
      ['"a"', '"ä\\n"', '"ß🦊🦊a"'],
    ],
    [
      "a pattern with escapes",
      text({ pattern: '^\\s"\\\\[^a]$' }),
      ['"\\t\\"\\\\b"', '" \\"\\\\\\n"'],
      ['"\\t'],
      ['"\\t\\"\\\\a"', '"x"', '"\\u0020'],
    ],
    [
      "nested groups",
      text({ pattern: "^(?:a(b|c)*){2,3}$" }),
      ['"aa"', '"abcab"', '"aaa"'],
      ['"a'],
      ['"a"', '"aaaa"', '"ba"'],
    ],
    [
      "a date",
      text({ format: "date" }),
      ['"2026-02-28"', '"2024-12-31"'],
      ['"2026-'],
      ['"2026-02-30"', '"2026-13-01"', '"2026-04-31"'],
    ],
    [
      "a moment",
      text({ format: "date-time" }),
      ['"2026-02-28T23:59:59Z"', '"2026-02-28T00:00:00.5+02:00"'],
      [],
      ['"2026-02-28T24:00:00Z"', '"2026-02-28"'],
    ],
    [
      "an address to write to",
      text({ format: "email" }),
      ['"ada.lovelace@example.org"', '"a+b@mail.example.co.uk"'],
      ['"ada@', '"ada@example.'],
      ['"ada"', '"@example.org"', '"a..b@example.org"', '"ada@example"', '"ada@-example.org"'],
    ],
    [
      "a host",
      text({ format: "hostname" }),
      ['"localhost"', '"a-b.example.org"'],
      ['"a-'],
      ['"-a"', '"a..b"', '"a_b"', '"a-."'],
    ],
    [
      "a long address",
      text({ format: "ipv6" }),
      ['"2001:db8:0:0:0:0:0:1"'],
      ['"2001:db8'],
      ['"2001:db8::1"', '"20011:0:0:0:0:0:0:1"', '"1:2:3:4:5:6:7:8:9"'],
    ],
    [
      "a duration",
      text({ format: "duration" }),
      ['"P1Y2M3D"', '"PT5M"', '"P1DT2H30M1S"', '"P2W"'],
      ['"P', '"PT'],
      ['"1D"', '"P1"', '"PT1D"', '"P1DT"', '"P1M2Y"'],
    ],
    [
      "a dictionary whose names are texts",
      { type: "object", propertyNames: { type: "string" }, additionalProperties: { type: "integer" } },
      ["{}", '{"a":1,"b":2}'],
      ['{"a":'],
      ['{"a":"b"}'],
    ],
  ])("reads %s", (_, schema, whole, begun, refused) => {
    const machine = machineOf(schema);
    expect(whole.map((answer) => [answer, judge(machine, answer)])).toEqual(whole.map((answer) => [answer, "whole"]));
    expect(begun.map((answer) => [answer, judge(machine, answer)])).toEqual(begun.map((answer) => [answer, "begun"]));
    expect(refused.map((answer) => [answer, judge(machine, answer)])).toEqual(
      refused.map((answer) => [answer, "refused"]),
    );
  });

  it("reads no bytes that are no text", () => {
    const machine = machineOf({ type: "string" });
    const bytes = [
      [0xff],
      [0xc0, 0x80],
      [0xe0, 0x80],
      [0xed, 0xa0],
      [0xf0, 0x80],
      [0xf4, 0x90],
      [0xf5],
      [0x80],
      [0xc3, 0x22],
    ];
    for (const wrong of bytes) expect(judge(machine, Uint8Array.from([0x22, ...wrong]))).toBe("refused");
  });

  it("takes one leading space where the vocabulary puts it, and none elsewhere", () => {
    expect(judge(machineOf({ type: "null" }, true), " null")).toBe("whole");
    expect(judge(machineOf({ type: "null" }, true), "null")).toBe("whole");
    expect(judge(machineOf({ type: "null" }, true), "  null")).toBe("refused");
  });

  it("ends whitespace, numbers and nesting", () => {
    const any = machineOf({});
    expect(judge(any, `[${" ".repeat(24)}1]`)).toBe("whole");
    expect(judge(any, `[${" ".repeat(25)}`)).toBe("refused");
    expect(judge(any, "[".repeat(32))).toBe("begun");
    expect(judge(any, "[".repeat(33))).toBe("refused");
    expect(judge(any, "[".repeat(32) + "]".repeat(32))).toBe("whole");
    expect(judge(any, '{"a":'.repeat(31) + "{")).toBe("begun");
    expect(judge(any, '{"a":'.repeat(31) + '{"')).toBe("begun");
  });
});
