import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { figures } from "../../../coordinator/src/domain/figures.ts";
import { openEdge, type Edge } from "../edge/edge.ts";
import { demoModel, type Piece } from "../edge/scripted-miner.ts";
import { word } from "../fixture.ts";

const script: readonly Piece[] = [[1, "Hi"]];
const missing = { ...demoModel, id: "missing", digest: word("missing weights") };
const enough = figures.scheduling.wantedQueue.value;

let edge: Edge;
beforeAll(async () => {
  // Wishes go out with the hub's turns, of which there are four in a heartbeat.
  edge = await openEdge({ HEARTBEAT_SECS: "0.5" });
});
afterEach(() => edge.disconnect());
afterAll(() => edge.stop());

describe("what clients ask for and nobody serves", () => {
  it("is told to the miners that are there and to those that come, until nobody asks any more", async () => {
    (await edge.miner({ models: [missing] })).hangUp();
    await expect.poll(() => edge.app.hub.size).toBe(0);
    const miner = await edge.miner({ script });
    for (let i = 0; i < enough - 1; i++) expect((await edge.chat({ model: "missing" })).status).toBe(503);
    // A wish without an answer is one of many; a request that is served is none.
    expect((await edge.chat({})).status).toBe(200);
    await miner.next("accepted");
    expect(miner.last("wanted")).toBeUndefined();
    expect((await edge.chat({ model: "missing" })).status).toBe(503);
    expect(await miner.next("wanted")).toEqual({ type: "wanted", models: [{ digest: missing.digest, id: "missing" }] });
    const later = await edge.miner({ script });
    expect(await later.next("wanted")).toEqual({ type: "wanted", models: [{ digest: missing.digest, id: "missing" }] });
    // Nobody asks any more: the list is empty, and that is told in its turn.
    const overMs = edge.clock.nowMs + figures.scheduling.wantedWindowMinutes.value * 60_000;
    expect(edge.app.floor.shortage.wanted(overMs)).toEqual([]);
  });

  it("is no miner's to name like what stands for polling ones, offered late as little as in a hello", async () => {
    const miner = await edge.miner({ script });
    const capabilities = { version: "test", concurrency: 1, models: [missing], hardware: {} };
    miner.send({ type: "offers", capabilities });
    await expect.poll(() => edge.app.hub.session(miner.address)?.offers(missing.digest)).toEqual(missing);
    expect(edge.app.hub.lastDigest("missing")).toBe(missing.digest);
    miner.send({ type: "offers", capabilities: { ...capabilities, models: [{ ...missing, id: "hosted/text" }] } });
    await miner.closed;
    expect(miner.last("error")).toMatchObject({ code: "hosted_name", fatal: true });
  });

  it("is not a name that nobody ever offered", async () => {
    await edge.miner({ script });
    for (let i = 0; i < enough; i++) expect((await edge.chat({ model: "never heard of" })).status).toBe(404);
    const wanted = edge.app.floor.shortage.wanted(edge.clock.nowMs).map(({ id }) => id);
    expect(wanted).not.toContain("never heard of");
  });
});
