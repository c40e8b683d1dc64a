import type {
  ExplorerInfo,
  FleetView,
  LiabilitiesView,
  MinerDetail,
  MinerPage,
  ModelPage,
  RunningJob,
} from "@lode/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../../coordinator/src/plugins/external/config.ts";
import { until } from "../../helpers/books.ts";
import { openEdge, type Edge } from "../edge/edge.ts";
import type { ScriptedMiner } from "../edge/scripted-miner.ts";
import { assignCommand, client, nowMs, operator, person } from "../fixture.ts";
import { pieces } from "../openai/client.ts";

let edge: Edge;
let miner: ScriptedMiner;
beforeAll(async () => {
  edge = await openEdge();
  miner = await edge.miner({ script: pieces("Once upon a time.") });
  for (let i = 0; i < 3; i++) expect((await edge.chat({})).status).toBe(200);
});
afterAll(() => edge.stop());

const get = async (path: string, key?: string) => {
  const answer = await edge.app.inject({
    url: path,
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
  });
  return { status: answer.statusCode, body: answer.json<unknown>() };
};
const read = async <T>(path: string, key?: string): Promise<T> => {
  const { status, body } = await get(path, key);
  expect({ path, status, body }).toMatchObject({ status: 200 });
  return body as T;
};

describe("the explorer's public figures", () => {
  it("say who this is, where the chain is, and what the books add up to", async () => {
    const info = await read<ExplorerInfo>("/v1/explorer");
    const { debitedWei, creditedWei } = info.books;
    expect(info).toMatchObject({
      coordinator: operator.address,
      miners: { online: 1, known: 1 },
      jobs: { running: 0 },
      books: { receipts: 3, clients: 1 },
      anchor: null,
      chain: { id: 31337, rpcUrl: "http://127.0.0.1:8545", graphqlUrl: null },
    });
    expect(Object.keys(info.chain.addresses)).toContain("court");
    expect(BigInt(debitedWei)).toBe(edge.book.debitOf(client.address).cumulativeWei);
    expect(BigInt(creditedWei)).toBe(edge.book.creditOf(miner.address).cumulativeWei);
    await edge.chat({});
    expect((await read<ExplorerInfo>("/v1/explorer")).books.receipts).toBe(4);
  });

  it("show an attempt while it runs, without its client", async () => {
    const { digest, assignment } = await edge.ledger.assign(assignCommand(edge.ledger));
    const { jobs } = await read<{ jobs: RunningJob[] }>("/v1/explorer/jobs");
    expect(jobs).toEqual([
      {
        assignment: digest,
        miner: assignment.miner,
        model: null,
        modelDigest: assignment.modelDigest,
        state: "running",
        attempt: 0,
        startedAt: new Date(nowMs).toISOString(),
        maxOutputTokens: assignment.maxOutputTokens,
        maxAmountWei: assignment.maxAmountWei.toString(),
      },
    ]);
    await edge.ledger.voidAttempt(digest, "the test is over");
    expect(await read("/v1/explorer/jobs")).toEqual({ jobs: [] });
  });

  it("show miners with their record and their earnings, page by page", async () => {
    const { miners, total } = await read<MinerPage>("/v1/explorer/miners");
    const [card] = miners;
    expect(total).toBe(miners.length);
    expect(card).toMatchObject({
      miner: miner.address,
      online: true,
      failed: 0,
      models: ["demo"],
      creditedWei: edge.book.creditOf(miner.address).cumulativeWei.toString(),
    });
    expect(card!.completed).toBe(card!.receipts);
    expect((await read<MinerPage>(`/v1/explorer/miners?start=${total}`)).miners).toEqual([]);
    expect((await get("/v1/explorer/miners?limit=100000")).status).toBe(400);
  });

  it("show one miner with its days, which add up to its credits", async () => {
    const { card, collectedWei, days, events } = await read<MinerDetail>(
      `/v1/explorer/miners/${miner.address.toUpperCase().replace("0X", "0x")}`,
    );
    expect(card.miner).toBe(miner.address);
    expect(collectedWei).toBe("0");
    expect(events.at(-1)?.event).toBe("registered");
    expect(events.filter(({ event }) => event === "completed_request")).toHaveLength(card.completed);
    expect(events.map(({ at }) => at)).toEqual(
      events
        .map(({ at }) => at)
        .sort()
        .reverse(),
    );
    expect(days.map(({ day, model }) => [day, model])).toEqual([[new Date(nowMs).toISOString().slice(0, 10), "demo"]]);
    expect(days.reduce((sum, { amountWei }) => sum + BigInt(amountWei), 0n)).toBe(
      edge.book.creditOf(miner.address).cumulativeWei,
    );
    expect((await get(`/v1/explorer/miners/0x${"00".repeat(20)}`)).status).toBe(404);
  });

  it("show models with a price in each region, and the places", async () => {
    const { models, places } = await read<ModelPage>("/v1/explorer/models");
    expect(models).toHaveLength(1);
    expect(models[0]).toMatchObject({ id: "demo", regions: [{ region: "eu", miners: 1 }] });
    const [region] = models[0]!.regions;
    expect(BigInt(region!.outputPriceWei)).toBeGreaterThan(BigInt(region!.inputPriceWei));
    expect(places).toEqual([{ place: "frankfurt", region: "eu", latitude: 50.1, longitude: 8.7, miners: 1 }]);
  });

  it("show the anchors, the latest first, and what is owed", async () => {
    await edge.ledger.anchor(true);
    await edge.ledger.anchor(true);
    const { epochs } = await read<{ epochs: { epoch: number; size: number }[] }>("/v1/explorer/epochs");
    expect(epochs.map(({ epoch }) => epoch)).toEqual([2, 1]);
    expect((await read<{ epochs: unknown[] }>("/v1/explorer/epochs?before=2")).epochs).toHaveLength(1);
    expect((await read<ExplorerInfo>("/v1/explorer")).anchor).toMatchObject({ epoch: 2, size: edge.ledger.logSize });
    const owed = await read<LiabilitiesView>("/v1/explorer/liabilities");
    const { creditedWei, debitedWei } = (await read<ExplorerInfo>("/v1/explorer")).books;
    expect(owed).toMatchObject({ owedWei: creditedWei, receivableWei: debitedWei, creditors: 1 });
    expect(owed.lines).toEqual([{ miner: miner.address, creditedWei, collectedWei: "0", outstandingWei: creditedWei }]);
  });
});

