import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageIds, transcriptProblem } from "@lode/protocol";
import { checkReceipt } from "@lode/sdk/audit";
import type { Hex } from "@lode/sdk/hash";
import { finishReason, fromWire, tier } from "@lode/sdk/typed-data";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ChainReader } from "../../../miner/src/chain/chain.ts";
import { policyOf, firstState } from "../../../miner/src/daemon/conditions/conditions.ts";
import {
  MinerStore,
  runDaemon,
  Station,
  type DaemonOptions,
  type MinerEvent,
} from "../../../miner/src/daemon/index.ts";
import { openUpstream, type Engine } from "../../../miner/src/engines/index.ts";
import { openEdge, type Edge } from "../../coordinator/edge/edge.ts";
import { addresses, client, operator, person, prices, word } from "../../coordinator/fixture.ts";
import { until } from "../../helpers/books.ts";
import { pngOf } from "../../helpers/pictures.ts";
import { json, openServer } from "../engines/upstream/server.ts";
import { openPlainProxy } from "./plain-proxy.ts";
import { hanging, letters, scriptedEngine, type Script } from "./scripted-engine.ts";

/** A chain on which every coordinator is staked and signs with its own key. */
const chain = {
  addresses,
  contracts: { staking: {} },
  client: {
    readContract: async ({ functionName }: { functionName: string }) => functionName === "isActive" || operator.address,
  },
} as unknown as ChainReader;

const card = { name: "RTX 4060", power_w: 95, temperature_c: 61 };

