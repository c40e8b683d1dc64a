import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { PriceCeilingError } from "../../../coordinator/src/plugins/app/market/errors.ts";
import { places } from "../../../coordinator/src/domain/places/places.ts";
import { Floor } from "../../../coordinator/src/plugins/app/market/floor.ts";
import { openEdge, type Edge } from "../edge/edge.ts";
import { demoModel, type Piece, type ScriptedMiner } from "../edge/scripted-miner.ts";
import { readStream } from "../edge/stream.ts";
import { client, person, prices } from "../fixture.ts";

const script = Array.from({ length: 5 }, (_, i): Piece => [100 + i, `w${i} `]);
const pool = person("pool miner").address;

let edge: Edge;
beforeAll(async () => {
  const pools = [`acme=${client.address}+${pool}`, `beta=${person("beta client").address}+${pool}`];
  // Minutes pass at once here: between two of its own looks nobody misses a heartbeat of an hour.
  const heartbeats = { HEARTBEAT_SECS: "3600", SILENT_MS: "700" };
  edge = await openEdge({ POOLS: pools.join(), BAD_DRIVERS: "531.18, 535.43", ...heartbeats });
});
afterEach(() => edge.disconnect());
afterAll(() => edge.stop());

const call = async (method: "GET" | "POST" | "DELETE", url: string, payload?: object, key = edge.key) => {
  const answer = await edge.app.inject({
    method,
    url,
    headers: { authorization: `Bearer ${key}` },
    ...(payload !== undefined && { payload }),
  });
  return { status: answer.statusCode, body: answer.body === "" ? {} : answer.json() };
};
const minersOf = async (
  headers: Readonly<Record<string, string>>,
): Promise<{ status: number; miner: string | null }> => {
  const answer = await edge.chat({}, { headers });
  await answer.text();
  return { status: answer.status, miner: answer.headers.get("x-lode-miner") };
};

/** The same miners in a market whose prices follow it. */
function dynamicFloor(): Floor {
  const { registry, calendar } = edge.ledger;
  const floor = new Floor({
    registry,
    calendar,
    list: prices,
    pricing: "dynamic",
    place: "frankfurt",
    tenancy: new Map(),
    firstTokenMs: 60_000,
    nowMs: () => edge.clock.nowMs,
    random: () => 0.99,
  });
  for (const session of edge.app.hub.sessions) floor.refresh(session);
  return floor;
}

