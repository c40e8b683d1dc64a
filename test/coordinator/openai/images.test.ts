import { encodeImageFrames, imageIds, imageTokens, readImage } from "@lode/protocol";
import { finishReason } from "@lode/sdk/typed-data";
import type { OpenAI } from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../helpers/books.ts";
import { jpegOf, pngOf, webpOf } from "../../helpers/pictures.ts";
import { Reopening } from "../../../coordinator/src/plugins/app/answers/reopening.ts";
import { openEdge, type Edge } from "../edge/edge.ts";
import { demoModel, type ReceivedJob, type ScriptedMiner } from "../edge/scripted-miner.ts";
import { client, prices, word } from "../fixture.ts";
import { clientOf } from "./client.ts";

const painter = { ...demoModel, id: "painter", digest: word("a painter's weights"), images: true as const };
const request = { model: "painter", prompt: "a cat", size: "256x128" as never };
const tokens = 32;
const picture = pngOf(256, 128);

let edge: Edge;
let openai: OpenAI;
beforeAll(async () => {
  edge = await openEdge({ FIRST_TOKEN_MS: "3000", STALL_MS: "3000" });
  openai = clientOf(edge);
});
afterEach(() => edge.disconnect());
afterAll(() => edge.stop());

const miner = (): Promise<ScriptedMiner> => edge.miner({ models: [painter] });
const post = (body: object, url = "/v1/images/generations", headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${edge.url}${url}`, {
    method: "POST",
    headers: { authorization: `Bearer ${edge.key}`, "content-type": "application/json", ...headers },
    body: JSON.stringify({ ...request, ...body }),
  });
const framesOf = ({ digest }: ReceivedJob, file: Uint8Array): Uint8Array[] => [...encodeImageFrames(digest, file)];
const debitedWei = (): bigint => edge.book.debitOf(client.address).cumulativeWei;

describe("what a picture's first bytes say", () => {
  it.each<[string, Uint8Array, string]>([
    ["a PNG", picture, "image/png"],
    ["a JPEG", jpegOf(256, 128), "image/jpeg"],
    ["a baseline JPEG", jpegOf(256, 128, 0xc0), "image/jpeg"],
    ["a lossy WebP", webpOf("VP8 ", 256, 128), "image/webp"],
    ["a lossless WebP", webpOf("VP8L", 256, 128), "image/webp"],
    ["an extended WebP", webpOf("VP8X", 256, 128), "image/webp"],
  ])("%s has its kind and size, and not one byte less", (_name, bytes, mediaType) => {
    expect(readImage(bytes)).toEqual({ mediaType, width: 256, height: 128 });
    for (let end = 0; end < 24 && end < bytes.length; end++) {
      const facts = readImage(bytes.subarray(0, end));
      expect(facts === undefined || facts.width === 256).toBe(true);
    }
    expect(readImage(bytes.subarray(0, 12))).toBeUndefined();
    expect(readImage(Buffer.concat([Buffer.from("x"), bytes]))).toBeUndefined();
  });

  it("is nothing for a JPEG whose data comes before its size, or that has a part without length", () => {
    expect(readImage(Buffer.from("ffd8ffda00040102ffc0000b08008001000101", "hex"))).toBeUndefined();
    expect(readImage(Buffer.from("ffd8fffe0000ffc0000b0800800100010111", "hex"))).toBeUndefined();
  });

  it("counts squares that are begun, and stands for tokens that any other byte changes", () => {
    expect(imageTokens({ width: 1024, height: 1024 })).toBe(1024);
    expect(imageTokens({ width: 129, height: 128 })).toBe(20);
    const ids = imageIds(picture, tokens);
    expect(new Set(ids).size).toBe(tokens);
    const other = Buffer.from(picture);
    other[other.length - 20]! ^= 1;
    expect(imageIds(other, tokens).filter((id, at) => id === ids[at])).toEqual([]);
    expect(imageIds(picture, 5)).toEqual(ids.slice(0, 5));
  });
});

describe("a picture", () => {
  it("is what its miner made, paid by its size", async () => {
    const one = await miner();
    const asking = openai.images.generate({ ...request, response_format: "b64_json" }).withResponse();
    const job = await one.job();
    expect(job.message.prompt).toEqual({ image: { prompt: "a cat", width: 256, height: 128 } });
    expect(job.assignment).toMatchObject({ maxOutputTokens: tokens, outputOffset: 0, tier: 0 });
    await one.paint(job, picture);
    const { data, response } = await asking;
    expect(Buffer.from(data.data![0]!.b64_json!, "base64").equals(picture)).toBe(true);
    const amountWei = (5n * prices.inputPriceWei + BigInt(tokens) * prices.outputPriceWei).toString();
    expect(data).toMatchObject({
      size: "256x128",
      data: [{ media_type: "image/png" }],
      usage: { input_tokens: 5, output_tokens: tokens, total_tokens: 37 },
      lode: { receipts: [job.digest], miners: [one.address], amountWei },
    });
    expect(response.headers.get("x-lode-job")).toBe(job.digest);
    expect(edge.ledger.openAttempts).toBe(0);
    await one.next("accepted");
    const models = await openai.models.list();
    expect(models.data).toMatchObject([{ id: "painter", images: true }]);
  });

  it("is one job of several, and of many frames", async () => {
    const one = await miner();
    const asking = openai.images.generate({ ...request, n: 3 });
    const large = pngOf(256, 128, 500_000);
    const files = [picture, large, jpegOf(256, 128)];
    for (const file of files) await one.paint(await one.job(), file);
    const { data, usage } = await asking;
    const came = data!.map(({ b64_json }) => b64_json!).sort();
    expect(came).toEqual(files.map((file) => file.toString("base64")).sort());
    expect(usage).toMatchObject({ output_tokens: 3 * tokens });
  });

  it("is a square of 1024 pixels unless another size is asked for", async () => {
    const one = await miner();
    edge.chain.funds = { ...edge.chain.funds, balanceWei: 10n ** 9n, signerCapWei: 10n ** 9n };
    for (const size of [null, "auto", "1024x1024"]) {
      const asking = post({ size });
      const job = await one.job();
      expect(job.assignment.maxOutputTokens).toBe(1024);
      await one.paint(job, pngOf(1024, 1024));
      expect((await asking).status).toBe(200);
    }
  });

  it("comes again under the same Idempotency-Key, and is billed once", async () => {
    const one = await miner();
    const headers = { "idempotency-key": "a-picture" };
    const asking = post({}, undefined, headers);
    await one.paint(await one.job(), picture);
    const first: unknown = await (await asking).json();
    const again = await post({}, undefined, headers);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(await again.json()).toEqual(first);
    expect(one.jobs).toHaveLength(1);
  });

  it("comes again only so often a minute, from a job too: nobody pays for that", async () => {
    const one = await miner();
    const large = pngOf(256, 128, 100_000);
    const headers = { "idempotency-key": "a-large-picture" };
    const whole = edge.app.reopening;
    // Two of them, and not a third.
    edge.app.reopening = new Reopening({ bytesPerMinute: 350_000, bytesAtOnce: 350_000 }, edge.app.nowMs);
    const asking = post({}, undefined, headers);
    await one.paint(await one.job(), large);
    expect((await asking).status).toBe(200);
    for (let i = 0; i < 2; i++) {
      const again = await post({}, undefined, headers);
      expect([again.status, await again.text()]).toEqual([200, expect.stringContaining(large.toString("base64"))]);
    }
    const refused = await post({}, undefined, headers);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "60"]);
    expect(await refused.json()).toMatchObject({ error: { code: "rate_limit_exceeded" } });
    const made = await post({ workload: "image", input: request, model: undefined, prompt: undefined, size: undefined }, "/v1/jobs"); // prettier-ignore
    const { id } = (await made.json()) as { id: string };
    await one.paint(await one.job(), large);
    const authorization = `Bearer ${edge.key}`;
    const look = (): Promise<Response> => fetch(`${edge.url}/v1/jobs/${id}`, { headers: { authorization } });
    await until("it has ended", async () => (await look()).status === 429);
    edge.clock.nowMs += 60_000;
    expect(await (await look()).json()).toMatchObject({ status: "succeeded" });
    expect((await post({}, undefined, headers)).status).toBe(200);
    edge.app.reopening = whole;
    expect(one.jobs).toHaveLength(2);
  });

  it("is made by a job that goes on without its client, too", async () => {
    const one = await miner();
    const made = await post({ workload: "image", input: request, model: undefined, prompt: undefined, size: undefined }, "/v1/jobs"); // prettier-ignore
    expect(made.status).toBe(201);
    const { id } = (await made.json()) as { id: string };
    await one.paint(await one.job(), picture);
    const view = async (): Promise<{ status: string; result?: unknown }> =>
      (await (
        await fetch(`${edge.url}/v1/jobs/${id}`, { headers: { authorization: `Bearer ${edge.key}` } })
      ).json()) as {
        status: string;
      };
    await until("it is there", async () => (await view()).status === "succeeded");
    expect((await view()).result).toMatchObject({ data: [{ b64_json: picture.toString("base64") }] });
  });
});

describe("a picture that fails", () => {
  it.each<[string, (miner: ScriptedMiner, job: ReceivedJob) => void]>([
    ["a link that closes", (one) => one.hangUp()],
    ["another size", (one, job) => one.picture(job, pngOf(128, 256))],
    ["what is no picture", (one, job) => one.picture(job, Buffer.alloc(500, "<p>"))],
    ["more bytes than a picture of its size can need", (one, job) => one.picture(job, pngOf(256, 128, 1_000_000))],
    ["a picture of no bytes, and its receipt", (one, job) => one.send(one.receiptMessage(job))],
    ["tokens", (one, job) => one.tokens(job, [[1, "x"]])],
    ["vectors", (one, job) => void one.vectors(job, [[1, 0]])],
    ["silence", () => undefined],
    [
      "half of it, and a receipt",
      (one, job) => {
        one.frame(framesOf(job, pngOf(256, 128, 500_000))[0]!);
        job.ids.push(...imageIds(picture, tokens));
        one.send(one.receiptMessage(job));
      },
    ],
    [
      "in single bytes",
      (one, job) => {
        const [frame] = framesOf(job, picture);
        for (const [at, byte] of picture.entries()) {
          const part = Buffer.concat([frame!.subarray(0, 41), Buffer.of(byte)]);
          part.writeUInt32BE(at, 33);
          one.frame(part);
        }
        job.ids.push(...imageIds(picture, tokens));
        one.send(one.receiptMessage(job));
      },
    ],
    ["its second half first", (one, job) => one.frame(framesOf(job, pngOf(256, 128, 500_000))[1]!)],
  ])("for %s comes from the next miner, and only that is paid", async (_name, fail) => {
    const [first, second] = await edge.inOrder([await miner(), await miner()]);
    const before = debitedWei();
    const asking = openai.images.generate(request);
    const failed = await first!.job();
    fail(first!, failed);
    const job = await second!.job();
    expect(job.assignment).toMatchObject({ attempt: 1, outputOffset: 0, maxOutputTokens: tokens });
    await second!.paint(job, picture);
    expect(await asking).toMatchObject({ lode: { receipts: [job.digest] } });
    expect(edge.book.attempts.get(failed.digest)).toMatchObject({ state: "voided" });
    expect(debitedWei() - before).toBe(5n * prices.inputPriceWei + BigInt(tokens) * prices.outputPriceWei);
  });

  it("ends the link of a miner that sends a frame beyond every bound", async () => {
    const one = await miner();
    const asking = post({});
    const job = await one.job();
    const [frame] = framesOf(job, picture);
    const tooLong = Buffer.from(frame!);
    tooLong.writeUInt32BE(9 * 2 ** 20, 37);
    one.frame(tooLong);
    await one.closed;
    expect((await asking).status).toBe(502);
  });

  it("costs nothing when the client hangs up before it is whole", async () => {
    const one = await miner();
    const gone = new AbortController();
    const asking = openai.images.generate(request, { signal: gone.signal }).catch((error: unknown) => error);
    const job = await one.job();
    one.frame(framesOf(job, pngOf(256, 128, 500_000))[0]!);
    await one.roundTrip();
    gone.abort();
    expect(await one.next("cancel")).toMatchObject({ assignment: job.digest, deliveredTokens: 0 });
    await asking;
    await until("it is given up", async () => edge.book.attempts.get(job.digest)?.state === "voided");
  });

  it("is owed when the client hangs up behind it", async () => {
    const one = await miner();
    const gone = new AbortController();
    const asking = openai.images.generate(request, { signal: gone.signal }).catch((error: unknown) => error);
    const job = await one.job();
    one.picture(job, picture);
    await one.acknowledged(job);
    gone.abort();
    await asking;
    expect(await one.next("cancel")).toMatchObject({ assignment: job.digest, deliveredTokens: tokens });
    one.send(one.receiptMessage(job, { finishReason: finishReason.cancelled }));
    await one.next("accepted");
    expect(edge.book.attempts.get(job.digest)).toMatchObject({ state: "settled" });
  });

  it("is the client's once it is whole, and owed to whoever shows the word for it later", async () => {
    const one = await miner();
    const before = debitedWei();
    const asking = openai.images.generate(request);
    const job = await one.job();
    one.picture(job, picture);
    await one.acknowledged(job);
    one.hangUp();
    expect((await asking).data![0]!.b64_json).toBe(picture.toString("base64"));
    expect(debitedWei()).toBe(before);
    const ack = one.received.flatMap((message) => (message.type === "ack" ? message.items : [])).at(-1)!;
    const { signer, models } = one.options;
    const back = await edge.miner({ signer, models, pending: [job.digest], resumes: false });
    back.send(back.receiptMessage(job, {}, ack));
    await back.next("accepted");
    expect(debitedWei() - before).toBe(5n * prices.inputPriceWei + BigInt(tokens) * prices.outputPriceWei);
  });
});

describe("400 for pictures", () => {
  it.each<[string, object, string]>([
    ["by address", { response_format: "url" }, "response_format"],
    ["of a quality", { quality: "hd" }, "quality"],
    ["of a style", { style: "vivid" }, "style"],
    ["of a format", { output_format: "webp" }, "output_format"],
    ["without background", { background: "transparent" }, "background"],
    ["as events", { stream: true }, "stream"],
    ["too many", { n: 5 }, "n"],
    ["none", { n: 0 }, "n"],
    ["too small", { size: "100x256" }, "size"],
    ["too large", { size: "256x2049" }, "size"],
    ["without a size", { size: "large" }, "size"],
    ["of nothing", { prompt: "" }, "prompt"],
    ["of too long a text", { prompt: "x".repeat(32_001) }, "prompt"],
    ["that somebody computes again", { tier: "sampled" }, "tier"],
    ["of a model that writes", { model: "demo" }, "model"],
  ])("%s", async (_name, change, param) => {
    await edge.miner({ models: [painter, demoModel] });
    const answer = await post(change);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { param, type: "invalid_request_error" } });
  });

  it.each<[string, object]>([
    ["/v1/chat/completions", { messages: [{ role: "user", content: "Hi" }] }],
    ["/v1/completions", { prompt: "Hi" }],
    ["/v1/embeddings", { input: "Hi" }],
    ["/v1/responses", { input: "Hi" }],
  ])("%s to a model that makes pictures", async (url, body) => {
    await miner();
    const answer = await post({ size: undefined, prompt: undefined, ...body }, url);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: "unsupported_model", param: "model" } });
  });
});
