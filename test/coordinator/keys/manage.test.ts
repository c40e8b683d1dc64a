import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEdge, type Edge } from "../edge/edge.ts";
import { client, operator, person } from "../fixture.ts";

let edge: Edge;
let admin: string;
const stranger = person("stranger");
beforeAll(async () => {
  edge = await openEdge({ REQUESTS_PER_MINUTE: "100000", LOG_LEVEL: "silent" });
  admin = await edge.login("admin");
});
afterAll(() => edge.stop());

type Made = { key: string; prefix: string; scope: string; account: string; expiresAt: string | null };
type View = { prefix: string; state: string; label: string; limits: object; usage: { total: object } };
async function call(key: string, method: "GET" | "POST" | "PATCH" | "DELETE", url: string, payload?: object) {
  const headers = { authorization: `Bearer ${key}` };
  const answer = await edge.app.inject({ method, url, headers, ...(payload !== undefined && { payload }) });
  return { status: answer.statusCode, body: answer.json<Made & View & { keys: View[]; error: { code: string } }>() };
}
const make = async (fields: object = {}): Promise<Made> => {
  const { status, body } = await call(admin, "POST", "/v1/keys", fields);
  expect(status).toBe(201);
  return body;
};
const opens = async (key: string): Promise<boolean> => (await call(key, "GET", "/v1/keys/self")).status === 200;

describe("an admin key", () => {
  it("makes keys of its account, which it lists without their secrets", async () => {
    const limits = { requestsPerMinute: 7, models: ["demo"], spend: { capWei: "12", period: "day" } };
    const made = await make({ label: "laptop", scope: "read", limits, expiresInSecs: 60 });
    expect(made).toMatchObject({ scope: "read", account: client.address });
    expect(Date.parse(made.expiresAt!)).toBe(edge.clock.nowMs + 60_000);
    const { body } = await call(admin, "GET", "/v1/keys");
    const view = body.keys.find(({ prefix }) => prefix === made.prefix);
    expect(view).toMatchObject({ label: "laptop", state: "active", limits, usage: { total: { spentWei: "0" } } });
    expect(JSON.stringify(body)).not.toContain(made.key.slice(-20));
  });

  it("changes label, limits and end; limits as a whole", async () => {
    const { prefix, key } = await make({ limits: { requestsPerMinute: 7, models: ["demo"] } });
    const { status, body } = await call(admin, "PATCH", `/v1/keys/${prefix}`, {
      label: "new",
      limits: { tokens: { cap: 5, period: "month" } },
      expiresInSecs: 60,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ label: "new", limits: { tokens: { cap: 5, period: "month" } } });
    expect(body.limits).not.toHaveProperty("models");
    expect((await call(key, "GET", "/v1/keys/self")).body).toEqual(body);
  });

  it.each(["a\0b", "a\nb", "a\ud800b"])("refuses %j as a label or model, and goes on", async (text) => {
    for (const fields of [{ label: text }, { limits: { models: [text] } }]) {
      const { status, body } = await call(admin, "POST", "/v1/keys", fields);
      expect([status, body.error.code]).toEqual([400, "invalid_value"]);
    }
    await make({ label: text.replace(/[^ab]/u, "é🙂") });
  });

  it("rotates a key, which is taken for the overlap, and revokes one at once", async () => {
    const old = await make();
    const { status, body: fresh } = await call(admin, "POST", `/v1/keys/${old.prefix}/rotate`, { overlapSecs: 30 });
    expect(status).toBe(201);
    expect([await opens(old.key), await opens(fresh.key)]).toEqual([true, true]);
    edge.clock.nowMs += 30_000;
    expect([await opens(old.key), await opens(fresh.key)]).toEqual([false, true]);
    expect((await call(admin, "DELETE", `/v1/keys/${fresh.prefix}`)).body.state).toBe("revoked");
    expect(await opens(fresh.key)).toBe(false);
  });

  it("rotates without a body too: the old key lives for a day", async () => {
    const old = await make();
    expect((await call(admin, "POST", `/v1/keys/${old.prefix}/rotate`)).status).toBe(201);
    expect(await opens(old.key)).toBe(true);
  });
});

