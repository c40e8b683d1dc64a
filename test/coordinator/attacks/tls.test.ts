import { readFileSync } from "node:fs";
import { request, type RequestOptions } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { ConfigError, readConfig } from "../../../coordinator/src/plugins/external/config.ts";
import { makeServer } from "../../../coordinator/src/plugins/external/server.ts";
import { root } from "../../../scripts/root.ts";
import { openEdge, type Edge } from "../edge/edge.ts";

const folder = join(root, "test", "helpers", "tls");
const pem = (name: string): Buffer => readFileSync(join(folder, name));
const ca = pem("ca.crt");
const identity = (name: string) => ({ cert: pem(`${name}.crt`), key: pem(`${name}.key`) });
const env = {
  LOG_LEVEL: "silent",
  TLS_CERT_FILE: join(folder, "server.crt"),
  TLS_KEY_FILE: join(folder, "server.key"),
};

/** What comes of a miner's socket: its first message, or the status with which it is refused. */
function miner({ url }: Edge, options: object = {}): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/v1/miner/ws`, { ca, ...options });
    socket.once("message", (data: Buffer) => {
      socket.terminate();
      resolve((JSON.parse(data.toString()) as { type: string }).type);
    });
    socket.once("unexpected-response", (_request, answer) => {
      socket.terminate();
      resolve(String(answer.statusCode));
    });
    socket.on("error", (error) => resolve(error.message));
  });
}

function get(edge: Edge, path: string, options: RequestOptions = {}): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${edge.key}` };
    const sent = request(new URL(path, edge.url), { ca, headers, agent: false, ...options }, (answer) => {
      void text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

function versionOf({ url }: Edge, maxVersion: "TLSv1.2" | "TLSv1.3"): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({
      host: "127.0.0.1",
      port: Number(new URL(url).port),
      ca,
      maxVersion,
      minVersion: "TLSv1.2",
    });
    socket.once("secureConnect", () => {
      resolve(socket.getProtocol());
      socket.destroy();
    });
    socket.once("error", () => resolve(null));
  });
}

describe("with a certificate", () => {
  let edge: Edge;
  beforeAll(async () => {
    edge = await openEdge(env);
  });
  afterAll(() => edge.stop());

  it("speaks TLS 1.3 and nothing older", async () => {
    expect(edge.url).toMatch(/^https:/);
    expect(await versionOf(edge, "TLSv1.3")).toBe("TLSv1.3");
    expect(await versionOf(edge, "TLSv1.2")).toBeNull();
  });

  it("serves clients and miners, who need no certificate", async () => {
    expect((await get(edge, "/v1/models")).status).toBe(200);
    expect(await miner(edge)).toBe("challenge");
  });

  it("does not talk to those who do not trust it", async () => {
    await expect(get(edge, "/v1/models", { ca: pem("stranger.crt") })).rejects.toThrow(/certificate/);
  });
});

describe("with an authority for miners", () => {
  let edge: Edge;
  beforeAll(async () => {
    edge = await openEdge({ ...env, TLS_MINER_CA_FILE: join(folder, "ca.crt") });
  });
  afterAll(() => edge.stop());

  it("opens the miners' door to its certificates", async () => {
    expect(await miner(edge, identity("miner"))).toBe("challenge");
  });

  it.each<[string, object]>([
    ["without a certificate", {}],
    ["with another authority's", identity("stranger")],
  ])("refuses a miner %s", async (_name, options) => {
    expect(await miner(edge, options)).toBe("403");
  });

  it("still serves clients without one", async () => {
    expect((await get(edge, "/v1/models")).status).toBe(200);
    expect((await get(edge, "/health")).status).toBe(200);
  });
});

describe("settings for TLS", () => {
  it.each([
    ["a certificate without its key", { TLS_CERT_FILE: "x" }, "TLS_KEY_FILE"],
    ["a key without its certificate", { TLS_KEY_FILE: "x" }, "TLS_CERT_FILE"],
    ["an authority without HTTPS", { TLS_MINER_CA_FILE: "x" }, "TLS_MINER_CA_FILE"],
  ])("are not %s", (_name, given, variable) => {
    expect(() => readConfig(given)).toThrow(ConfigError);
    expect(() => readConfig(given)).toThrow(variable);
  });

  it("name files that are there", () => {
    const config = readConfig({ ...env, TLS_KEY_FILE: "/nowhere/server.key" });
    expect(() => makeServer(config)).toThrow(/TLS_KEY_FILE names \/nowhere/);
  });
});
