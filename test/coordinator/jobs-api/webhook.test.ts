import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { once } from "node:events";
import { connect, createServer as createListener, Socket, type AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mayCall } from "../../../coordinator/src/plugins/app/jobs/addresses.ts";
import {
  addressesOf,
  callWebhook,
  signatureOf,
  type CallOptions,
} from "../../../coordinator/src/plugins/app/jobs/webhook.ts";

describe("addresses", () => {
  it.each([
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0.255.255.255",
    "10.1.2.3",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "192.168.255.255",
    "192.0.0.8",
    "192.0.0.255",
    "192.0.2.1",
    "192.0.2.255",
    "192.88.99.1",
    "192.88.99.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "198.51.100.255",
    "203.0.113.9",
    "203.0.113.255",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "2001:1ff::1",
    "2001:db8::1",
    "2001:db8:ffff::1",
    "3fff:fff::1",
    "4000::1",
    "1fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "",
    "localhost",
    "0x7f.1",
  ])("%s is not called", (address) => {
    expect(mayCall(address, false)).toBe(false);
  });

  it.each([
    ...["1.0.0.0", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"],
    ...["128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.1", "192.0.1.0", "192.0.3.0"],
    ...["192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255"],
    ...["2001:200::1", "2003::1", "2606:4700::1", "2a00:1450::1", "3ffe::1"],
  ])("%s is", (address) => {
    expect(mayCall(address, false)).toBe(true);
  });

  it("of this machine are called when that is allowed, and no other private ones", () => {
    expect(["127.0.0.1", "127.8.9.1", "::1"].every((address) => mayCall(address, true))).toBe(true);
    for (const address of ["10.0.0.1", "169.254.169.254", "fe80::1", "::ffff:127.0.0.1", "0.0.0.0"]) {
      expect(mayCall(address, true)).toBe(false);
    }
  });
});

let server: Server;
let port: number;
let answer: { status: number; headers?: Record<string, string> } = { status: 204 };
const calls: { request: IncomingMessage; body: string }[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      calls.push({ request, body: Buffer.concat(parts).toString() });
      response.writeHead(answer.status, answer.headers).end("ignored");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.close());

const local: CallOptions = { allowLoopback: true, timeoutMs: 20_000 };
const strict: CallOptions = { ...local, allowLoopback: false };
const call = { body: "{}", headers: { "content-type": "application/json" } };
const refused = expect.objectContaining({ code: "webhook_refused" }) as Error;

describe("a webhook", () => {
  it("is called where it is, once, with what is signed", async () => {
    calls.length = 0;
    expect(await callWebhook(`http://127.0.0.1:${port}/hook?a=1`, { ...call, body: "ä" }, local)).toBe(204);
    expect(calls.map(({ request, body }) => [request.method, request.url, body])).toEqual([["POST", "/hook?a=1", "ä"]]);
  });

  it("signs its time with its body", () => {
    const expected = createHmac("sha256", "secret").update("1790000000.{}").digest("hex");
    expect(signatureOf("secret", "{}", 1_790_000_000_999)).toBe(`t=1790000000,v1=${expected}`);
  });

  it("that redirects is not followed", async () => {
    calls.length = 0;
    answer = { status: 307, headers: { location: `http://127.0.0.1:${port}/elsewhere` } };
    expect(await callWebhook(`http://127.0.0.1:${port}/`, call, local)).toBe(307);
    expect(calls).toHaveLength(1);
    answer = { status: 204 };
  });

  it.each([
    "http://127.0.0.1/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://169.254.169.254/latest/meta-data",
    "https://localhost/",
    "http://8.8.8.8/",
    "https://user:pass@8.8.8.8/",
    "https://:pass@8.8.8.8/",
    "ftp://8.8.8.8/",
    "file:///etc/passwd",
    "nonsense",
  ])("at %s is refused", async (url) => {
    await expect(callWebhook(url, call, strict)).rejects.toEqual(refused);
  });

  it("whose name has one private address among public ones is refused", async () => {
    const resolve = async () => [
      { address: "8.8.8.8", family: 4 },
      { address: "10.0.0.1", family: 4 },
    ];
    await expect(addressesOf("https://hook.example/", { ...strict, resolve })).rejects.toEqual(refused);
    const onePublic = async () => [{ address: "8.8.8.8", family: 4 }];
    expect((await addressesOf("https://hook.example/", { ...strict, resolve: onePublic })).addresses).toHaveLength(1);
  });

  it("is resolved once: a name server that changes its mind changes nothing", async () => {
    calls.length = 0;
    let asked = 0;
    const resolve = async () => [{ address: asked++ === 0 ? "127.0.0.1" : "10.0.0.1", family: 4 }];
    expect(await callWebhook(`http://rebinding.example:${port}/`, call, { ...local, resolve })).toBe(204);
    expect(asked).toBe(1);
    expect(calls[0]!.request.headers.host).toBe(`rebinding.example:${port}`);
  });

  it.each([
    ["https://hook.example/", "8.8.8.8", false],
    ["http://hook.example/", "127.0.0.1", true],
  ])("at %s is told nothing when the connection leads to another address than %s", async (url, address, isLocal) => {
    let heard = 0;
    const inside = createListener((socket) => {
      socket.on("data", (bytes) => (heard += bytes.length));
      socket.on("error", () => undefined);
    }).listen(0, "127.0.0.1");
    await once(inside, "listening");
    const { port: insidePort } = inside.address() as AddressInfo;
    const connected = once(inside, "connection");
    const resolve = async () => [{ address, family: 4 }];
    // As below a proxy or a translation of addresses that thinks for itself.
    const elsewhere = (): Socket => {
      const socket = connect(insidePort, "127.0.0.1");
      if (isLocal) Object.defineProperty(socket, "remoteAddress", { value: "10.0.0.1" });
      return socket;
    };
    const options = { ...strict, allowLoopback: isLocal, resolve, connect: elsewhere };
    try {
      await expect(callWebhook(url, call, options)).rejects.toEqual(refused);
      const [socket] = (await connected) as [Socket];
      if (!socket.closed) await once(socket, "close");
      expect(heard).toBe(0);
    } finally {
      inside.close();
    }
  });

  it("by https is spoken to under its own name, and believed by its certificate", async () => {
    const said: string[] = [];
    const listener = createListener((socket) => {
      socket.once("data", (bytes) => {
        said.push(bytes.toString("latin1"));
        socket.destroy();
      });
      socket.on("error", () => undefined);
    }).listen(0, "127.0.0.1");
    await once(listener, "listening");
    const resolve = async () => [{ address: "127.0.0.1", family: 4 }];
    const url = `https://hook.example:${(listener.address() as AddressInfo).port}/`;
    const again = expect.objectContaining({ code: "webhook_unreachable" }) as Error;
    await expect(callWebhook(url, call, { ...local, resolve })).rejects.toEqual(again);
    listener.close();
    // A handshake, with the name in it and none of the call.
    expect(said[0]?.charCodeAt(0)).toBe(22);
    expect(said[0]).toContain("hook.example");
    expect(said.join("")).not.toContain("POST");
  });

  it("that does not answer is tried again, one without a name too", async () => {
    const again = expect.objectContaining({ code: "webhook_unreachable", retryable: true }) as Error;
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const dead = (closed.address() as AddressInfo).port;
    await new Promise((resolve) => closed.close(resolve));
    await expect(callWebhook(`http://127.0.0.1:${dead}/`, call, local)).rejects.toEqual(again);
    const resolve = async (): Promise<never> => Promise.reject(new Error("no such name"));
    await expect(callWebhook("https://hook.example/", call, { ...strict, resolve })).rejects.toEqual(again);
  });

  it("whose address drops what is sent to it is given up, and tried again", async () => {
    const opening = new Socket();
    const again = expect.objectContaining({ code: "webhook_unreachable", retryable: true }) as Error;
    const options = { ...strict, timeoutMs: 100, connect: () => opening };
    await expect(callWebhook("https://8.8.8.8/", call, options)).rejects.toEqual(again);
    expect(opening.destroyed).toBe(true);
  });

  it("that takes the call and says nothing is given up, and tried again", async () => {
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    const again = expect.objectContaining({ code: "webhook_unreachable", retryable: true }) as Error;
    await expect(callWebhook(url, call, { ...local, timeoutMs: 50 })).rejects.toEqual(again);
    silent.closeAllConnections();
    silent.close();
  });
});