describe("what no key may do", () => {
  it.each([["client"], ["read"], ["miner"]] as const)("a %s key manages nothing but its own end", async (scope) => {
    const [own, other] = [await make({ scope }), await make({ scope })];
    for (const [method, url, payload] of [
      ["POST", "/v1/keys", {}],
      ["GET", "/v1/keys", undefined],
      ["PATCH", `/v1/keys/${own.prefix}`, { label: "x" }],
      ["POST", `/v1/keys/${own.prefix}/rotate`, {}],
      ["DELETE", `/v1/keys/${other.prefix}`, undefined],
    ] as const) {
      expect(await call(own.key, method, url, payload)).toMatchObject({
        status: 403,
        body: { error: { code: "wrong_scope" } },
      });
    }
    expect((await call(own.key, "DELETE", `/v1/keys/${own.prefix}`)).status).toBe(200);
    expect([await opens(own.key), await opens(other.key)]).toEqual([false, true]);
  });

  it("a key of another account is not even there, except for the operator's admin", async () => {
    const made = await make();
    const theirs = await edge.login("admin", stranger);
    for (const [method, url, payload] of [
      ["PATCH", `/v1/keys/${made.prefix}`, { label: "x" }],
      ["POST", `/v1/keys/${made.prefix}/rotate`, {}],
      ["DELETE", `/v1/keys/${made.prefix}`, undefined],
    ] as const) {
      expect((await call(theirs, method, url, payload)).status).toBe(404);
    }
    expect((await call(theirs, "GET", `/v1/keys?account=${client.address}`)).status).toBe(403);
    expect((await call(theirs, "GET", "/v1/keys")).body.keys).toHaveLength(1);
    const operators = await edge.login("admin", operator);
    expect((await call(operators, "GET", `/v1/keys?account=${client.address}`)).body.keys.length).toBeGreaterThan(1);
    expect((await call(operators, "DELETE", `/v1/keys/${made.prefix}`)).body.state).toBe("revoked");
  });

  it("a wallet cannot give itself more requests than the operator gives; the operator can", async () => {
    const { prefix } = await make();
    const limits = { requestsPerMinute: 100_001 };
    expect((await call(admin, "POST", "/v1/keys", { limits })).status).toBe(400);
    expect((await call(admin, "PATCH", `/v1/keys/${prefix}`, { limits })).status).toBe(400);
    const operators = await edge.login("admin", operator);
    expect((await call(operators, "PATCH", `/v1/keys/${prefix}`, { limits })).status).toBe(200);
  });

  it.each([
    ["half a signature", { client: client.address }, 401],
    ["a scope that is none", { scope: "root" }, 400],
    ["a cap below nothing", { limits: { spend: { capWei: "-1", period: "day" } } }, 400],
    ["half a wei", { limits: { spend: { capWei: "0.5", period: "day" } } }, 400],
    ["a number for a cap", { limits: { spend: { capWei: 5, period: "day" } } }, 400],
    ["a period that is none", { limits: { spend: { capWei: "5", period: "hour" } } }, 400],
    ["a limit that is none", { limits: { requests: 5 } }, 400],
    ["no requests at all", { limits: { requestsPerMinute: 0 } }, 400],
  ])("%s makes none", async (_name, payload, status) => {
    const headers: Record<string, string> = status === 401 ? {} : { authorization: `Bearer ${admin}` };
    expect((await edge.app.inject({ method: "POST", url: "/v1/keys", headers, payload })).statusCode).toBe(status);
  });
});

describe("a request with a bounded key", () => {
  it("is refused with 429 when its cap does not cover it, and is not tried again by the public clients", async () => {
    const worker = await edge.miner({ script: [[11, "Hello"]] });
    const { key } = await make({ limits: { spend: { capWei: "1", period: "day" } } });
    const answer = await edge.chat({}, { key });
    expect(answer.status).toBe(429);
    expect(answer.headers.get("x-should-retry")).toBe("false");
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await answer.json()).toMatchObject({ error: { code: "spend_cap_exceeded", type: "insufficient_quota" } });
    expect(worker.jobs).toHaveLength(0);
    const free = await make({ limits: { spend: { capWei: "1000000", period: "day" } } });
    expect((await edge.chat({}, { key: free.key })).status).toBe(200);
    const { body } = await call(free.key, "GET", "/v1/keys/self");
    expect(Number((body.usage.total as { spentWei: string }).spentWei)).toBeGreaterThan(0);
    await edge.disconnect();
  });

  it("is refused for a model that its key may not ask for", async () => {
    const { key } = await make({ limits: { models: ["other"] } });
    const answer = await edge.chat({}, { key });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ error: { code: "model_not_allowed", param: "model" } });
  });
});

describe("what a rotated key kept", () => {
  const respond = async (key: string) => {
    const answer = await fetch(`${edge.url}/v1/responses`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "demo", input: "Hello", max_output_tokens: 40, store: true }),
    });
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { id: string }).id;
  };

  it("is there for the new key when the old one's text was shown, twice over, and else for nobody", async () => {
    await edge.miner({ script: [[11, "Hello"]] });
    const first = await make();
    const id = await respond(first.key);
    const read = async (key: string) => (await call(key, "GET", `/v1/responses/${id}`)).status;
    const second = (await call(admin, "POST", `/v1/keys/${first.prefix}/rotate`, { key: first.key })).body;
    expect([await read(first.key), await read(second.key)]).toEqual([200, 200]);
    const third = (await call(admin, "POST", `/v1/keys/${second.prefix}/rotate`, { key: second.key })).body;
    await call(admin, "DELETE", `/v1/keys/${first.prefix}`);
    expect(await read(third.key)).toBe(200);
    const blind = (await call(admin, "POST", `/v1/keys/${third.prefix}/rotate`, {})).body;
    expect(await read(blind.key)).toBe(404);
    expect((await call(third.key, "DELETE", `/v1/responses/${id}`)).status).toBe(200);
    expect(await read(third.key)).toBe(404);
    await edge.disconnect();
  });

  it("is not given for another key's text", async () => {
    const [one, other] = [await make(), await make()];
    const answer = await call(admin, "POST", `/v1/keys/${one.prefix}/rotate`, { key: other.key });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "other_key" } } });
  });
});
