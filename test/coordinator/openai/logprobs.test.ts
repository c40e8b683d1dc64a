import { decodeTokenFrame, encodeTokenFrame, limits, type TokenLogprob } from "@lode/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { OpenAI } from "openai";
import { openEdge, type Edge } from "../edge/edge.ts";
import { demoModel, type Piece, type ReceivedJob, type ScriptedMiner } from "../edge/scripted-miner.ts";
import { word } from "../fixture.ts";
import { clientOf } from "./client.ts";

const bytes = (text: string | Buffer): string => Buffer.from(text).toString("base64");
const euro = Buffer.from("€");
/** "Hi" and a character in two tokens, of which the first adds no text. */
const script: readonly (readonly [Piece, TokenLogprob])[] = [
  [
    [7, "Hi"],
    {
      bytes: bytes("Hi"),
      logprob: -0.5,
      top: [
        { bytes: bytes("Hi"), logprob: -0.5 },
        { bytes: bytes(" Ho"), logprob: -1.5 },
      ],
    },
  ],
  [[8, ""], { bytes: bytes(euro.subarray(0, 2)), logprob: -0.25, top: [] }],
  [[9, "€"], { bytes: bytes(euro.subarray(2)), logprob: 0, top: [] }],
];
const shown = (text: string, logprob: number, raw: Buffer = Buffer.from(text)) => ({
  token: text,
  logprob,
  bytes: [...raw],
});
const content = [
  { ...shown("Hi", -0.5), top_logprobs: [shown("Hi", -0.5), shown(" Ho", -1.5)] },
  { ...shown("\ufffd", -0.25, euro.subarray(0, 2)), top_logprobs: [] },
  { ...shown("\ufffd", 0, euro.subarray(2)), top_logprobs: [] },
];

const model = { ...demoModel, id: "telling", digest: word("telling weights"), logprobs: 5 };
const chat = { model: "telling", messages: [{ role: "user" as const, content: "Hello" }], max_tokens: 40 };

let edge: Edge;
let openai: OpenAI;
beforeAll(async () => {
  edge = await openEdge();
  openai = clientOf(edge);
});
afterEach(() => edge.disconnect());
afterAll(() => edge.stop());

async function tell(miner: ScriptedMiner, from = 0, given?: ReceivedJob): Promise<ReceivedJob> {
  const job = given ?? (await miner.job());
  for (const [piece, chance] of script.slice(from)) miner.tokens(job, [piece], undefined, [chance]);
  await miner.finish(job, []);
  return job;
}