describe("an account's days", () => {
  it("add up to its debits, for its own keys only", async () => {
    const { days } = await read<{ days: { amountWei: string; receipts: number }[] }>("/v1/wallet/spending", edge.key);
    expect(days).toHaveLength(1);
    expect(days[0]).toMatchObject({
      receipts: edge.book.debitOf(client.address).count,
      amountWei: edge.book.debitOf(client.address).cumulativeWei.toString(),
    });
    const stranger = await edge.login("read", person("stranger"));
    expect(await read("/v1/wallet/spending", stranger)).toEqual({ days: [] });
    expect((await get("/v1/wallet/spending")).status).toBe(401);
    expect((await get("/v1/wallet/spending?days=0", edge.key)).status).toBe(400);
  });
});

describe("the fleet", () => {
  it("is shown to the operator's admin key, with the times of first tokens", async () => {
    const key = await edge.login("admin", operator);
    await until("a first token was measured", async () => edge.app.latencyMinutes.rows(nowMs).rows.length > 0);
    const fleet = await read<FleetView>("/v1/operator/fleet", key);
    expect(fleet.miners).toMatchObject([{ miner: miner.address, host: false, running: 0 }]);
    expect(fleet.queue).toMatchObject([{ model: "demo", used: 0, queued: 0 }]);
    const [row] = fleet.latency.rows;
    expect(row!.miner).toBe(miner.address);
    expect(row!.cells).toHaveLength(fleet.latency.minuteCount);
    expect(row!.cells.reduce((sum, cell) => sum + (cell?.jobs ?? 0), 0)).toBe(edge.ledger.logSize);
  });

  it("is refused to every other key", async () => {
    expect((await get("/v1/operator/fleet")).status).toBe(401);
    expect((await get("/v1/operator/fleet", edge.key)).status).toBe(403);
    expect((await get("/v1/operator/fleet", await edge.login("admin", person("stranger")))).body).toMatchObject({
      error: { code: "not_operator" },
    });
  });
});

describe("the node that visitors ask", () => {
  it.each([
    [{ RPC_URL: "http://127.0.0.1:9000" }, "http://127.0.0.1:9000"],
    [{ RPC_URL: "https://node.example/secret" }, undefined],
    [{ RPC_URL: "https://node.example/secret", PUBLIC_RPC_URL: "https://open.example" }, "https://open.example"],
  ])("is never one with a key in its URL by accident: %j", (env, told) => {
    expect(readConfig(env).publicRpcUrl).toBe(told);
  });

  it("may have an index beside it, which must be a URL", () => {
    expect(readConfig({}).publicGraphqlUrl).toBeUndefined();
    const url = "https://index.example/graphql";
    expect(readConfig({ PUBLIC_GRAPHQL_URL: url }).publicGraphqlUrl).toBe(url);
    expect(() => readConfig({ PUBLIC_GRAPHQL_URL: "index.example" })).toThrow(/PUBLIC_GRAPHQL_URL/);
  });
});
