import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { Federation } from "../../../coordinator/src/plugins/app/market/federation.ts";
import { openEdge } from "../edge/edge.ts";
import { demoModel, type Piece } from "../edge/scripted-miner.ts";

const script = Array.from({ length: 5 }, (_, i): Piece => [100 + i, `w${i} `]);

describe("a peer", () => {
  it.each<[string, RequestListener]>([
    ["leads elsewhere", (_request, response) => void response.writeHead(302, { location: "/elsewhere" }).end()],
    ["does not stop", (_request, response) => Readable.from(endless()).pipe(response)],
    ["speaks no JSON", (_request, response) => void response.end("{")],
    ["names no place", (_request, response) => void response.end(JSON.stringify({ here: { models: ["demo"] } }))],
    ["fails", (_request, response) => void response.writeHead(500).end(JSON.stringify(peerAnswer))],
  ])("that %s is no place to hand a job to", async (_name, listener) => {
    let now: RequestListener = (_request, response) => void response.end(JSON.stringify(peerAnswer));
    const server = createServer((request, response) =>
      request.url === "/elsewhere" ? void response.end(JSON.stringify(peerAnswer)) : now(request, response),
    );
    await once(server.listen(0, "127.0.0.1"), "listening");
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const federation = new Federation([url]);
      await federation.refresh();
      expect(federation.peers).toEqual([{ url, place: "paris", models: ["demo"] }]);
      now = listener;
      await federation.refresh();
      expect(federation.peers).toEqual([]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

const peerAnswer = { here: { place: "paris", models: ["demo", 5] } };

function* endless(): Generator<string> {
  yield '{"here":{"place":"paris","models":["';
  for (;;) yield "x".repeat(65_536);
}

describe("another coordinator", () => {
  it("gets what nobody here can do, once", { timeout: 180_000 }, async () => {
    const there = await openEdge({ PLACE: "paris" });
    const here = await openEdge({ PEERS: there.url });
    try {
      await there.miner({ script, models: [{ ...demoModel, id: "far" }] });
      await here.app.federation.refresh();
      const regions = (await here.app.inject({ url: "/v1/regions" })).json();
      expect(regions).toMatchObject({
        here: { place: "frankfurt" },
        peers: [{ url: there.url, place: "paris", models: ["far"] }],
      });
      const send = (query: string, model: string) =>
        here.app.inject({
          method: "POST",
          url: `/v1/chat/completions${query}`,
          headers: { authorization: `Bearer ${here.key}` },
          payload: { model, messages: [{ role: "user", content: "Hi" }] },
        });
      const answer = await send("", "far");
      expect(answer.statusCode).toBe(307);
      expect(answer.headers.location).toBe(`${there.url}/v1/chat/completions?lode-handover=1`);
      expect((await send("?lode-handover=1", "far")).statusCode).toBe(404);
      expect((await send("", "unknown")).statusCode).toBe(404);
      await there.app.close();
      await here.app.federation.refresh();
      expect((await send("", "far")).statusCode).toBe(404);
    } finally {
      await here.stop();
      await there.stop();
    }
  });
});