describe("log probabilities", () => {
  it("come with a whole chat, for as many tokens as are billed, and the bill is as without", async () => {
    const miner = await edge.miner({ models: [model] });
    const asking = openai.chat.completions.create({ ...chat, logprobs: true, top_logprobs: 2 });
    const job = await tell(miner);
    expect(job.message.logprobs).toBe(2);
    const answer = await asking;
    expect(answer.choices[0]).toMatchObject({ message: { content: "Hi€" }, logprobs: { content, refusal: null } });
    expect(answer.usage?.completion_tokens).toBe(content.length);
    expect(answer).toMatchObject({ lode: { amountWei: `${5 * 3 + 3 * 1000}` } });
  });

  it("come with a stream's chunks, also for a token without text", async () => {
    const miner = await edge.miner({ models: [model] });
    const stream = await openai.chat.completions.create({ ...chat, logprobs: true, top_logprobs: 2, stream: true });
    await tell(miner);
    const told: unknown[] = [];
    let text = "";
    for await (const { choices } of stream) {
      told.push(...(choices[0]?.logprobs?.content ?? []));
      text += choices[0]?.delta.content ?? "";
    }
    expect([text, told]).toEqual(["Hi€", content]);
  });

  it("come with text completions in their own shape, whole and streamed", async () => {
    const miner = await edge.miner({ models: [model] });
    const request = { model: "telling", prompt: "Say", logprobs: 2 };
    const expected = {
      tokens: ["Hi", "\ufffd", "\ufffd"],
      token_logprobs: [-0.5, -0.25, 0],
      top_logprobs: [{ Hi: -0.5, " Ho": -1.5 }, {}, {}],
      text_offset: [0, 2, 3],
    };
    const asking = openai.completions.create(request);
    await tell(miner);
    expect((await asking).choices[0]).toMatchObject({ text: "Hi€", logprobs: expected });
    const stream = await openai.completions.create({ ...request, stream: true });
    await tell(miner);
    const offsets: number[] = [];
    for await (const { choices } of stream) offsets.push(...(choices[0]?.logprobs?.text_offset ?? []));
    expect(offsets).toEqual(expected.text_offset);
  });

  it("go on at the next miner when one is lost", async () => {
    const all = [await edge.miner({ models: [model] }), await edge.miner({ models: [model] })];
    const asking = openai.chat.completions.create({ ...chat, logprobs: true, top_logprobs: 2 });
    const jobs = all.map(async (miner) => ({ miner, job: await miner.job() }));
    const first = await Promise.race(jobs);
    const [[piece, chance]] = script as [(typeof script)[0]];
    first.miner.tokens(first.job, [piece], undefined, [chance]);
    await expect.poll(() => edge.app.hub.session(first.miner.address)?.streams.size).toBe(1);
    await first.miner.roundTrip();
    first.miner.hangUp();
    const second = await jobs[all.findIndex((miner) => miner !== first.miner)]!;
    await tell(second.miner, 1, second.job);
    expect((await asking).choices[0]?.logprobs?.content).toEqual(content);
  });

  it("are not made up: a miner that leaves them out, or tells more than was asked, has not done the job", async () => {
    const miner = await edge.miner({ models: [model] });
    for (const chances of [undefined, [{ ...script[0]![1] }]]) {
      const asking = openai.chat.completions.create({ ...chat, logprobs: true, top_logprobs: 1 });
      miner.tokens(await miner.job(), [script[0]![0]], undefined, chances);
      await expect(asking).rejects.toMatchObject({ status: 502 });
    }
  });

  it.each<[string, object, string]>([
    ["by a model whose miners tell none", { model: "demo", logprobs: true }, "logprobs"],
    ["beyond what its miners tell", { logprobs: true, top_logprobs: 6 }, "logprobs"],
    [
      "of more than an answer holds",
      { model: "long", logprobs: true, top_logprobs: 5, max_tokens: 20_000 },
      "logprobs",
    ],
    ["of tool calls", { logprobs: true, tools: [{ type: "function", function: { name: "look" } }] }, "logprobs"],
    ["of none", { top_logprobs: 1 }, "top_logprobs"],
  ])("are refused %s", async (_name, change, param) => {
    const long = { ...model, id: "long", digest: word("long weights"), contextTokens: 32_768 };
    await edge.miner({ models: [demoModel, model, long] });
    const asking = openai.chat.completions.create({ ...chat, ...change });
    await expect(asking).rejects.toMatchObject({ status: 400, param });
  });
});

describe("a frame with probabilities", () => {
  const assignment = word("a job");
  const frame = { kind: "tokens", assignment, firstIndex: 3, ids: [7], text: "Hi", logprobs: [script[0]![1]] } as const;
  const json = (frameOf: object): Uint8Array => {
    const whole = Buffer.from(encodeTokenFrame(frame));
    return Buffer.concat([whole.subarray(0, 39 + 4 + 4 + 2), Buffer.from(JSON.stringify(frameOf))]);
  };

  it("comes back as it was, as an end with its stop text does", () => {
    expect(decodeTokenFrame(encodeTokenFrame(frame))).toEqual(frame);
    const end = { kind: "end", assignment, firstIndex: 3, stop: 2 } as const;
    expect(decodeTokenFrame(encodeTokenFrame(end))).toEqual(end);
    expect(decodeTokenFrame(json([[-1, "SGk=", []]]))).toMatchObject({ logprobs: [{ logprob: -1, top: [] }] });
  });

  it.each<[string, object]>([
    ["for no token", []],
    [
      "for more tokens",
      [
        [-1, "SGk=", []],
        [-1, "SGk=", []],
      ],
    ],
    ["that are no numbers", [["-1", "SGk=", []]]],
    ["that are not finite", [[null, "SGk=", []]]],
    ["of bytes that are none", [[-1, "<script>", []]]],
    ["of tokens without end", [[-1, "A".repeat(limits.tokenBase64Chars + 1), []]]],
    ["with too many others", [[-1, "SGk=", Array(limits.topLogprobs + 1).fill([-1, "SGk="])]]],
    ["with others that are none", [[-1, "SGk=", [7]]]],
    ["that are no list", { length: 1 }],
  ])("is refused with some %s", (_name, logprobs) => {
    expect(() => decodeTokenFrame(json(logprobs))).toThrow(expect.objectContaining({ code: "bad_frame" }));
  });

  it("is refused when its text ends beyond it", () => {
    const whole = Buffer.from(encodeTokenFrame(frame));
    whole.writeUInt32BE(60_000, 43);
    expect(() => decodeTokenFrame(whole)).toThrow("longer than its frame");
  });
});