describe("wishes", () => {
  it("for a region are kept, and nobody is asked beyond it", async () => {
    const miner = await edge.miner({ script, place: "frankfurt" });
    await edge.settle([miner]);
    expect(await minersOf({ "x-lode-region": "eu" })).toEqual({ status: 200, miner: miner.address });
    expect((await minersOf({ "x-lode-region": "na,as" })).status).toBe(503);
  });

  it.each([undefined, "atlantis", "tokyo"])(
    "for a region lead to nobody whose place is %s: it may be anywhere",
    async (place) => {
      // No signal comes from Tokyo as soon as this one's.
      const miner = await edge.miner({ script, ...(place !== undefined && { place }) });
      await edge.settle([miner]);
      expect(await minersOf({})).toEqual({ status: 200, miner: miner.address });
      for (const region of ["eu", "as", "eu,na,sa,as,af,me,oc"])
        expect((await minersOf({ "x-lode-region": region })).status).toBe(503);
    },
  );

  it("for an option of its model lead to whoever offers it, however many others do not", async () => {
    for (let i = 0; i < 5; i++) await edge.miner({ script });
    const ask = { inputPriceWei: "3", outputPriceWei: "1000" };
    const able = await edge.miner({ script, ask, models: [{ ...demoModel, vocabulary: 1000 }] });
    const payload = { model: "demo", prompt: [5, 6, 7], max_tokens: 5 };
    const headers = { authorization: `Bearer ${edge.key}` };
    const answer = await edge.app.inject({ method: "POST", url: "/v1/completions", headers, payload });
    expect([answer.statusCode, answer.headers["x-lode-miner"]]).toEqual([200, able.address]);
    expect((await minersOf({})).miner).not.toBe(able.address);
  });

  it("for a latency are a limit", async () => {
    const miner = await edge.miner({ script });
    await edge.settle([miner]);
    expect((await minersOf({ "x-lode-latency": "realtime" })).status).toBe(200);
    edge.app.hub.session(miner.address)!.learn(60_000, 61_000, 5);
    edge.app.floor.refresh(edge.app.hub.session(miner.address)!);
    expect((await minersOf({ "x-lode-latency": "realtime" })).status).toBe(503);
    expect((await minersOf({})).status).toBe(200);
  });

  it("for a pool lead to its miners only, and strangers never get there", async () => {
    const own = await edge.miner({ script, signer: person("pool miner") });
    const open = await edge.miner({ script });
    expect(await minersOf({ "x-lode-pool": "acme" })).toEqual({ status: 200, miner: own.address });
    expect(await minersOf({ "x-lode-pool": "public" })).toEqual({ status: 200, miner: open.address });
    const stranger = await edge.login("client", person("stranger"));
    expect((await edge.chat({}, { headers: { "x-lode-pool": "acme" }, key: stranger })).status).toBe(503);
    open.hangUp();
    await expect.poll(() => edge.app.hub.size).toBe(1);
    expect((await edge.chat({}, { key: stranger })).status).toBe(503);
  });

  it("of the clients of each pool that a miner is in lead to it, and a pool's name is no key to another", async () => {
    const shared = await edge.miner({ script, signer: person("pool miner") });
    const others = await edge.login("client", person("beta client"));
    const asked = async (pool: string, key: string): Promise<[number, string | null]> => {
      const answer = await edge.chat({}, { headers: { "x-lode-pool": pool }, key });
      await answer.text();
      return [answer.status, answer.headers.get("x-lode-miner")];
    };
    expect(await asked("acme", edge.key)).toEqual([200, shared.address]);
    expect(await asked("beta", others)).toEqual([200, shared.address]);
    expect([await asked("acme", others), await asked("beta", edge.key)]).toEqual([
      [503, null],
      [503, null],
    ]);
    expect((await edge.chat({}, { key: others })).status).toBe(200);
  });

  it("for a price leave only miners and prices within it, else say what it costs now", async () => {
    const ask = { inputPriceWei: "2", outputPriceWei: "400" };
    const cheap = await edge.miner({ script, ask });
    await edge.miner({ script, ask: { inputPriceWei: "3", outputPriceWei: "900" } });
    const within = async (input: string, output: string) => {
      const headers = { "x-lode-max-input-price": input, "x-lode-max-output-price": output };
      const answer = await edge.chat({}, { headers });
      const body = (await answer.json()) as { error?: { code: string; message: string } };
      return { status: answer.status, miner: answer.headers.get("x-lode-miner"), ...body.error };
    };
    // The fixture's prices are the list's, whoever does the job.
    expect((await within("3", "1000")).status).toBe(200);
    const dear = await within("3", "999");
    expect(dear).toMatchObject({ status: 402, code: "price_above_ceiling" });
    expect(dear.message).toContain("3 wei for a token read and 1000 for one made");
    expect((await within("2", "1000")).status).toBe(402);
    expect((await within("3", "399")).status).toBe(402);
    // With prices that follow the market each miner has its own.
    const choose = (maxOutputPriceWei: bigint) =>
      dynamic.choose({
        client: client.address,
        model: demoModel,
        tier: 1,
        maxTokens: 40,
        isConstrained: false,
        wishes: { maxOutputPriceWei },
      });
    const dynamic = dynamicFloor();
    const price = (ceiling: bigint): bigint => choose(ceiling)!.price.outputPriceWei;
    const [best] = choose(10_000n)!.found;
    expect(best!.offer.miner).toBe(cheap.address);
    const now = price(10_000n);
    expect(now).toBeGreaterThanOrEqual(400n);
    expect(price(now)).toBe(now);
    expect(() => choose(now - 1n)).toThrow(`${now} for one made`);
    expect(() => choose(0n)).toThrow(PriceCeilingError);
  });

  it.each([
    ["x-lode-max-output-price", "-1"],
    ["x-lode-max-input-price", "0.5"],
    ["x-lode-latency", "soon"],
    ["x-lode-region", "eu,atlantis"],
    ["x-lode-quote", "0x12"],
  ])("that mean nothing are refused: %s %s", async (name, value) => {
    await edge.miner({ script });
    const answer = await edge.chat({}, { headers: { [name]: value } });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { param: name } });
  });
});

