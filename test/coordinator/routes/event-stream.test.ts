import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EventStream, type EventStreamOptions } from "../../../coordinator/src/routes/inference/event-stream.ts";

/** A response that notes what it is given, and whose client reads when a test says so. */
class FakeResponse extends EventEmitter {
  readonly written: string[] = [];
  status = 0;
  headers: Readonly<Record<string, string>> = {};
  destroyed = false;
  closed = false;
  writableNeedDrain = false;

  writeHead(status: number, headers: Readonly<Record<string, string>>): void {
    [this.status, this.headers] = [status, headers];
  }

  write(text: string): boolean {
    this.written.push(text);
    return !this.writableNeedDrain;
  }

  end(text: string): void {
    this.written.push(text);
  }

  close(): void {
    this.closed = true;
    this.emit("close");
  }

  destroy(): void {
    this.destroyed = true;
    this.close();
  }
}

let raw: FakeResponse;
let stalls: number;
beforeEach(() => {
  vi.useFakeTimers();
  raw = new FakeResponse();
  stalls = 0;
});
afterEach(() => void vi.useRealTimers());

const open = (change: Partial<EventStreamOptions> = {}): EventStream =>
  new EventStream(raw as unknown as ServerResponse, {
    ...{ headers: { "x-lode-job": "one" }, clientStallMs: 60_000, keepAliveMs: 15_000, onStall: () => (stalls += 1) },
    ...change,
  });
const alive = ": still working\n\n";

describe("a silent stream", () => {
  it("shows a sign of life as often as it is asked to, until it ends", async () => {
    const stream = open();
    expect(raw.status).toBe(200);
    expect(raw.headers).toMatchObject({ "x-lode-job": "one", "content-type": "text/event-stream; charset=utf-8" });
    vi.advanceTimersByTime(14_999);
    expect(raw.written).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(raw.written).toEqual([alive]);
    vi.advanceTimersByTime(30_000);
    expect(raw.written).toEqual([alive, alive, alive]);
    const ended = stream.end("data: [DONE]\n\n");
    vi.advanceTimersByTime(45_000);
    expect(raw.written.slice(3)).toEqual(["data: [DONE]\n\n"]);
    raw.close();
    await ended;
    vi.advanceTimersByTime(120_000);
    expect(raw.destroyed).toBe(false);
  });

  it("shows the sign that its clients know", () => {
    open({ alive: "event: ping\n\n" });
    vi.advanceTimersByTime(15_000);
    expect(raw.written).toEqual(["event: ping\n\n"]);
  });

  it("piles none up for a client that does not read", () => {
    open();
    raw.writableNeedDrain = true;
    vi.advanceTimersByTime(150_000);
    expect(raw.written).toEqual([]);
    raw.writableNeedDrain = false;
    vi.advanceTimersByTime(15_000);
    expect(raw.written).toEqual([alive]);
  });
});

describe("a client that does not read", () => {
  it("is given up when it had its time, and not when it reads in between", () => {
    const stream = open();
    let resumed = 0;
    const wait = (): void => stream.onDrain(() => (resumed += 1));
    wait();
    vi.advanceTimersByTime(59_999);
    raw.emit("drain");
    expect(resumed).toBe(1);
    vi.advanceTimersByTime(60_000);
    expect(stalls).toBe(0);
    wait();
    vi.advanceTimersByTime(59_999);
    expect(stalls).toBe(0);
    vi.advanceTimersByTime(1);
    expect([stalls, resumed]).toEqual([1, 1]);
    raw.destroy();
    expect(resumed).toBe(2);
    expect(raw.listenerCount("drain") + raw.listenerCount("close")).toBe(0);
  });

  it("keeps nobody waiting when it is gone already, and what it is sent is dropped", async () => {
    const stream = open();
    raw.destroy();
    let resumed = 0;
    stream.onDrain(() => (resumed += 1));
    expect([resumed, stream.write("data: more\n\n")]).toEqual([1, true]);
    await stream.end("data: [DONE]\n\n");
    expect(raw.written).toEqual([]);
    vi.advanceTimersByTime(120_000);
    expect(stalls).toBe(0);
  });

  it("is hung up on when it leaves the end unread", async () => {
    const ended = open().end("data: [DONE]\n\n");
    vi.advanceTimersByTime(59_999);
    expect(raw.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(raw.destroyed).toBe(true);
    await ended;
  });
});
