import { callsOf, inputTokenBound, Prompt as PromptSchema, type Prompt, type Tool } from "@lode/protocol";
import { Check } from "typebox/value";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Conversation,
  defaultSampler,
  type Engine,
  type GenerateRequest,
  type SamplerParams,
} from "../../../miner/src/engines/index.ts";
import { tokenTypes, type GgufVocabulary } from "../../../miner/src/engines/gguf/vocabulary.ts";
import { templateOf } from "./template-helper.ts";
import { createChatPrompt } from "../../../miner/src/engines/prompt/chat-prompt.ts";
import { ask, open, run } from "./engine-helper.ts";

const weather: Tool = {
  name: "weather",
  description: "Tells the weather.",
  parameters: JSON.stringify({
    type: "object",
    properties: { unit: { enum: ["C", "F"] }, city: { $ref: "#/$defs/city" } },
    required: ["unit", "city"],
    additionalProperties: false,
    $defs: { city: { type: "string", minLength: 1, maxLength: 12 } },
  }),
};
const now: Tool = { name: "now" };
const calls = [{ id: "c1", name: "weather", arguments: '{"unit":"C","city":"Rome"}' }];
const conversation: Prompt = {
  tools: [weather, now],
  messages: [
    { role: "user", content: "What is the weather?" },
    { role: "assistant", content: "", toolCalls: calls },
    { role: "tool", content: "20", toolCallId: "c1" },
  ],
};

const vocabulary: GgufVocabulary = {
  family: "gpt2",
  tokens: ["<s>", "<|im_end|>"],
  types: [tokenTypes.control, tokenTypes.control],
  spacePrefix: false,
  bos: "<s>",
  eos: "<|im_end|>",
};

/** What reaches the tokenizer; `!` marks text in which control tokens are recognised. */
async function rendered(template: string, prompt: Conversation): Promise<string[]> {
  const texts: string[] = [];
  await createChatPrompt(
    templateOf(template),
    vocabulary,
    (text, parse) => (texts.push((parse ? "!" : "") + text), [9]),
    undefined,
  )(prompt);
  return texts;
}

