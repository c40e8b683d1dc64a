import { callsOf, createCallStream, createFreeStream, parseFreeAnswer, toolCallId } from "@lode/protocol";
import { describe, expect, it } from "vitest";

const given = '{"city":"Ro\\"me}{","days":[1,{"a":"]"}]}';
const one = `{"name":"weather","arguments":${given}}`;
const two = `[{"name": "weather", "arguments": ${given}},\n{"name":"now","arguments":{}}]`;

describe("calls of a constrained answer", () => {
  it.each([
    [one, [["weather", given]]],
    [two, [["weather", given], ["now", "{}"]]], // prettier-ignore
    [
      '{\n  "name": "arguments",\n  "arguments": {"name":"x","arguments":{}}\n}',
      [["arguments", '{"name":"x","arguments":{}}']],
    ],
    [one.slice(0, -10), [["weather", given.slice(0, -9)]]],
    ['{"name":"wea', []],
  ])("are taken apart: %s", (text, expected) => {
    expect(callsOf(text)).toEqual(expected.map(([name, json], index) => ({ index, name, arguments: json })));
  });

  it("come out the same in pieces of any length", () => {
    for (let length = 1; length < 20; length += 1) {
      const stream = createCallStream();
      const pieces = two.match(new RegExp(`[^]{1,${length}}`, "g"))!;
      const deltas = pieces.flatMap((piece) => stream.push(piece));
      const joined = (index: number): string =>
        deltas
          .filter((delta) => delta.index === index)
          .map((delta) => delta.arguments ?? "")
          .join("");
      expect([joined(0), joined(1)]).toEqual([given, "{}"]);
      expect(deltas.flatMap(({ index, name }) => (name === undefined ? [] : [[index, name]]))).toEqual([
        [0, "weather"],
        [1, "now"],
      ]);
      // A client reads a call's name before anything of its arguments.
      for (const index of [0, 1]) expect(deltas.find((delta) => delta.index === index)).toHaveProperty("name");
    }
  });

  it("have names of their own", () => {
    expect(toolCallId(`0x${"ab".repeat(32)}`, 1)).toBe(`call_${"ab".repeat(12)}1`);
  });
});

describe("calls of a free answer", () => {
  const names = ["weather", "now"];
  const call = { index: 0, name: "weather", arguments: '{"city":"Rome"}' };

  it.each([
    ['{"name":"weather","arguments":{"city":"Rome"}}', "", [call]],
    ['{"name":"weather","parameters":{"city":"Rome"}}', "", [call]],
    ['Let me see.\n<tool_call>\n{"name":"weather","arguments":{"city":"Rome"}}\n</tool_call>', "Let me see.", [call]],
    [
      '<tool_call>{"name":"weather","arguments":{"city":"Rome"}}</tool_call><tool_call>{"name":"now"}</tool_call>',
      "",
      [call, { index: 1, name: "now", arguments: "{}" }],
    ],
    ['[{"name":"weather","arguments":{"city":"Rome"}}]', "", [call]],
    ['{"name":"other","arguments":{}}', '{"name":"other","arguments":{}}', []],
    ['{"name":"weather","arguments":"Rome"}', '{"name":"weather","arguments":"Rome"}', []],
    ["<tool_call>nothing</tool_call>", "<tool_call>nothing</tool_call>", []],
    ["It is 3 o'clock.", "It is 3 o'clock.", []],
    ["[]", "[]", []],
    ["null", "null", []],
    ['One. <tool_call>{"name":"weather","arguments":{"city":"Rome"}}</tool_call> Two.\n', "One. Two.", [call]],
    ['[1] <tool_call>{"name":"weather","arguments":{"city":"Rome"}}</tool_call>', "[1]", [call]],
    ['Well, <tool_call>{"name":"weather"', 'Well, <tool_call>{"name":"weather"', []],
  ])("are found: %s", (text, content, calls) => {
    expect(parseFreeAnswer(text, names)).toEqual({ content, calls });
    for (let length = 1; length < 8; length += 1) {
      const stream = createFreeStream(names);
      const pieces = text.match(new RegExp(`[^]{1,${length}}`, "g"))!;
      const deltas = [...pieces.flatMap((piece) => stream.push(piece)), ...stream.end()];
      expect(deltas.map((delta) => delta.content ?? "").join("")).toBe(content);
      expect(deltas.flatMap((delta) => delta.call ?? [])).toEqual(calls);
    }
  });

  it("hold nothing back that cannot become one", () => {
    const stream = createFreeStream(names);
    expect(stream.push("Hello")).toEqual([{ content: "Hello" }]);
    expect(stream.push(" a<b and")).toEqual([{ content: " a<b and" }]);
    expect(stream.push(" <tool")).toEqual([]);
    expect(stream.push("box> ")).toEqual([{ content: " <toolbox>" }]);
    expect(stream.end()).toEqual([{ content: " " }]);
  });
});