describe("a model that a miner has not loaded", () => {
  const slow = { ...demoModel, loadMs: 5000 };
  const told = async (miner: ScriptedMiner, loadMs: number): Promise<void> =>
    expect.poll(() => edge.app.hub.session(miner.address)?.loadMsOf(slow)).toBe(loadMs);

  it("is loaded for a job that has the time, and leaves the others to whoever has it loaded", async () => {
    const cold = await edge.miner({ script, models: [slow] });
    cold.heartbeat("available", { models_loaded: [] });
    await told(cold, 5000);
    expect(await minersOf({})).toEqual({ status: 200, miner: cold.address });
    // The market had counted five seconds of it as loading.
    expect(edge.app.hub.session(cold.address)?.firstTokenMs).toBe(0);
    expect(await minersOf({ "x-lode-latency": "economy" })).toEqual({ status: 200, miner: cold.address });
    expect((await minersOf({ "x-lode-latency": "standard" })).status).toBe(503);
    // Nor does a quote that names no tier give the job a limit that it had not before.
    const { body } = await call("POST", "/v1/quotes", { model: "demo" });
    expect(await minersOf({ "x-lode-quote": body.hash })).toEqual({ status: 200, miner: cold.address });
    const warm = await edge.miner({ script });
    expect(await minersOf({})).toEqual({ status: 200, miner: warm.address });
    expect(await minersOf({ "x-lode-latency": "standard" })).toEqual({ status: 200, miner: warm.address });
    warm.hangUp();
    await expect.poll(() => edge.app.hub.size).toBe(1);
    cold.heartbeat();
    await told(cold, 0);
    expect(await minersOf({ "x-lode-latency": "standard" })).toEqual({ status: 200, miner: cold.address });
  });

  it("is nobody's where the models that work leave no room for it", async () => {
    const miner = await edge.miner({ script, models: [slow] });
    miner.heartbeat("available", { models_loaded: [], models_without_room: [slow.id] });
    await told(miner, Infinity);
    expect((await minersOf({})).status).toBe(503);
    expect(edge.app.floor.slots(slow.digest).total).toBe(0);
    miner.heartbeat("available", { models_loaded: [], models_without_room: [] });
    await told(miner, 5000);
    expect(await minersOf({})).toEqual({ status: 200, miner: miner.address });
  });
});

describe("the way to a city", () => {
  it("is learnt from its quickest line: a slow one, or somebody who answers late, makes no neighbour look far away", () => {
    const floor = dynamicFloor();
    const [frankfurt, tokyo] = ["frankfurt", "tokyo"].map((id) => places.findIndex((one) => one.id === id));
    const wayMs = (): number => floor.latencies.roundTripMs(frankfurt!, tokyo!);
    const prior = wayMs();
    const session = (name: string, roundTripMs: number) => ({
      ...{ miner: person(name).address, roundTripMs, isMeasured: true },
      capabilities: { version: "test", concurrency: 1, models: [], hardware: {}, place: "tokyo" },
    });
    const [quick, slow] = [session("quick", prior), session("slow", 4 * prior)];
    floor.learn(quick);
    for (let pong = 0; pong < 500; pong++) floor.learn(slow);
    expect(wayMs()).toBeCloseTo(prior);
    // What is quickest may grow slower, and others are then.
    floor.learn(session("quick", 5 * prior));
    for (let pong = 0; pong < 500; pong++) floor.learn(slow);
    expect(wayMs()).toBeGreaterThan(3 * prior);
  });
});

describe("a decision", () => {
  it("is explained to whoever asked for the job, and to nobody else", async () => {
    const dear = await edge.miner({ script, ask: { inputPriceWei: "1", outputPriceWei: "1001" } });
    const miner = await edge.miner({ script });
    const answer = await edge.chat({});
    const { id } = (await answer.json()) as { id: string };
    const { status, body } = await call("GET", `/v1/jobs/${id}/explanation`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ chosen: [miner.address], considered: 2 });
    const [first, second] = body.candidates;
    expect(first.miner).toBe(miner.address);
    const terms = Object.values(first.terms as Record<string, number>);
    expect(terms.reduce((sum, term) => sum + term, 0)).toBeCloseTo(first.cost);
    expect(second).toMatchObject({ miner: dear.address, broken: ["price"] });
    const stranger = await edge.login("client", person("stranger"));
    expect((await call("GET", `/v1/jobs/${id}/explanation`, undefined, stranger)).status).toBe(404);
    expect((await call("GET", "/v1/jobs/chatcmpl-none/explanation")).status).toBe(404);
  });
});

