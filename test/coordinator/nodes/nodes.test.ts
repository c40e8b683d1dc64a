import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEdge, type Edge } from "../edge/edge.ts";
import { host, person } from "../fixture.ts";
import { Poller } from "../miner/poller.ts";

const wallet = person("node owner");
const day = 86_400_000;
let edge: Edge;
let key: string;
let owner: Poller;
beforeAll(async () => {
  edge = await openEdge({}, { host });
  key = await edge.login("miner", wallet);
  owner = new Poller(edge, key);
});
afterAll(() => edge.stop());

const gpu = { name: "RTX 3060", temperature_c: 61, vram_used_mb: 100, vram_total_mb: 12_288, utilization_pct: 40 };
const registration = {
  node_id: "stick-1",
  hardware: { gpus: [gpu], ram_mb: 32_000, cpu: "Ryzen" },
  location: { city: "Graz", country: "AT" },
  capabilities: { workloads: ["text"], concurrency: 2 },
  version: "1.0",
};
const tokenOf = async (fields: object = {}): Promise<string> => {
  const { status, body } = await owner.call("POST", "/nodes/register", { ...registration, ...fields });
  expect(status).toBe(201);
  return (body as { token: string }).token;
};

describe("a machine that registers", () => {
  it("gets a token for 30 days, with which it reports and polls", async () => {
    const { body } = await owner.call("POST", "/nodes/register", registration);
    expect(Date.parse(body.expires_at)).toBe(Math.floor(edge.clock.nowMs / 1000) * 1000 + 30 * day);
    const token = (body as { token: string }).token;
    const [header = "", claims = ""] = token.split(".").map((part) => Buffer.from(part, "base64url").toString());
    expect(JSON.parse(header)).toEqual({ alg: "HS256", typ: "JWT" });
    expect(JSON.parse(claims)).toMatchObject({ sub: wallet.address, node: "stick-1" });
    const machine = new Poller(edge, token, "stick-1");
    const metrics = {
      cpu: { utilization_pct: 30 },
      ram: { used_mb: 9_000, total_mb: 32_000 },
      gpus: [{ ...gpu, utilization_pct: 80 }],
      network: { latency_ms: 12, rx_mbps: 5 },
    };
    expect(await machine.call("POST", "/nodes/metrics", metrics)).toMatchObject({
      status: 200,
      body: { ok: true, next_in_s: 60 },
    });
    expect((await machine.next()).status).toBe(204);
    const answering = edge.chat({ model: "hosted/text" });
    const job = await machine.job();
    expect((await machine.prove(job.id, "from the stick")).status).toBe(200);
    expect((await answering).status).toBe(200);
    const { nodes } = (await machine.call("GET", "/nodes")).body;
    expect(nodes).toEqual([
      {
        id: "stick-1",
        account: wallet.address,
        interface: "poll",
        status: "available",
        registered_at: new Date(edge.clock.nowMs).toISOString(),
        last_seen_at: new Date(edge.clock.nowMs).toISOString(),
        load: 0.8,
        gpus: [{ ...gpu, utilization_pct: 80 }],
        cpu_pct: 30,
        ram_used_mb: 9_000,
        ram_total_mb: 32_000,
        network_latency_ms: 12,
        workloads: ["text"],
        concurrency: 2,
        location: "Graz, AT",
        version: "1.0",
      },
    ]);
  });

  it("keeps its name while it is known by any of the three interfaces", async () => {
    const agent = { agent_id: "rig", status: "busy", current_load: 0.9, gpu_state: gpu, models_loaded: ["llama"] };
    expect((await owner.call("POST", "/v1/agents/heartbeat", agent)).status).toBe(200);
    const rig = new Poller(edge, key, "rig");
    await rig.heartbeat({ gpu });
    await tokenOf({ node_id: "rig", capabilities: ["benchmark"] });
    const { nodes } = (await owner.call("GET", "/nodes")).body;
    expect((nodes as { id: string }[]).filter(({ id }) => id === "rig")).toEqual([
      expect.objectContaining({
        interface: "node",
        load: 0.9,
        models: ["llama"],
        mode: "cpu",
        gpus: [gpu],
        workloads: ["benchmark"],
      }),
    ]);
  });

  it("is another one under another account", async () => {
    const other = new Poller(edge, await edge.login("miner", person("someone else")), "stick-1");
    expect((await other.call("GET", "/nodes")).body.nodes).toEqual([]);
    expect((await other.next()).status).toBe(404);
  });
});

