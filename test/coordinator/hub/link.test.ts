import { ProtocolError } from "@lode/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { Doorstep } from "../../../coordinator/src/plugins/app/relay/doorstep.ts";
import { openLink, type LinkHandlers } from "../../../coordinator/src/plugins/app/relay/link.ts";

/** A socket that keeps what happens to it. */
class FakeSocket {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  isPaused = false;
  readonly sent: string[] = [];
  closed: [code: number, reason: string] | undefined;
  isTerminated = false;
  #listener: ((data: Buffer, isBinary: boolean) => void) | undefined;
  send(text: string): void {
    this.sent.push(text);
  }
  ping(): void {
    this.sent.push("ping");
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  close(code: number, reason: string): void {
    this.closed = [code, reason];
    this.readyState = 2;
  }
  terminate(): void {
    this.isTerminated = true;
  }
  on(event: string, listener: (data: Buffer, isBinary: boolean) => void): this {
    if (event === "message") this.#listener = listener;
    return this;
  }
  hear(text: string): void {
    this.#listener?.(Buffer.from(text), text.startsWith("frame"));
  }
}

let socket: FakeSocket;
let writes: string[];
let seen: string[];
let problems: unknown[];
beforeEach(() => {
  [socket, writes, seen, problems] = [new FakeSocket(), [], [], []];
});

function open(onMessage: LinkHandlers["onMessage"]): ReturnType<typeof openLink> {
  const own = writes;
  const wire = { cork: () => void own.push("cork"), uncork: () => void own.push("uncork") };
  return openLink(socket, wire, {
    onFrame: (data) => void seen.push(data.toString()),
    onMessage,
    onPong: () => undefined,
    onProblem: (error) => void problems.push(error),
    onClose: () => undefined,
  });
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a link", () => {
  it("does what takes time one after the other, and what does not at once", async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    open((text) => {
      if (text.startsWith("now")) return void seen.push(text);
      return async () => {
        if (text === "first") await promise;
        seen.push(text);
      };
    });
    for (const text of ["first", "second", "now", "frame"]) socket.hear(text);
    await turn();
    expect(seen).toEqual(["now", "frame"]);
    resolve(undefined);
    await turn();
    expect(seen).toEqual(["now", "frame", "first", "second"]);
  });

  it("is read no further with more than 64 pieces of work waiting, and again when they are done", async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    open(() => async () => {
      await promise;
    });
    for (let count = 0; count < 64; count++) socket.hear("work");
    expect(socket.isPaused).toBe(false);
    socket.hear("work");
    expect(socket.isPaused).toBe(true);
    resolve(undefined);
    await turn();
    expect(socket.isPaused).toBe(false);
  });

  it("of a miner that does not read is cut before its backlog hurts", () => {
    const { send } = open(() => undefined);
    socket.bufferedAmount = 16 * 1024 * 1024;
    send("one");
    expect([socket.sent, socket.isTerminated]).toEqual([["one"], false]);
    socket.bufferedAmount += 1;
    send("two");
    expect([socket.sent, socket.isTerminated]).toEqual([["one"], true]);
  });

  it("writes what is for one turn at once, and nothing into a socket that is over", async () => {
    const { send, close } = open(() => undefined);
    for (const text of ["a", "b"]) send(text);
    expect(writes).toEqual(["cork"]);
    await turn();
    expect(writes).toEqual(["cork", "uncork"]);
    close(1000, "over");
    send("c");
    expect([socket.sent, socket.closed]).toEqual([
      ["a", "b"],
      [1000, "over"],
    ]);
  });

  it("ends at what breaks the protocol, with the reason, and looks at nothing behind it", () => {
    open((text) => {
      if (text === "bad") throw new ProtocolError("bad_message", "no such thing");
      return void seen.push(text);
    });
    for (const text of ["good", "bad", "good"]) socket.hear(text);
    expect(socket.closed).toEqual([1008, "bad_message"]);
    expect(JSON.parse(socket.sent[0]!)).toMatchObject({ type: "error", code: "bad_message", fatal: true });
    expect(seen).toEqual(["good"]);
  });

  it("goes on where a failure is not the miner's, with the work behind it", async () => {
    open((text) => async () => {
      if (text === "chain") throw new Error("the chain is away");
      seen.push(text);
    });
    for (const text of ["chain", "next"]) socket.hear(text);
    await turn();
    expect([seen, problems.length, socket.closed]).toEqual([["next"], 1, undefined]);
  });
});

it("a doorstep has room for 1,024 links that have not shown whose they are, 256 of one address", () => {
  const doorstep = new Doorstep();
  const enter = (address: string, count: number): ((() => void) | undefined)[] =>
    Array.from({ length: count }, () => doorstep.enter(address));
  const [one, two, three] = ["a", "b", "c"].map((address) => enter(address, 257));
  for (const all of [one!, two!, three!]) {
    expect(all.map((leave) => leave !== undefined)).toEqual([...Array<boolean>(256).fill(true), false]);
  }
  expect(enter("d", 256).every((leave) => leave !== undefined)).toBe(true);
  expect(doorstep.enter("e")).toBeUndefined();
  // Its place is given back once, however often it is said.
  one![0]!();
  one![0]!();
  expect(enter("a", 2).map((leave) => leave !== undefined)).toEqual([true, false]);
  expect(doorstep.enter("e")).toBeUndefined();
});