describe("a card that may not work", () => {
  const card = {
    mode: "gpu",
    gpu_vram_mb: 8192,
    gpu_vendor: "NVIDIA",
    gpu_compute_capability: 8.9,
    gpu_driver: "550.1",
  };

  it.each<[string, Readonly<Record<string, string | number>>, string]>([
    ["lacks the memory", { gpu_vram_mb: 512 }, "vram"],
    ["is too old", { gpu_compute_capability: 6.1 }, "compute_capability"],
    ["has a driver that computes wrongly", { gpu_driver: "535.43" }, "driver"],
  ])("for it %s gets no job, and the explanation says why", async (_name, change, reason) => {
    const good = await edge.miner({ script, hardware: card });
    const bad = await edge.miner({ script, hardware: { ...card, ...change } });
    const { total } = edge.app.floor.slots(demoModel.digest);
    expect(total).toBe(good.options.concurrency);
    const answer = await edge.chat({});
    const { id } = (await answer.json()) as { id: string };
    expect(answer.headers.get("x-lode-miner")).toBe(good.address);
    const { body } = await call("GET", `/v1/jobs/${id}/explanation`);
    expect(body.candidates).toContainEqual({ miner: bad.address, broken: [reason] });
    good.hangUp();
    await expect.poll(() => edge.app.hub.size).toBe(1);
    expect((await minersOf({})).status).toBe(503);
  });

  it("is no obstacle to a miner that works without it", async () => {
    const miner = await edge.miner({ script, hardware: { ...card, gpu_vram_mb: 512, mode: "cpu" } });
    expect(await minersOf({})).toEqual({ status: 200, miner: miner.address });
  });

  it("grew too hot three times within a day, over however many links", async () => {
    const signer = person("hot miner");
    const state = { vram_used_mb: 1, vram_total_mb: 8192, utilization_pct: 50 };
    let miner = await edge.miner({ script, signer, hardware: card });
    const feels = async (temperature_c: number): Promise<void> => {
      miner.heartbeat("available", { gpu_state: { ...state, temperature_c } });
      await expect.poll(() => edge.app.hub.session(miner.address)?.temperatureC).toBe(temperature_c);
    };
    for (const celsius of [86, 70, 86, 90]) await feels(celsius);
    expect(await minersOf({})).toEqual({ status: 200, miner: miner.address });
    miner.hangUp();
    await expect.poll(() => edge.app.hub.size).toBe(0);
    miner = await edge.miner({ script, signer, hardware: card });
    for (const celsius of [70, 86]) await feels(celsius);
    expect((await minersOf({})).status).toBe(503);
    edge.clock.nowMs += 24 * 3_600_000 + 1;
    await feels(70);
    expect(await minersOf({})).toEqual({ status: 200, miner: miner.address });
  });

  it("fails more than one job in twenty, until that is long ago; a line that breaks is no such failure", async () => {
    const signer = person("failing miner");
    let miner = await edge.miner({ signer });
    const { hub } = edge.app;
    for (let count = 0; count < 20; count++) hub.recordFailure(miner.address, "link_closed");
    const answering = async (code: string): Promise<number> => {
      const answer = edge.chat({});
      const job = await miner.job();
      miner.send({ type: "failed", assignment: job.digest, code, message: "" });
      return (await answer).status;
    };
    for (let count = 0; count < 19; count++) expect(await answering("engine-crashed")).toBe(502);
    // Half of its own failures were the request's fault: such count for nothing.
    expect(await answering("bad-request")).toBeGreaterThanOrEqual(400);
    expect(edge.app.floor.ineligibility(miner.address, demoModel.digest)).toEqual([]);
    expect(await answering("engine-crashed")).toBe(502);
    expect((await minersOf({})).status).toBe(503);
    expect(edge.app.floor.ineligibility(miner.address, demoModel.digest)).toEqual(["errors"]);
    miner.hangUp();
    await expect.poll(() => hub.size).toBe(0);
    edge.clock.nowMs += 24 * 3_600_000;
    miner = await edge.miner({ signer, script });
    expect(await minersOf({})).toEqual({ status: 200, miner: miner.address });
  });
});