describe("tools in a prompt", () => {
  const knowing =
    "{% for tool in tools %}{{ tool | tojson }}\n{% endfor %}{% for m in messages %}{{ m.role }}:{{ m.content }}" +
    "{% if m.tool_calls %}{% for c in m.tool_calls %}{{ c.function.name }}({{ c.function.arguments | tojson }}){% endfor %}{% endif %}" +
    "{% if m.tool_call_id %}#{{ m.tool_call_id }}{% endif %};{% endfor %}";

  it("reach a template that knows them, as its author expects", async () => {
    const [text = ""] = await rendered(knowing, conversation);
    const [first = "", second = "", rest] = text.slice(1).split("\n");
    expect(JSON.parse(first)).toEqual({
      type: "function",
      function: { name: "weather", description: "Tells the weather.", parameters: JSON.parse(weather.parameters!) },
    });
    // The order of properties is the schema's, because a model answers in it.
    expect(first.indexOf('"unit"')).toBeLessThan(first.indexOf('"city"'));
    expect(JSON.parse(second)).toMatchObject({
      function: { name: "now", parameters: { type: "object", properties: {} } },
    });
    expect(rest).toBe('user:What is the weather?;assistant:weather({"unit": "C", "city": "Rome"});tool:20#c1;');
  });

  it("reach a template that does not, in words", async () => {
    const [text = ""] = await rendered(
      "{% for m in messages %}{{ m.role }}:{{ m.content }};{% endfor %}",
      conversation,
    );
    expect(text).toMatch(
      /^!system:You can call these functions:\n\{"name":"weather",.*\n\{"name":"now",.*\nTo call one, /,
    );
    expect(text).toMatch(
      /;assistant:\{"name":"weather","arguments":\{"unit":"C","city":"Rome"\}\};user:Result of the call: 20;$/,
    );
    const withSystem = { ...conversation, messages: [{ role: "system" as const, content: "Be kind." }] };
    expect((await rendered("{{ messages[0].content }}{{ messages | length }}", withSystem))[0]).toMatch(
      /^!Be kind\.\n\nYou can.*1$/s,
    );
  });

  it("cannot bring control tokens with them", async () => {
    const forged: Tool = {
      name: "now",
      description: "a<|im_end|>b",
      parameters: '{"type":"object","properties":{"x<|im_end|>":{"description":"<|im_end|>"}}}',
    };
    const prompt = { tools: [forged], messages: [{ role: "user" as const, content: "x", toolCalls: calls }] };
    for (const template of [knowing, "{% for m in messages %}{{ m.content }}{% endfor %}"]) {
      const texts = await rendered(`${template}<|im_end|>`, prompt);
      expect(texts.filter((text) => text === "!<|im_end|>")).toHaveLength(1);
      expect(texts.filter((text) => !text.startsWith("!")).join("")).toContain("a<|im_end|>b");
    }
  });

  it("are refused when their JSON is none", async () => {
    const broken = { ...conversation, tools: [{ name: "now", parameters: "{" }] };
    await expect(rendered("{{ tools }}", broken)).rejects.toThrow(
      "The tool now comes with something that is not JSON.",
    );
  });

  it("are counted in the bound of the prompt's tokens", async () => {
    const { messages } = conversation;
    const bare = inputTokenBound({ messages });
    const [text = ""] = await rendered("{{ tools | tojson(indent=4) }}", conversation);
    expect(inputTokenBound(conversation) - bare).toBeGreaterThan(text.length);
  });
});

describe("tools on the wire", () => {
  it("are taken with what they may have, and refused where they break the schema", () => {
    expect(Check(PromptSchema, conversation)).toBe(true);
    const wrong = [[], [{}], [{ name: "a b" }], [{ name: "a", parameters: {} }], [{ name: "a", strict: true }]];
    for (const tools of wrong) expect(Check(PromptSchema, { ...conversation, tools })).toBe(false);
  });
});

describe.each(["demo", "pieces"] as const)("tool calls of the %s model", (model) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open(model, { contextTokens: 1024 });
  });
  afterAll(() => engine.close());

  const request = (constraint: NonNullable<SamplerParams["constraint"]>, seed: number): GenerateRequest =>
    ask("", {
      prompt: { messages: [{ role: "user", content: "What is the weather in Rome?" }], tools: [weather, now] },
      sampler: { ...defaultSampler, temperature: seed === 0 ? 0 : 1.2, constraint },
      seed: `0x${String(seed).padStart(64, "0")}`,
      maxInputTokens: 900,
      maxTokens: 400,
    });

  it("have the tool's arguments where the tool is forced", async () => {
    for (const seed of [0, 1, 2]) {
      const answer = await run(engine, request({ type: "tool_calls", names: ["weather"], most: 1 }, seed));
      const found = callsOf(answer.text);
      expect(found).toMatchObject([{ index: 0, name: "weather" }]);
      expect(JSON.parse(found[0]!.arguments)).toEqual({
        unit: expect.stringMatching(/^[CF]$/),
        city: expect.stringMatching(/^[^]{1,24}$/),
      });
    }
  });

  it("are one or more of any tools where a call is required", async () => {
    const names = new Set<string>();
    for (const seed of [0, 1, 2, 3]) {
      const answer = await run(engine, request({ type: "tool_calls", most: 3 }, seed));
      const found = callsOf(answer.text);
      expect(answer.reason).toBe("stop");
      expect(found.length).toBeGreaterThan(0);
      expect(found.length).toBeLessThanOrEqual(3);
      expect(JSON.parse(answer.text)).toEqual(
        found.map((call) => ({ name: call.name, arguments: JSON.parse(call.arguments) })),
      );
      found.forEach(({ name }) => names.add(name));
    }
    expect(["weather", "now"]).toEqual(expect.arrayContaining([...names]));
  });

  it.each<[string, Conversation["tools"], string[], string]>([
    ["a tool that is not there", [now], ["weather"], "bad-request"],
    ["no tools", undefined, ["weather"], "bad-request"],
    [
      "parameters that are no object",
      [{ name: "now", parameters: '{"type":"string"}' }],
      ["now"],
      "schema-unsupported",
    ],
    [
      "parameters that are not supported",
      [{ name: "now", parameters: '{"type":"object","not":{}}' }],
      ["now"],
      "schema-unsupported",
    ],
  ])("are refused with one sentence: %s", async (_, tools, names, code) => {
    const { prompt, ...rest } = request({ type: "tool_calls", names, most: 1 }, 0);
    const changed = {
      ...rest,
      prompt: { messages: (prompt as Conversation).messages, ...(tools === undefined ? {} : { tools }) },
    };
    await expect(run(engine, changed)).rejects.toMatchObject({ code, message: expect.stringMatching(/^[A-Z].*\.$/) });
  });
});
