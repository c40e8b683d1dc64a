import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../helpers/books.ts";
import { openEdge, type Edge } from "../edge/edge.ts";
import { demoModel, type Piece, type ScriptedMiner } from "../edge/scripted-miner.ts";
import { readStream } from "../edge/stream.ts";
import { person } from "../fixture.ts";

const script = Array.from({ length: 5 }, (_, i): Piece => [100 + i, `w${i} `]);
const text = script.map(([, piece]) => piece).join("");

let edge: Edge;
beforeAll(async () => {
  // Minutes pass at once here: between two of its own looks nobody misses a heartbeat of an hour.
  edge = await openEdge({ HEARTBEAT_SECS: "3600" });
});
afterEach(async () => {
  await edge.disconnect();
  // The booking of this test is over.
  edge.clock.nowMs += 240_000;
});
afterAll(() => edge.stop());

/** The client books one slot of the model, and the booking begins. */
async function book(miners: readonly ScriptedMiner[]): Promise<void> {
  const at = (ms: number): string => new Date(edge.clock.nowMs + ms).toISOString();
  const answer = await edge.app.inject({
    method: "POST",
    url: "/v1/bookings",
    headers: { authorization: `Bearer ${edge.key}` },
    payload: { model: "demo", slots: 1, from: at(60_000), to: at(240_000) },
  });
  expect(answer.statusCode).toBe(201);
  edge.clock.nowMs += 60_000;
  for (const miner of miners) miner.heartbeat();
  const isSeen = ({ address }: ScriptedMiner): boolean =>
    edge.app.hub.session(address)?.lastSeenMs === edge.clock.nowMs;
  await until("everybody is heard", async () => miners.every(isSeen));
}

describe("jobs that come together", () => {
  it("go to as many free miners, although nothing is signed for the first when the second is given away", async () => {
    const miners = [await edge.miner({ script, concurrency: 1 }), await edge.miner({ script, concurrency: 1 })];
    const answer = await edge.chat({ n: 2, max_tokens: 5 });
    expect(answer.status).toBe(200);
    expect(miners.map(({ jobs }) => jobs.length)).toEqual([1, 1]);
    expect(edge.app.floor.slots(demoModel.digest)).toMatchObject({ total: 2, used: 0, queued: 0 });
  });

  it("count as taken until they are given up, where their client cannot pay for them", async () => {
    await edge.miner({ script, concurrency: 1 });
    const poor = await edge.login("client", person("poor"));
    const { funds } = edge.chain;
    edge.chain.funds = { ...funds, balanceWei: 0n };
    try {
      expect((await edge.chat({}, { key: poor })).status).toBe(402);
    } finally {
      edge.chain.funds = funds;
    }
    expect(edge.app.floor.slots(demoModel.digest)).toMatchObject({ total: 1, used: 0, queued: 0 });
  });

  it("do not take together what is kept for somebody else", async () => {
    const miner = await edge.miner({ script, concurrency: 2 });
    await book([miner]);
    const key = await edge.login("client", person("stranger"));
    expect((await edge.chat({ n: 2, max_tokens: 5 }, { key })).status).toBe(503);
    expect((await edge.chat({ max_tokens: 5 }, { key })).status).toBe(200);
    expect((await edge.chat({ n: 2, max_tokens: 5 })).status).toBe(200);
  });
});

describe("a job whose miner is lost while the slots that are left are booked by somebody else", () => {
  /** A stranger's job, at the first of two miners with a slot each. */
  async function atFirst() {
    const both = [await edge.miner({ concurrency: 1 }), await edge.miner({ concurrency: 1 })];
    await book(both);
    const [first, second] = (await edge.inOrder(both)) as [ScriptedMiner, ScriptedMiner];
    const key = await edge.login("client", person("stranger"));
    const answering = edge.chat({ stream: true, max_tokens: 5 }, { key });
    const job = await first.job();
    return { first, second, job, answering };
  }

  it("does not take one when its client has nothing yet, who is told that there is no room", async () => {
    const { first, second, answering } = await atFirst();
    first.hangUp();
    const refused = await answering;
    expect(refused.status).toBe(503);
    expect(Object.fromEntries(refused.headers)).toMatchObject({ "retry-after": "5", "x-should-retry": "true" });
    expect(await refused.json()).toMatchObject({ error: { code: "no_miner" } });
    expect(second.jobs).toEqual([]);
    // It was kept for its client, who can have it.
    const own = edge.chat({ stream: true, max_tokens: 5 }).then(readStream);
    await second.finish(await second.job(), script);
    expect(await own).toMatchObject({ text, isDone: true });
  });

  it("goes on there when its client has a part: a cut answer costs it more than waiting costs the other one", async () => {
    const { first, second, job, answering } = await atFirst();
    first.tokens(job, script.slice(0, 2));
    await until("its client has a part", async () => {
      const [stream] = edge.app.hub.session(first.address)?.streams.values() ?? [];
      return stream?.ids.length === 2;
    });
    first.hangUp();
    await second.finish(await second.job(), script.slice(2));
    expect(await readStream(await answering)).toMatchObject({ text, isDone: true });
  });
});