interface Running {
  readonly events: MinerEvent[];
  readonly station: Station;
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

describe("the daemon", { timeout: 180_000 }, () => {
  let folder: string;
  let store: MinerStore;
  /** Kept for all tests: each opens a database. */
  const edges: Edge[] = [];
  let used = 0;
  const daemons: Running[] = [];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "lode-daemon-"));
    store = await MinerStore.open(folder, () => undefined);
  });
  afterEach(async () => {
    for (const daemon of daemons.splice(0)) await daemon.stop().catch(() => undefined);
    for (const edge of edges) {
      await edge.disconnect();
      edge.chain.isStaked = true;
    }
    used = 0;
    await store.close();
    rmSync(folder, { recursive: true });
  });

  afterAll(async () => {
    for (const edge of edges) await edge.stop();
  });

  async function edgeOf(): Promise<Edge> {
    const edge = edges[used] ?? (await openEdge());
    edges[used] = edge;
    used += 1;
    return edge;
  }

  function start(urls: readonly string[], script: Script, changes: Partial<DaemonOptions> = {}): Running {
    const [stop, events, station] = [new AbortController(), [] as MinerEvent[], new Station(2)];
    const signer = person("daemon");
    const ended = runDaemon({
      ...{ coordinatorUrls: urls, chain, miner: signer.address, signer, store, station },
      ...{ models: [{ id: "demo", engine: scriptedEngine(script) }], askInputWei: 0n, askOutputWei: 0n },
      hardware: {},
      version: "test",
      pollSecs: 1,
      machineMetrics: () => ({
        cpu_load_pct: 12,
        memory_used_mb: 1,
        memory_total_mb: 2,
        gpus: [card],
        energy_joules: 90,
      }),
      energyMark: () => undefined,
      signal: stop.signal,
      nowMs: () => edges[0]!.clock.nowMs,
      steadyMs: () => edges[0]!.clock.nowMs,
      random: () => 0,
      emit: (event) => events.push(event),
      ...changes,
    });
    const running = {
      ...{ events, station, ended },
      async stop() {
        stop.abort();
        await ended;
      },
    };
    ended.catch(() => undefined);
    daemons.push(running);
    return running;
  }

  const miner = person("daemon").address;
  const ready = (edge: Edge): Promise<void> =>
    until("the miner is ready", async () => edge.app.hub.session(miner)?.isResumed === true);

  it("serves several coordinators at once, and tells each how its machine is", async () => {
    const [one, two] = [await edgeOf(), await edgeOf()];
    const { events } = start([one.url, two.url], letters(3));
    for (const edge of [one, two]) {
      await ready(edge);
      const answer = await edge.chat({});
      // What the coordinator tells a client of a failure is not why.
      expect(answer.status, edge.logged.slice(-20).join("")).toBe(200);
      expect(await answer.json()).toMatchObject({ choices: [{ message: { content: "xxx" } }] });
      await until("its minute is told", async () => edge.app.hub.session(miner)?.metrics !== undefined);
      expect(edge.app.hub.session(miner)?.metrics).toMatchObject({ cpu_load_pct: 12, energy_joules: 90 });
      const figures = await (await fetch(`${edge.url}/metrics`)).text();
      expect(figures).toContain("lode_miners_gpu_power_watts 95");
      expect(figures).toContain("lode_miners_gpu_hottest_celsius 61");
    }
    const connected = events.flatMap((event) => (event.event === "connected" ? event.url : []));
    expect(connected.sort()).toEqual([one.url, two.url].sort());
  });

  it("serves several models over one link, each by its own engine, and refuses one that has no room", async () => {
    const edge = await edgeOf();
    const place = { hasRoom: true, isLoaded: true };
    const other: Engine = Object.defineProperties(scriptedEngine(letters(2), { modelDigest: word("other model") }), {
      hasRoom: { get: () => place.hasRoom },
      isLoaded: { get: () => place.isLoaded },
      loadMs: { value: 1234.5 },
    });
    const models = [
      { id: "demo", engine: scriptedEngine(letters(3)) },
      { id: "other", engine: other },
    ];
    const { events, station } = start([edge.url], letters(0), { models });
    await ready(edge);
    expect(edge.app.hub.session(miner)?.capabilities.models).toMatchObject([{ id: "demo" }, { loadMs: 1235 }]);
    const said = async (model: string): Promise<unknown> => (await edge.chat({ model })).json();
    expect(await said("demo")).toMatchObject({ model: "demo", choices: [{ message: { content: "xxx" } }] });
    expect(await said("other")).toMatchObject({ model: "other", choices: [{ message: { content: "xx" } }] });
    place.hasRoom = false;
    expect((await edge.chat({ model: "other" })).status).toBe(503);
    expect(events).toContainEqual(expect.objectContaining({ event: "refused", code: "no_memory" }));
    expect((await edge.chat({ model: "demo" })).status).toBe(200);
    // A coordinator that was told asks for it no more.
    place.isLoaded = false;
    station.announce();
    await until("it is told", async () => edge.app.hub.session(miner)?.shelved?.withoutRoom.has("other") === true);
    expect((await edge.chat({ model: "other" })).status).toBe(503);
    place.hasRoom = true;
    station.announce();
    await until("it is told", async () => edge.app.hub.session(miner)?.shelved?.withoutRoom.size === 0);
    expect((await edge.chat({ model: "other" })).status).toBe(200);
  });

  it("computes vectors where there is memory for them, and refuses them before any work where there is not", async () => {
    const edge = await edgeOf();
    const other = { modelDigest: word("other model") };
    const embed: Engine["embed"] = async () => ({ tokenIds: [1, 2], vector: Float32Array.of(1, 0) });
    const models = [
      { id: "demo", engine: { ...scriptedEngine(letters(3)), embed } },
      { id: "other", engine: { ...scriptedEngine(letters(3), { ...other, embeds: false }), embed } },
    ];
    const { events } = start([edge.url], letters(0), { models });
    await ready(edge);
    const ask = async (model: string): Promise<number> => {
      const answer = await fetch(`${edge.url}/v1/embeddings`, {
        ...{ method: "POST", headers: { authorization: `Bearer ${edge.key}`, "content-type": "application/json" } },
        body: JSON.stringify({ model, input: ["text"] }),
      });
      return answer.status;
    };
    expect(await ask("demo")).toBe(200);
    expect(await ask("other")).toBe(503);
    expect(events.filter(({ event }) => event === "refused")).toMatchObject([{ code: "no_memory" }]);
    expect((await edge.chat({ model: "other" })).status).toBe(200);
  });

  it("offers a model that comes while it serves, over the link that it has", async () => {
    const edge = await edgeOf();
    const models = [{ id: "demo", engine: scriptedEngine(letters(3)) }];
    const { events, station } = start([edge.url], letters(0), { models });
    await ready(edge);
    const engine = scriptedEngine(letters(2), { modelDigest: word("late model"), engineClass: word("late class") });
    expect((await edge.chat({ model: "late" })).status).toBe(404);
    models.push({ id: "late", engine });
    station.announce();
    await until("it is offered", async () => edge.app.hub.session(miner)?.offers(word("late model")) !== undefined);
    const answer = await edge.chat({ model: "late" });
    expect(await answer.json()).toMatchObject({ model: "late", choices: [{ message: { content: "xx" } }] });
    expect((await edge.chat({ model: "demo" })).status).toBe(200);
    expect(events.filter(({ event }) => event === "connected")).toHaveLength(1);
  });

  it("is told what is asked for, and works on where that cannot be kept", async () => {
    const edge = await edgeOf();
    const lists: [string, unknown][] = [];
    const { events } = start([edge.url], letters(3), {
      onWanted: async (url, wanted) => {
        lists.push([url, wanted]);
        if (lists.length > 1) throw new Error("the disk is full");
      },
    });
    await ready(edge);
    const digest = `0x${"ab".repeat(32)}` as const;
    const session = edge.app.hub.session(miner)!;
    // A later version may say more about each.
    session.send({ type: "wanted", models: [{ digest, id: "demo:7b", waiting: 3 } as { digest: typeof digest }] });
    session.send({ type: "wanted", models: [] });
    await until("both lists", async () => events.some(({ event }) => event === "warning"));
    expect(lists).toEqual([
      [edge.url, [{ digest, id: "demo:7b", waiting: 3 }]],
      [edge.url, []],
    ]);
    expect((await edge.chat({})).status).toBe(200);
  });

  it.each([
    ["with slots for all", 4, [4, 3, 2]],
    ["with slots for two of them", 2, [2]],
    ["with one slot", 1, []],
  ])("starts jobs together that its coordinator says come together, %s", async (_name, slots, hinted) => {
    const edge = await edgeOf();
    const groups: number[] = [];
    let thisTurn = 0;
    const close = (): void => {
      groups.push(thisTurn);
      thisTurn = 0;
    };
    const counting: Script = (request, signal) => {
      if ((thisTurn += 1) === 1) setImmediate(close);
      return letters(3)(request, signal);
    };
    const { events } = start([edge.url], counting, { station: new Station(slots) });
    await ready(edge);
    const answer = await edge.chat({ n: 4 });
    const { id, choices } = (await answer.json()) as { id: string; choices: unknown[] };
    expect(choices).toHaveLength(4);
    const batches = events.flatMap((event) => (event.event === "job" ? [event.batch] : []));
    expect(batches.filter((batch) => batch !== undefined)).toEqual(hinted);
    expect(batches).toHaveLength(4);
    expect(groups.reduce((sum, size) => sum + size, 0)).toBe(4);
    if (slots === 4) expect(groups).toEqual([4]);
    const headers = { authorization: `Bearer ${edge.key}` };
    const why = (await edge.app.inject({ url: `/v1/jobs/${id}/explanation`, headers })).json<{ batchHint?: object }>();
    const [size] = hinted;
    expect(why.batchHint).toEqual(size === undefined ? undefined : { miner, size, windowMs: 10 });
  });

  it.each([
    ["in time", 1999, 3009n],
    ["too late", 2000, 2106n],
  ])("signs for a first token %s at what its quote leaves of the price", async (_name, ms, paidWei) => {
    const edge = await edgeOf();
    const { debitedWei } = await edge.ledger.clientBalance(client.address);
    const slow: Script = async function* (request, signal) {
      // The clock is the test's own: nothing here depends on how busy the machine is.
      edge.clock.nowMs += ms;
      yield* letters(3)(request, signal);
    };
    const { events } = start([edge.url], slow);
    await ready(edge);
    const answer = await edge.chat({}, { headers: { "x-lode-latency": "standard" } });
    const { lode } = (await answer.json()) as { lode: { amountWei: string; refundWei?: string; receipts: string[] } };
    expect(lode.amountWei).toBe(paidWei.toString());
    expect(lode.refundWei).toBe(paidWei === 3009n ? undefined : (3009n - paidWei).toString());
    await until("its confirmation", async () => events.some(({ event }) => event === "accepted"));
    expect((await edge.ledger.clientBalance(client.address)).debitedWei - debitedWei).toBe(paidWei);
    const [entry] = await edge.ledger.receipts(lode.receipts[0]!);
    const shown = { head: undefined, headPath: undefined, chain: undefined, anchorPath: undefined };
    const { checks } = checkReceipt({ addresses, coordinator: operator.address, entry: entry!, ...shown });
    expect(checks.filter(({ verdict }) => verdict === "failed")).toEqual([]);
    expect(checks).toContainEqual({ name: "amount_right", verdict: "passed" });
  });

  it("paints through a server, and its receipt is one that an audit takes", async () => {
    const edge = await edgeOf();
    // Of several frames, over a real connection to the server and to the coordinator.
    const picture = pngOf(256, 128, 500_000);
    const server = await openServer({
      "/v1/images/generations": json({ data: [{ b64_json: picture.toString("base64") }] }),
    });
    const engine = await openUpstream({ url: server.url, model: "m", kind: "image", sequences: 2 });
    const { events } = start([edge.url], letters(0), { models: [{ id: "painter", engine }] });
    await ready(edge);
    const ask = (n: number): Promise<Response> =>
      fetch(`${edge.url}/v1/images/generations`, {
        method: "POST",
        headers: { authorization: `Bearer ${edge.key}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "painter", prompt: "a cat", size: "256x128", n }),
      });
    const answer = await ask(2);
    expect(answer.status).toBe(200);
    const { data, lode } = (await answer.json()) as {
      data: { b64_json: string }[];
      lode: { amountWei: string; receipts: string[] };
    };
    expect(data.map(({ b64_json }) => Buffer.from(b64_json, "base64").equals(picture))).toEqual([true, true]);
    // "a cat" is two pieces, and 256x128 are 8 x 4 squares.
    expect(lode.amountWei).toBe(String(2n * (2n * prices.inputPriceWei + 32n * prices.outputPriceWei)));
    await until("both are in the log", async () => events.filter(({ event }) => event === "accepted").length === 2);
    for (const digest of lode.receipts) {
      const [entry] = await edge.ledger.receipts(digest);
      expect(entry!.receipt).toMatchObject({ inputTokens: 2, outputTokens: 32, finishReason: finishReason.stop });
      const shown = { head: undefined, headPath: undefined, chain: undefined, anchorPath: undefined };
      const { checks } = checkReceipt({ addresses, coordinator: operator.address, entry: entry!, ...shown });
      expect(checks.filter(({ verdict }) => verdict === "failed")).toEqual([]);
      expect(checks).toContainEqual({ name: "amount_right", verdict: "passed" });
      // What a client may demand to be opened is the picture's own tokens.
      const job = store.jobs.get(digest as Hex)!;
      // Transcripts lie by the system's days, and this market has a clock of its own.
      const [startedAtMs, finishedAtMs] = [BigInt(Date.now()), BigInt(Date.now())];
      const transcript = await store.transcripts.find({
        ...job,
        receipt: { ...job.receipt!, startedAtMs, finishedAtMs },
      });
      expect(transcript?.outputIds).toEqual(imageIds(picture, 32));
      const assignment = fromWire("Assignment", entry!.assignment);
      expect(transcriptProblem(transcript!, assignment, fromWire("Receipt", entry!.receipt))).toBeUndefined();
      expect(assignment).toMatchObject({ tier: tier.hash, maxOutputTokens: 32 });
    }
    // A server that is down is no picture, and nothing is paid.
    await server.close();
    const debitedWei = (await edge.ledger.clientBalance(client.address)).debitedWei;
    expect((await ask(1)).status).toBe(502);
    expect((await edge.ledger.clientBalance(client.address)).debitedWei).toBe(debitedWei);
    await engine.close();
  });

  it("goes on with the others where one refuses for good, and ends when all do", async () => {
    const [good, bad] = [await edgeOf(), await edgeOf()];
    bad.chain.isStaked = false;
    const { events, ended } = start([good.url, bad.url], letters(1));
    await until("the refusal", async () => events.some(({ event }) => event === "warning"));
    await ready(good);
    expect(await Promise.race([ended.then(() => "ended"), good.chat({}).then(({ status }) => status)])).toBe(200);
    const alone = start([bad.url], letters(1));
    await expect(alone.ended).rejects.toMatchObject({ code: "refused" });
  });

  it("ends where another process connects with its key: that one serves, and neither throws the other out for ever", async () => {
    const edge = await edgeOf();
    const older = start([edge.url], letters(1));
    await ready(edge);
    const newer = start([edge.url], letters(1));
    await expect(older.ended).rejects.toMatchObject({
      code: "refused",
      message: expect.stringMatching(/Another process connected as 0x\w{40}; stop one of the two/) as string,
    });
    await ready(edge);
    expect((await edge.chat({})).status).toBe(200);
    expect(newer.events.filter(({ event }) => event === "disconnected")).toEqual([]);
  });

  it("slots are one number over all links", async () => {
    const [one, two] = [await edgeOf(), await edgeOf()];
    const { station } = start(
      [one.url, two.url],
      hanging(() => undefined),
    );
    await Promise.all([ready(one), ready(two)]);
    const clients = new AbortController();
    const asked = [one, two].map((edge) => edge.chat({ stream: true }, { signal: clients.signal }));
    await until("both run", async () => station.running === 2);
    await until("both know", async () => [one, two].every((edge) => edge.app.hub.session(miner)?.streams.size === 1));
    clients.abort();
    await Promise.allSettled(asked);
    await until("both have ended", async () => station.running === 0);
  });

  it("links over plain HTTP where no WebSocket gets through, and serves as always", async () => {
    const edge = await edgeOf();
    const proxy = await openPlainProxy(edge.url);
    try {
      const { events } = start([proxy.url], letters(150));
      const ends = (): string[] => events.flatMap((event) => (event.event === "disconnected" ? event.reason : []));
      // To the coordinator the proxy is a stranger's place: what the miner signed for it is worth nothing.
      await until("its hello is refused", async () => ends().some((reason) => reason.includes("PUBLIC_URL")));
      expect(edge.app.hub.size).toBe(0);
      edge.isAlsoAt(proxy.url);
      await ready(edge);
      expect(proxy.refused()).toBeGreaterThan(0);
      const before = ends().length;
      const answers = await Promise.all([1, 2, 3].map(async () => (await edge.chat({ max_tokens: 200 })).json()));
      for (const answer of answers)
        expect(answer).toMatchObject({ choices: [{ message: { content: "x".repeat(150) } }] });
      await until("its receipts are in", async () => events.filter(({ event }) => event === "accepted").length === 3);
      // A lost answer is asked for again, and nothing comes twice.
      proxy.dropNext(2);
      const again = await (await edge.chat({ max_tokens: 200 })).json();
      expect(again).toMatchObject({ choices: [{ message: { content: "x".repeat(150) } }] });
      expect(events.some(({ event }) => event === "distrust" || event === "warning")).toBe(false);
      expect(ends()).toHaveLength(before);
    } finally {
      await proxy.close();
    }
  });

  describe("by its conditions", () => {
    const policy = { ...policyOf(firstState), relinks: false };
    const hot = { ...policy, takesWork: false, status: "degraded" as const, reason: "It has 85 °C or more." };

    it("tells at once that it takes no work, and again that it does", async () => {
      const edge = await edgeOf();
      const { station } = start([edge.url], letters(1));
      await ready(edge);
      station.apply(hot);
      await until("it is known", async () => edge.app.hub.session(miner)?.status === "degraded");
      expect((await edge.chat({})).status).toBe(503);
      station.apply(policy);
      await until("it is known", async () => edge.app.hub.session(miner)?.status === "available");
      expect((await edge.chat({})).status).toBe(200);
    });

    it("ends what runs with a receipt for what was acknowledged, and keeps its link", async () => {
      const edge = await edgeOf();
      const started = Promise.withResolvers<undefined>();
      const { station, events } = start(
        [edge.url],
        hanging(() => started.resolve(undefined)),
      );
      await ready(edge);
      const answer = edge.chat({ stream: true });
      await started.promise;
      station.apply({ ...hot, endsRunning: true });
      await (await answer).text();
      await until("nothing runs", async () => station.running === 0);
      expect(edge.app.hub.session(miner)).toBeDefined();
      expect(events.some(({ event }) => event === "disconnected")).toBe(false);
    });

    it("opens its link anew after a sleep", async () => {
      const edge = await edgeOf();
      const { station, events } = start([edge.url], letters(1), { random: () => 0 });
      await ready(edge);
      const before = edge.app.hub.session(miner)!.id;
      station.apply({ ...policy, relinks: true });
      await until("another session", async () => {
        const session = edge.app.hub.session(miner);
        return session !== undefined && session.id !== before && session.isResumed;
      });
      expect(events.filter(({ event }) => event === "disconnected")).toHaveLength(1);
    });
  });
});