describe("a machine's token", () => {
  it("speaks for that machine only", async () => {
    const machine = new Poller(edge, await tokenOf(), "stick-1");
    for (const [path, body] of [
      ["/nodes/register", { node_id: "other" }],
      ["/nodes/metrics", { node_id: "other" }],
      ["/v1/miner/heartbeat", { miner_id: "other" }],
      ["/v1/agents/heartbeat", { agent_id: "other", status: "available", current_load: 0 }],
    ] as const) {
      expect((await machine.call("POST", path, body)).body.error.code).toBe("other_machine");
    }
    expect((await machine.call("GET", "/v1/miner/next?miner=rig")).status).toBe(403);
  });

  it("is refused when it is changed, of another kind, or of no client's scope", async () => {
    const token = await tokenOf();
    const [header, claims, signature] = token.split(".") as [string, string, string];
    const forge = (change: object): string =>
      Buffer.from(
        JSON.stringify({ ...(JSON.parse(Buffer.from(claims, "base64url").toString()) as object), ...change }),
      ).toString("base64url");
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
    for (const bad of [
      `${header}.${forge({ sub: host.address })}.${signature}`,
      `${header}.${forge({ exp: 9e9 })}.${signature}`,
      `${none}.${claims}.`,
      `${none}.${claims}.${signature}`,
      `${header}.${claims}.${signature}x`,
      `${header}.${claims}.${signature}.x`,
      `${header}.${claims}`,
    ]) {
      expect((await new Poller(edge, bad).call("GET", "/nodes")).status).toBe(401);
    }
    expect((await new Poller(edge, token).call("GET", "/nodes")).status).toBe(200);
    expect((await edge.chat({}, { key: token })).status).toBe(403);
  });

  it("ends with the key that registered it, and after 30 days", async () => {
    const short = await edge.login("miner", wallet);
    const { token } = (await new Poller(edge, short).call("POST", "/nodes/register", { node_id: "tmp" })).body;
    const machine = new Poller(edge, token, "tmp");
    expect((await machine.call("POST", "/nodes/metrics", {})).status).toBe(200);
    await edge.ledger.keys.revoke(short.slice(5, 13));
    expect((await machine.call("POST", "/nodes/metrics", {})).status).toBe(401);

    const long = new Poller(edge, await tokenOf(), "stick-1");
    edge.clock.nowMs += 30 * day - 2000;
    expect((await long.call("POST", "/nodes/metrics", {})).status).toBe(200);
    edge.clock.nowMs += 2000;
    expect((await long.call("POST", "/nodes/metrics", {})).status).toBe(401);
  });
});

describe("figures", () => {
  it("of a machine that never registered are refused, and need a name", async () => {
    expect((await owner.call("POST", "/nodes/metrics", { node_id: "unheard" })).body.error.code).toBe("unknown_node");
    expect((await owner.call("POST", "/nodes/metrics", {})).body.error.code).toBe("missing_node_id");
    expect((await owner.call("POST", "/nodes/register", { hardware: {} })).status).toBe(400);
    expect((await new Poller(edge, edge.key).call("GET", "/nodes")).status).toBe(403);
  });

  it("stop when a machine is silent: degraded after one heartbeat, offline after three", async () => {
    await tokenOf({ node_id: "quiet" });
    const statusOf = async (): Promise<string> => {
      const { nodes } = (await owner.call("GET", "/nodes")).body;
      return (nodes as { id: string; status: string }[]).find(({ id }) => id === "quiet")!.status;
    };
    expect(await statusOf()).toBe("available");
    edge.clock.nowMs += 46_000;
    expect(await statusOf()).toBe("degraded");
    edge.clock.nowMs += 60_000;
    expect(await statusOf()).toBe("offline");
  });

  it("are of at most 64 machines for an account", async () => {
    const many = new Poller(edge, await edge.login("miner", person("many machines")));
    const register = (id: string) => many.call("POST", "/nodes/register", { node_id: id });
    for (let i = 0; i < 64; i++) expect((await register(`m${i}`)).status).toBe(201);
    expect(await register("one-more")).toMatchObject({ status: 429, body: { error: { code: "too_many_machines" } } });
    expect((await register("m3")).status).toBe(201);
    edge.clock.nowMs += 120_000;
    expect((await register("one-more")).status).toBe(201);
  });
});