describe("what a miner's sensors tell", () => {
  it("weighs in the choice, and is part of its service's score", async () => {
    const [thirsty, thrifty] = [await edge.miner({ script }), await edge.miner({ script })];
    const scoreOf = async ({ address }: ScriptedMiner): Promise<number> => {
      const { body } = await call("GET", `/v1/miners/${address}`);
      return (body as { qos: { score: number } }).qos.score;
    };
    const before = await scoreOf(thrifty);
    const told = { cpu_load_pct: 1, memory_used_mb: 1, memory_total_mb: 2, gpus: [] };
    thirsty.send({ type: "metrics", ...told, tokens_per_kj: 60 });
    thrifty.send({ type: "metrics", ...told, tokens_per_kj: 400 });
    const isTold = ({ address }: ScriptedMiner): boolean => edge.app.hub.session(address)?.metrics !== undefined;
    await expect.poll(() => [thirsty, thrifty].every(isTold)).toBe(true);
    expect(await scoreOf(thrifty)).toBeGreaterThan(before);
    expect(await scoreOf(thirsty)).toBeLessThan(await scoreOf(thrifty));
    const { id } = (await (await edge.chat({})).json()) as { id: string };
    const { body } = await call("GET", `/v1/jobs/${id}/explanation`);
    const candidates = body.candidates as { miner: string; terms: { energy: number } }[];
    const energyOf = ({ address }: ScriptedMiner) => candidates.find(({ miner }) => miner === address)!.terms.energy;
    // In joules a token 16.7 and 2.5, by a reference of 10, in steps.
    expect(energyOf(thirsty)).toBeCloseTo(0.17);
    expect(energyOf(thrifty)).toBeCloseTo(0.03);
  });
});

describe("what a miner says of its network and its energy", () => {
  it.each([
    ["a network of less than 10 MB/s is a strain", { network_mbs: 9.9 }, "load", 0.075],
    ["one of 10 is none", { network_mbs: 10 }, "load", 0],
    ["energy at half the price weighs half", { watts: 300, energy_relative_price: 0.5 }, "energy", 0.05],
  ])("weighs in the choice: %s", async (_name, hardware, term, value) => {
    const miner = await edge.miner({ script, hardware });
    const session = edge.app.hub.session(miner.address)!;
    // 31 tokens within a second behind the first: 300 W are ten joules for each.
    session.learn(0, 1000, 31);
    edge.app.floor.refresh(session);
    const { id } = (await (await edge.chat({})).json()) as { id: string };
    const { body } = await call("GET", `/v1/jobs/${id}/explanation`);
    expect(body.candidates[0].terms[term]).toBeCloseTo(value);
  });
});

describe("a miner's record", () => {
  it("is kept over links and shown", async () => {
    const miner = await edge.miner({ script });
    await minersOf({});
    const url = `/v1/miners/${miner.address}`;
    await expect.poll(() => call("GET", url)).toMatchObject({ body: { completed: 1 } });
    miner.hangUp();
    await expect.poll(() => call("GET", url)).toMatchObject({ body: { online: false } });
    const again = await edge.miner({ script, signer: miner.options.signer });
    const { body } = await call("GET", url);
    expect(body).toMatchObject({ completed: 1, failed: 0, sessions: 2, online: true, trusted: false });
    expect(body.trust).toBeGreaterThan(0.2);
    expect(again.address).toBe(miner.address);
    expect((await call("GET", `/v1/miners/0x${"77".repeat(20)}`)).status).toBe(404);
  });

  it("holds reviews of jobs that were paid for, one each", async () => {
    const miner = await edge.miner({ script });
    const { id } = (await (await edge.chat({})).json()) as { id: string };
    const review = { job: id, stars: 4 };
    const stranger = await edge.login("client", person("stranger"));
    expect((await call("POST", "/v1/reviews", review, stranger)).status).toBe(404);
    expect(await call("POST", "/v1/reviews", review)).toEqual({ status: 201, body: { reviewed: 1 } });
    const receipts = (await edge.ledger.receipts(id)).map(({ receipt }) => receipt.assignment);
    expect((await call("POST", "/v1/reviews", { ...review, job: receipts[0] })).status).toBe(409);
    expect((await call("GET", `/v1/miners/${miner.address}`)).body.reviews).toEqual({ stars: 4, count: 1 });
  });
});

