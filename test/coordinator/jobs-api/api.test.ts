import { createHmac } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Classifier } from "../../../coordinator/src/plugins/app/content-filter/classifier.ts";
import { until } from "../../helpers/books.ts";
import { openEdge, type Edge } from "../edge/edge.ts";
import { client, host, person } from "../fixture.ts";
import { Poller, sha256, type Answer } from "../miner/poller.ts";
import { pieces } from "../openai/client.ts";

const canary = "canary-7d1f";
let edge: Edge;
let api: Poller;
let miner: Poller;
let server: Server;
const hooks: { headers: IncomingMessage["headers"]; body: string }[] = [];
beforeAll(async () => {
  edge = await openEdge({ WEBHOOK_ALLOW_LOOPBACK: "1" }, { host, classifier });
  api = new Poller(edge, edge.key);
  miner = new Poller(edge, await edge.login("miner", person("a poller")));
  await miner.heartbeat();
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      hooks.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
      response.end();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(async () => {
  server.close();
  await edge.stop();
});

const classifier: Classifier = {
  classify: async (texts) => ({ isRefused: texts.includes("forbidden words"), categories: [] }),
};

interface View {
  readonly id: string;
  readonly status: string;
  readonly webhook?: { readonly state: string; readonly secret?: string };
  readonly result?: unknown;
}
const create = (body: object): Promise<Answer> => api.call("POST", "/v1/jobs", body);
const get = async (id: string): Promise<View> => (await api.call("GET", `/v1/jobs/${id}`)).body as View;
const ended = async (id: string, status = "succeeded"): Promise<View> => {
  await until(`${id} is ${status}`, async () => (await get(id)).status === status);
  return get(id);
};
const text = (fields: object = {}) => ({
  workload: "text",
  input: { model: "hosted/text", messages: [{ role: "user", content: canary }], ...fields },
});

describe("an asynchronous job", () => {
  it("of text runs by itself, and gives what its route would", async () => {
    const made = await create({ ...text(), metadata: { order: "5" } });
    expect(made).toMatchObject({ status: 201, body: { object: "job", status: "queued", metadata: { order: "5" } } });
    const { id } = made.body as View;
    const work = await miner.job();
    expect((await get(id)).status).toBe("running");
    await miner.prove(work.id, `${canary} and more`, { metrics: { tokens_per_kj: 7, note: canary } });
    const { result } = await ended(id);
    expect(result).toMatchObject({
      object: "chat.completion",
      choices: [{ message: { content: `${canary} and more` } }],
      lode: { receipts: [work.id] },
      miner_metrics: { tokens_per_kj: 7 },
    });
    expect(JSON.stringify(result)).not.toContain("note");
    const receipts = await fetch(`${edge.url}/v1/receipts/${id}`);
    expect(receipts.status).toBe(200);
  });

  it("of a benchmark gives the hash that commits it", async () => {
    const { id } = (await create({ workload: "benchmark", input: {} })).body as View;
    const work = await miner.job();
    expect(work.workload).toBe("benchmark");
    await miner.prove(work.id, "score", { output: undefined });
    expect((await ended(id)).result).toMatchObject({ choices: [{ text: sha256("score") }] });
  });

  it("runs on every kind of miner, and shows its steps as events", async () => {
    const linked = await edge.miner();
    const { id } = (await create({ workload: "text", input: { model: "demo", prompt: "Hi", max_tokens: 40 } }))
      .body as View;
    const job = await linked.job();
    const follow = (key: string): Promise<Response> =>
      fetch(`${edge.url}/v1/jobs/${id}/events`, { headers: { authorization: `Bearer ${key}` } });
    const events = await follow(edge.key);
    const steps = await follow(await edge.login("read", client));
    expect(events.headers.get("content-type")).toContain("text/event-stream");
    await linked.finish(job, pieces("told in parts"));
    const told = await events.text();
    const names = [...told.matchAll(/^event: (.*)$/gm)].map(([, name]) => name);
    expect(names[0]).toBe("progress");
    expect(names.at(-1)).toBe("end");
    const deltas = [...told.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!) as { delta?: string });
    expect(deltas.map(({ delta = "" }) => delta).join("")).toBe("told in parts");
    expect(told).toContain('"text":"told in parts"');
    const seen = await steps.text();
    expect([...seen.matchAll(/^event: (.*)$/gm)].map(([, name]) => name)).toEqual(names);
    expect(seen).not.toMatch(/delta|told|in parts/);
    expect(await (await follow(edge.key)).text()).toMatch(/^event: end\n/);
    linked.hangUp();
  });

  it("is told to its webhook, signed, without its contents", async () => {
    hooks.length = 0;
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/done`;
    const made = (await create({ ...text(), webhook: { url } })).body as View;
    const secret = made.webhook!.secret!;
    expect((await get(made.id)).webhook!.secret).toBeUndefined();
    await miner.prove((await miner.job()).id, canary);
    await until("the webhook came", async () => hooks.length === 1);
    const { headers, body } = hooks[0]!;
    const [, at, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(headers["lode-signature"] as string)!;
    expect(mac).toBe(createHmac("sha256", secret).update(`${at}.${body}`).digest("hex"));
    expect(JSON.parse(body)).toMatchObject({ type: "job.succeeded", data: { id: made.id, status: "succeeded" } });
    expect(body).not.toContain(canary);
    await until("that is known", async () => (await get(made.id)).webhook!.state === "delivered");
  });

  it("cannot make the coordinator call a private network", async () => {
    for (const url of [
      "http://169.254.169.254/",
      "https://10.0.0.1/",
      "https://[::ffff:10.0.0.1]/",
      "https://[fe80::1]/",
    ]) {
      expect(await create({ ...text(), webhook: { url } })).toMatchObject({
        status: 400,
        body: { error: { code: "webhook_refused", param: "webhook.url" } },
      });
    }
  });

  it("is one job for one Idempotency-Key", async () => {
    const send = (body: object) =>
      fetch(`${edge.url}/v1/jobs`, {
        method: "POST",
        headers: { authorization: `Bearer ${edge.key}`, "content-type": "application/json", "idempotency-key": "k1" },
        body: JSON.stringify(body),
      });
    const answers = await Promise.all([send(text()), send(text()), send(text())]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
    const ids = await Promise.all(answers.map(async (answer) => ((await answer.json()) as View).id));
    expect(new Set(ids).size).toBe(1);
    expect((await send(text({ max_tokens: 9 }))).status).toBe(422);
    await miner.prove((await miner.job()).id, "once");
    await ended(ids[0]!);
    // Its id belongs to the key for ever, and what came of it is billed: another one would never begin.
    await api.call("DELETE", `/v1/jobs/${ids[0]!}`);
    const again = await send(text());
    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({ error: { code: "idempotency_used" } });
  });

  it("is cancelled before it has a miner, and after", async () => {
    const waiting = (await create(text())).body as View;
    const work = await miner.job();
    const cancelled = await api.call("POST", `/v1/jobs/${waiting.id}/cancel`);
    expect(cancelled).toMatchObject({ status: 200, body: { status: "cancelled" } });
    expect((await miner.prove(work.id, "too late")).status).toBe(404);
    expect((await api.call("POST", `/v1/jobs/${waiting.id}/cancel`)).body.error.code).toBe("job_ended");
    expect((await api.call("DELETE", `/v1/jobs/${waiting.id}`)).body).toMatchObject({ deleted: true });
    expect((await api.call("GET", `/v1/jobs/${waiting.id}`)).status).toBe(404);
  });

  it("is its account's: others do not see it, a key that reads sees no contents", async () => {
    const { body } = await api.call("GET", "/v1/jobs?limit=2&status=succeeded");
    const { data, has_more } = body as { data: View[]; has_more: boolean };
    expect(data).toHaveLength(2);
    expect(has_more).toBe(true);
    expect(JSON.stringify(data)).not.toContain(canary);
    const next = await api.call("GET", `/v1/jobs?limit=1&after=${data[0]!.id}`);
    expect((next.body as { data: View[] }).data[0]!.id).toBe(data[1]!.id);
    const { id } = data[0]!;
    const reader = new Poller(edge, await edge.login("read", client));
    expect((await reader.call("GET", `/v1/jobs/${id}`)).body).not.toHaveProperty("result");
    expect((await reader.call("DELETE", `/v1/jobs/${id}`)).status).toBe(403);
    const stranger = new Poller(edge, await edge.login("client", person("stranger")));
    expect((await stranger.call("GET", `/v1/jobs/${id}`)).status).toBe(404);
    expect((await stranger.call("GET", "/v1/jobs")).body).toMatchObject({ data: [], has_more: false });
  });

  it("is held to what its key and the content filter allow, by its input", async () => {
    const make = async (limits: object): Promise<Poller> => {
      const admin = new Poller(edge, await edge.login("admin", client));
      const { body } = await admin.call("POST", "/v1/keys", { scope: "client", limits });
      return new Poller(edge, (body as { key: string }).key);
    };
    const bound = await make({ models: ["hosted/text"] });
    const benchmark = { workload: "benchmark", input: {} };
    expect((await bound.call("POST", "/v1/jobs", benchmark)).body.error.code).toBe("model_not_allowed");
    const named = { ...benchmark, input: { model: "demo" } };
    expect((await bound.call("POST", "/v1/jobs", named)).body.error.code).toBe("model_not_allowed");
    const refused = await create(text({ messages: [{ role: "user", content: "forbidden words" }] }));
    expect(refused).toMatchObject({ status: 400, body: { error: { code: "content_policy_violation" } } });
  });

  it.each([
    [{ workload: "mining", input: {} }, "unsupported_workload", "workload"],
    [{ workload: "text", input: { model: "hosted/text", messages: "Hi" } }, "invalid_value", "messages"],
    [{ workload: "text", input: { model: "hosted/text", messages: [] } }, "invalid_value", "messages"],
    [{ workload: "text", input: [] }, "invalid_value", "input"],
    [{ workload: "text" }, "invalid_value", "input"],
    [{ workload: "embedding", input: { model: "demo" } }, "invalid_value", "input"],
    [{ ...text(), expires_in_s: 0 }, "invalid_value", "expires_in_s"],
    [{ ...text(), webhook: { url: "https://8.8.8.8/", secret: "short" } }, "invalid_value", "webhook.secret"],
    [{ workload: "text", input: { model: "no-such", prompt: "Hi" } }, "model_not_found", "model"],
  ])("like %j is refused", async (body, code, param) => {
    const answer = await create(body);
    expect(answer.body.error).toMatchObject({ code, details: { param: answer.body.error.param } });
    expect(answer.body.error.param).toContain(param);
    expect([400, 404]).toContain(answer.status);
  });

  it("leaves its contents in no log, no metric and no readable file", async () => {
    const home = edge.app.config.home;
    const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.some(({ parentPath }) => parentPath.endsWith("jobs"))).toBe(true);
    for (const { parentPath, name } of files) expect(readFileSync(join(parentPath, name)).includes(canary)).toBe(false);
    expect(edge.logged.join("")).not.toContain(canary);
    const metrics = await (await fetch(`${edge.url}/metrics`)).text();
    expect(metrics).not.toContain(canary);
    expect(metrics).toMatch(/lode_async_jobs_total\{workload="text",status="succeeded"\} \d/);
  });
});
