import { once } from "node:events";
import type { PollReceived } from "@lode/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEdge, type Edge } from "../edge/edge.ts";

describe("a miner's link over plain HTTP", { timeout: 120_000 }, () => {
  let edge: Edge;
  beforeAll(async () => {
    edge = await openEdge();
  }, 120_000);
  afterAll(() => edge.stop());

  const open = async (): Promise<string> =>
    ((await (await fetch(`${edge.url}/v1/miner/link`, { method: "POST" })).json()) as { link: string }).link;
  const ask = async (link: string, after: number, wait = 0): Promise<PollReceived> =>
    (await (await fetch(`${edge.url}/v1/miner/link/${link}?after=${after}&wait_secs=${wait}`)).json()) as PollReceived;
  const send = (link: string, number: number, frames: object[]): Promise<Response> =>
    fetch(`${edge.url}/v1/miner/link/${link}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ number, frames }),
    });
  const typesOf = ({ frames }: PollReceived): string[] =>
    frames.map((frame) => ("text" in frame ? (JSON.parse(frame.text) as { type: string }).type : "other"));

  it("begins with the challenge, and gives a frame again until it is named as had", async () => {
    const link = await open();
    const first = await ask(link, 0);
    expect(typesOf(first)).toEqual(["challenge"]);
    expect(await ask(link, 0)).toEqual(first);
    expect(await ask(link, first.last)).toEqual({ last: first.last, frames: [] });
  });

  it("answers a ping, hears a repeated sending once, and ends at one that does not follow", async () => {
    const link = await open();
    const { last } = await ask(link, 0);
    expect((await send(link, 1, [{ control: "ping" }])).status).toBe(200);
    expect((await send(link, 1, [{ control: "ping" }])).status).toBe(200);
    expect((await ask(link, last)).frames).toEqual([{ control: "pong" }]);
    expect((await send(link, 3, [{ control: "ping" }])).status).toBe(409);
    expect(await ask(link, last + 1)).toMatchObject({ closed: { code: 1006 } });
  });

  it("holds a question open until there is an answer; a newer one takes its place", async () => {
    const link = await open();
    const { last } = await ask(link, 0);
    const isAsked = once(edge.app.server, "request");
    const older = ask(link, last, 60);
    // Each question comes by a connection of its own, and either could be there first.
    await isAsked;
    const newer = ask(link, last, 60);
    expect((await older).frames).toEqual([]);
    await send(link, 1, [{ control: "ping" }]);
    expect((await newer).frames).toEqual([{ control: "pong" }]);
  });

  it("ends with the reason where the protocol is broken", async () => {
    const link = await open();
    const { last } = await ask(link, 0);
    await send(link, 1, [{ text: JSON.stringify({ type: "resumed" }) }]);
    const end = await ask(link, last);
    expect(JSON.parse((end.frames[0] as { text: string }).text)).toMatchObject({ type: "error", code: "hello_first" });
    expect(end.closed).toEqual({ code: 1008, reason: "hello_first" });
  });

  it("is nothing to who does not know its name, or sends too much", async () => {
    expect((await send("00".repeat(32), 1, [{ control: "ping" }])).status).toBe(404);
    expect((await send("short", 1, [{ control: "ping" }])).status).toBe(404);
    const link = await open();
    expect((await send(link, 1, [])).status).toBe(400);
    expect((await send(link, 1, [{ text: "x".repeat(5_000_000) }])).status).toBe(413);
    expect((await fetch(`${edge.url}/v1/miner/link/${link}`, { method: "DELETE" })).status).toBe(204);
  });
});
