import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { until } from "../../helpers/books.ts";
import { openEdge, type Edge } from "../edge/edge.ts";
import { openSockets, parseAnswer, RawClient } from "./raw.ts";

const head = (edge: Edge, length: number): string =>
  [
    "POST /v1/embeddings HTTP/1.1",
    "host: x",
    `authorization: Bearer ${edge.key}`,
    "content-type: application/json",
    `content-length: ${length}`,
    "",
    "",
  ].join("\r\n");

/** Sends a piece at a time for as long as the other side listens. */
async function drip(raw: RawClient, piece: string): Promise<void> {
  while (!raw.isClosed) {
    raw.write(piece);
    await pause(50);
  }
}

describe("a slow sender", () => {
  let edge: Edge;
  beforeAll(async () => {
    edge = await openEdge({
      LOG_LEVEL: "silent",
      HEADERS_TIMEOUT_MS: "400",
      REQUEST_TIMEOUT_MS: "1200",
      CONNECTIONS_PER_ADDRESS: "20",
    });
  });
  afterAll(() => edge.stop());

  it("of headers is told so and loses its socket", async () => {
    const raw = new RawClient(edge);
    raw.write("GET /health HTTP/1.1\r\nhost: x\r\n");
    await drip(raw, "a: b\r\n");
    expect(parseAnswer(raw.received)).toMatchObject({ status: 408, body: { error: { code: "request_timeout" } } });
  });

  it("of a body too, though a byte comes all the time", async () => {
    const raw = new RawClient(edge);
    raw.write(head(edge, 1_000_000));
    await drip(raw, " ");
    expect(parseAnswer(raw.received)).toMatchObject({ status: 408 });
  });

  it("of nothing at all loses its socket", async () => {
    const raw = new RawClient(edge);
    await raw.ended();
    expect(raw.isClosed).toBe(true);
  });

  it("of the second request's headers does not live on the first one's", async () => {
    const raw = new RawClient(edge);
    raw.write("GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
    await until("the first answer", async () => raw.received.includes("200 OK"));
    raw.write("GET /health HTTP/1.1\r\n");
    await drip(raw, "a: b\r\n");
    expect(raw.received).toContain("HTTP/1.1 408");
  });

  it("does not take all the sockets of the coordinator: an address has a share, which comes back", async () => {
    await until("earlier sockets are closed", async () => (await openSockets(edge)) === 0);
    const many = Array.from({ length: 25 }, () => new RawClient(edge));
    await until("those beyond the share are closed", async () => many.filter((raw) => raw.isClosed).length >= 5);
    for (const raw of many) await raw.ended();
    await until("the server has closed all of them", async () => (await openSockets(edge)) === 0);
    expect((await fetch(`${edge.url}/health`)).status).toBe(200);
  });
});

describe("a stalled reader", () => {
  let edge: Edge;
  const openFor = async (stallMs: number): Promise<void> => {
    edge = await openEdge({ LOG_LEVEL: "silent", CLIENT_STALL_MS: `${stallMs}`, REQUESTS_PER_MINUTE: "100000" });
  };
  afterEach(() => edge.stop());

  it("of large answers loses its socket, and with it what waits for it", async () => {
    await openFor(300);
    const isThere = once(edge.app.server, "connection");
    const raw = new RawClient(edge);
    raw.socket.pause();
    await once(raw.socket, "connect");
    // Documents of 100 kB each: more than any socket's buffers hold.
    raw.write("GET /docs/json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(400));
    await isThere;
    await until("the server gives the socket up", async () => (await openSockets(edge)) === 0);
    raw.socket.resume();
    await raw.ended();
    expect(raw.received.split("HTTP/1.1 200").length - 1).toBeLessThan(400);
  });

  it("that reads again in time gets everything", async () => {
    // This process reads and writes both sides: should it be held up itself, that is still in time.
    await openFor(20_000);
    const raw = new RawClient(edge);
    await once(raw.socket, "connect");
    raw.write("GET /docs/json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(100));
    for (let i = 0; i < 5; i++) {
      raw.socket.pause();
      await pause(50);
      raw.socket.resume();
      await pause(20);
    }
    await until("every answer is there", async () => raw.received.split("HTTP/1.1 200").length - 1 === 100);
    raw.socket.destroy();
  });
});

describe("sockets for miners that never prove themselves", () => {
  let edge: Edge;
  beforeAll(async () => {
    edge = await openEdge({ LOG_LEVEL: "silent" });
  });
  afterAll(() => edge.stop());

  it("from one address are 256 at most, and leave room again when they close", async () => {
    const url = `${edge.url.replace("http", "ws")}/v1/miner/ws`;
    const sockets: WebSocket[] = [];
    const open = async (): Promise<"challenge" | number> => {
      const socket = new WebSocket(url);
      sockets.push(socket);
      return new Promise((resolve) => {
        socket.once("message", () => resolve("challenge"));
        socket.once("close", resolve);
        socket.on("error", () => undefined);
      });
    };
    for (let i = 0; i < 256; i += 32) {
      expect(new Set(await Promise.all(Array.from({ length: 32 }, open)))).toEqual(new Set(["challenge"]));
    }
    expect(await open()).toBe(1013);
    for (const socket of sockets) socket.terminate();
    await until("they are gone", async () => (await openSockets(edge)) === 0);
    expect(await open()).toBe("challenge");
    for (const socket of sockets) socket.terminate();
  });
});
