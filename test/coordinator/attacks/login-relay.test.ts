import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { clientLogin } from "@lode/sdk/typed-data";
import { signTypedData } from "@lode/sdk/keys";
import type { Hex } from "@lode/sdk/hash";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import WebSocket, { WebSocketServer } from "ws";
import { readConfig } from "../../../coordinator/src/plugins/external/config.ts";
import { ownOrigins } from "../../../coordinator/src/plugins/external/origins.ts";
import { quickPerson, runLode } from "../../miner/cli/run-lode.ts";
import { openEdge, type Edge } from "../edge/edge.ts";
import { addresses, client, domain, operator, person, temporaryHome } from "../fixture.ts";

/** What a wallet sent when it asked for a key. */
type Sent = Readonly<Record<string, unknown>>;
type Answer = { status: number; code: string | undefined };

let edge: Edge;
/** A coordinator of its own that says what the edge says, and keeps what wallets send it. */
let thief: Server & { taken?: Sent };
/** What it changes in a miner's messages on their way to the edge. */
let forge = (text: string): string => text;
let thiefUrl: string;
let env: Record<string, string>;
const { home, remove } = temporaryHome();

beforeAll(async () => {
  edge = await openEdge({ LOG_LEVEL: "silent" });
  thief = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString();
      if (request.url === "/v1/keys") {
        thief.taken = JSON.parse(body) as Sent;
        return response.writeHead(201).end(JSON.stringify({ key: "none", prefix: "none" }));
      }
      const init = { method: request.method!, headers: { "content-type": "application/json" } };
      const asked = await fetch(`${edge.url}${request.url}`, { ...init, ...(body !== "" && { body }) });
      return response.writeHead(asked.status).end(await asked.text());
    })();
  });
  const sockets = new WebSocketServer({ server: thief });
  sockets.on("connection", (miner) => {
    const edgeSocket = new WebSocket(`${edge.url.replace("http", "ws")}/v1/miner/ws`);
    miner.on("message", (data: Buffer) => edgeSocket.send(forge(data.toString())));
    edgeSocket.on("message", (data: Buffer) => miner.send(data.toString()));
    edgeSocket.on("close", (code, reason) => miner.close(code, reason));
    miner.on("close", () => edgeSocket.terminate());
  });
  await new Promise<void>((resolve) => thief.listen(0, "127.0.0.1", resolve));
  thiefUrl = `http://127.0.0.1:${(thief.address() as AddressInfo).port}`;
  mkdirSync(join(home, "client"), { recursive: true });
  const { home: LODE_HOME, passwordFile } = await quickPerson(join(home, "client"));
  const ADDRESSES_FILE = join(home, "addresses.json");
  writeFileSync(ADDRESSES_FILE, JSON.stringify(addresses));
  env = { LODE_HOME, ADDRESSES_FILE, KEYSTORE_PASSWORD_FILE: passwordFile };
});
beforeEach(() => {
  // The command signs with the machine's own time.
  edge.clock.nowMs = Date.now();
});
afterAll(async () => {
  thief.close();
  await edge.stop();
  remove();
});

async function send(body: Sent): Promise<Answer> {
  const answer = await edge.app.inject({ method: "POST", url: "/v1/keys", payload: { ...body } });
  return { status: answer.statusCode, code: answer.json<{ error?: { code: string } }>().error?.code };
}

/** A wallet's honest request to the edge, in which a test changes one thing. */
async function signed(at: { origin?: string } = {}): Promise<Sent> {
  const { nonce } = (await edge.app.inject({ method: "POST", url: "/v1/keys/challenge" })).json<{ nonce: Hex }>();
  const timestampMs = edge.clock.nowMs;
  const origin = at.origin ?? new URL(edge.url).origin;
  const wanted = {
    scope: "read",
    label: "laptop",
    limits: { spend: { period: "day", capWei: "5" }, models: ["a"] },
    expiresInSecs: 60,
  };
  const from = { coordinator: operator.address, origin, client: client.address, nonce };
  const message = clientLogin({ ...from, timestampMs: BigInt(timestampMs) }, wanted);
  const signature = signTypedData(client, domain, "ClientLogin", message);
  return { client: client.address, origin, nonce, timestampMs, signature, ...wanted };
}