describe("a booking", () => {
  it("keeps its slots from others while it runs, and can be given back", async () => {
    const miner = await edge.miner({ script, concurrency: 2 });
    const at = (ms: number): string => new Date(edge.clock.nowMs + ms).toISOString();
    const wanted = { model: "demo", slots: 1, from: at(120_000), to: at(400_000) };
    expect((await call("POST", "/v1/bookings", { ...wanted, slots: 2 })).body).toMatchObject({
      error: { code: "booking_no_room" },
    });
    const { status, body } = await call("POST", "/v1/bookings", wanted);
    expect(status).toBe(201);
    edge.clock.nowMs += 130_000;
    miner.heartbeat();
    await expect.poll(() => edge.app.hub.session(miner.address)?.lastSeenMs).toBe(edge.clock.nowMs);
    const busy = await edge.miner({ concurrency: 1, models: [{ ...demoModel, id: "other" }] });
    busy.hangUp();
    await expect.poll(() => edge.app.hub.size).toBe(1);
    const stranger = await edge.login("client", person("stranger"));
    // Two free slots, one of them kept: a stranger gets one, and then none.
    const slots = edge.app.floor.slots(demoModel.digest);
    expect(slots).toMatchObject({ total: 2, used: 0 });
    expect((await edge.chat({}, { key: stranger })).status).toBe(200);
    miner.heartbeat("draining");
    await expect.poll(() => edge.app.floor.slots(demoModel.digest).total).toBe(0);
    const small = await edge.miner({ script, concurrency: 1 });
    expect((await edge.chat({}, { key: stranger })).status).toBe(503);
    expect(await minersOf({})).toEqual({ status: 200, miner: small.address });
    expect((await call("DELETE", `/v1/bookings/${body.id}`, undefined, stranger)).status).toBe(404);
    expect((await call("GET", "/v1/bookings")).body.data).toMatchObject([{ id: body.id }]);
    expect((await call("DELETE", `/v1/bookings/${body.id}`)).status).toBe(204);
    expect((await edge.chat({}, { key: stranger })).status).toBe(200);
  });
});

describe("a miner that gives no sign of life", () => {
  it("gets no more work for the job that it had got just before", async () => {
    const scripted = await edge.miner({ script });
    const floor = dynamicFloor();
    const session = edge.app.hub.session(scripted.address);
    const [model] = session?.capabilities.models ?? [];
    if (session === undefined || model === undefined) throw new Error("the miner is not linked");
    const request = { client: client.address, model, tier: 0, maxTokens: 5, isConstrained: false, wishes: {} };
    expect(floor.choose(request)?.found).toHaveLength(1);
    floor.served(session, model.digest);
    expect(floor.choose(request)?.found).toHaveLength(1);
    floor.served(session, model.digest);
    session.isQuiet = true;
    floor.refresh(session);
    expect(floor.choose(request)).toBeUndefined();
    expect(floor.slots(model.digest).total).toBe(0);
    session.isQuiet = false;
    floor.refresh(session);
    expect(floor.choose(request)?.found).toHaveLength(1);
  });

  it("loses its job long before its time between tokens is over, and gets work again when it is heard", async () => {
    const [first, second] = (await edge.inOrder([await edge.miner(), await edge.miner()])) as [
      ScriptedMiner,
      ScriptedMiner,
    ];
    const answering = edge.chat({ stream: true, max_tokens: 5 }).then(readStream);
    const job = await first.job();
    first.tokens(job, script.slice(0, 2));
    await expect.poll(() => edge.app.hub.session(first.address)?.streams.values().next().value?.ids.length).toBe(2);
    // Nothing is read any more, not even pings, and the socket stays open.
    first.socket.pause();
    const next = await second.job();
    expect(next.message.prefixTokens).toEqual([100, 101]);
    await second.finish(next, script.slice(2));
    expect(await answering).toMatchObject({ text: script.map(([, piece]) => piece).join(""), isDone: true });
    expect(edge.app.hub.session(first.address)?.isQuiet).toBe(true);
    first.socket.resume();
    await expect.poll(() => edge.app.hub.session(first.address)?.isQuiet).toBe(false);
  });
});