describe("a coordinator that passes another one's challenge on", () => {
  it("gets a key of itself at most: the other refuses what the wallet signed, also under its own name", async () => {
    const { code, err } = await runLode(["client", "key", "--coordinator", edge.url, "--scope", "admin"], env);
    expect([code, err]).toEqual([0, ""]);
    await runLode(["client", "key", "--coordinator", thiefUrl, "--scope", "admin"], env);
    expect(thief.taken).toMatchObject({ scope: "admin", origin: thiefUrl });
    expect(await send(thief.taken!)).toEqual({ status: 401, code: "other_origin" });
    // A nonce is used up by a try, so each lie needs a login of its own.
    await runLode(["client", "key", "--coordinator", thiefUrl, "--scope", "admin"], env);
    expect(await send({ ...thief.taken!, origin: new URL(edge.url).origin })).toEqual({
      status: 401,
      code: "bad_signature",
    });
  });

  it("cannot write the place into a header either", async () => {
    const headers = { host: "thief.example", "x-forwarded-host": "thief.example", origin: "http://thief.example" };
    const payload = { ...(await signed({ origin: "http://thief.example" })) };
    const answer = await edge.app.inject({ method: "POST", url: "/v1/keys", payload, headers });
    expect(answer.json()).toMatchObject({ error: { code: "other_origin" } });
  });
});

describe("a coordinator that passes another one's challenge on to a miner", () => {
  it("gets no link there with the miner's hello: not as it is signed, nor under the other's name", async () => {
    const signer = person("a miner at a thief's");
    const honest = await edge.miner({ signer });
    honest.hangUp();
    await expect.poll(() => edge.app.hub.session(signer.address)).toBeUndefined();
    const refused = async (): Promise<string> => {
      const miner = await edge.miner({ signer, url: thiefUrl, isUnproven: true });
      miner.hello(await miner.next("challenge"));
      return (await miner.next("error")).code;
    };
    expect(await refused()).toBe("other_origin");
    forge = (text) => JSON.stringify({ ...(JSON.parse(text) as object), origin: new URL(edge.url).origin });
    expect(await refused()).toBe("not_operator");
    expect(edge.app.hub.session(signer.address)).toBeUndefined();
  });
});

describe("a login", () => {
  it("makes the key that was signed for", async () => {
    const answer = await edge.app.inject({ method: "POST", url: "/v1/keys", payload: { ...(await signed()) } });
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toMatchObject({ scope: "read" });
  });

  it.each<[string, (body: Sent) => Sent]>([
    ["a higher scope", (body) => ({ ...body, scope: "admin" })],
    ["the default scope", ({ scope: _, ...body }) => body],
    ["another label", (body) => ({ ...body, label: "other" })],
    ["a higher cap", (body) => ({ ...body, limits: { models: ["a"], spend: { capWei: "6", period: "day" } } })],
    ["no limits", ({ limits: _, ...body }) => body],
    ["a longer life", (body) => ({ ...body, expiresInSecs: 61 })],
    ["no end", ({ expiresInSecs: _, ...body }) => body],
  ])("with %s is refused", async (_name, change) => {
    expect(await send(change(await signed()))).toEqual({ status: 401, code: "bad_signature" });
  });

  it("without the place is refused as unsigned", async () => {
    const { origin: _, ...body } = await signed();
    expect(await send(body)).toEqual({ status: 401, code: "missing_signature" });
  });
});

describe("the places of a coordinator", () => {
  const origins = (env: Record<string, string>): string[] => {
    const app = { config: readConfig(env), server: { address: () => null } };
    return [...ownOrigins(app as unknown as Edge["app"])];
  };

  it("are those it is given, and no others", () => {
    const env = {
      PUBLIC_URL: "https://one.example/lode/",
      LOGIN_ORIGINS: "http://two.example:80, https://three:8443/x",
    };
    expect(origins(env)).toEqual(["https://one.example", "http://two.example", "https://three:8443"]);
  });

  it("else where it listens: every name of the loopback, every address of this machine, or the one it is told", () => {
    const loopback = ["http://127.0.0.1:8402", "http://[::1]:8402", "http://localhost:8402"];
    expect(origins({})).toEqual(loopback);
    expect(origins({ HOST: "::" })).toEqual(expect.arrayContaining(loopback));
    expect(origins({ HOST: "192.0.2.7", PORT: "80" })).toEqual(["http://192.0.2.7"]);
    const tls = { TLS_CERT_FILE: "a", TLS_KEY_FILE: "b" };
    expect(origins({ HOST: "2001:db8::1", ...tls })).toEqual(["https://[2001:db8::1]:8402"]);
  });
});
