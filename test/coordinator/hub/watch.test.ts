import { beforeEach, describe, expect, it } from "vitest";
import type { RunningAttempt } from "../../../coordinator/src/plugins/app/relay/attempt.ts";
import { MinerSession } from "../../../coordinator/src/plugins/app/relay/session.ts";
import { Watch } from "../../../coordinator/src/plugins/app/relay/watch.ts";
import { miner, word } from "../fixture.ts";

const patience = { firstTokenMs: 1, stallMs: 1 };
/** By the process's own clock, on which a watch begins; by the one that heartbeats are timed by. */
let nowMs: number;
let unixMs: number;
let session: MinerSession;
let watch: Watch;
let isPaused: boolean;
let pings: number;
let lost: string[];
let changes: number;
let gone: number;

const stream = { fail: (code: string) => void lost.push(code) } as unknown as RunningAttempt;

function open(isHost = false): void {
  // Whole: a sum of fifths of a second is exact then, and a silence of a second not a little longer.
  nowMs = Math.ceil(performance.now());
  [unixMs, isPaused, pings, lost, changes, gone] = [1_790_000_000_000, false, 0, [], 0, 0];
  const link = {
    send: () => undefined,
    close: () => undefined,
    ping: () => void (pings += 1),
    isPaused: () => isPaused,
  };
  const capabilities = { version: "test", concurrency: 1, models: [], hardware: {} };
  const options = { id: "one", miner: miner.address, capabilities, pending: [], seenMs: unixMs, heardMs: nowMs };
  session = new MinerSession(isHost ? { ...options, hostPatience: patience } : options, link);
  session.streams.set(word("job"), stream);
  watch = new Watch({
    ...{ sessions: () => [session], heartbeatSecs: 30, silentMs: 1000, steadyMs: () => unixMs, log: () => undefined },
    onChange: () => void (changes += 1),
    onOffline: () => void (gone += 1),
  });
}

/** Looks every fifth of a second, as long as that takes. */
function look(forMs: number): void {
  for (let passed = 0; passed < forMs; passed += 200) watch.look((nowMs += 200));
}

describe("a miner that works and says nothing", () => {
  beforeEach(() => open());

  it("is asked for a sign of life, once, and loses its work when none came in time", () => {
    look(200);
    expect(pings).toBe(0);
    look(800);
    expect([pings, lost, session.isQuiet]).toEqual([1, [], false]);
    look(200);
    expect([pings, lost, session.isQuiet, changes]).toEqual([1, ["silent"], true, 1]);
    look(2000);
    expect([pings, lost, changes]).toEqual([1, ["silent"], 1]);
  });

  it("keeps it with a sign of life in between", () => {
    for (let round = 0; round < 5; round++) {
      look(800);
      session.lastHeardMs = nowMs;
    }
    expect(lost).toEqual([]);
  });

  it("is not blamed for a time in which this process was held up, but for silence behind it", () => {
    look(800);
    watch.look((nowMs += 5000));
    expect(lost).toEqual([]);
    look(600);
    expect(lost).toEqual([]);
    look(200);
    expect(lost).toEqual(["silent"]);
  });

  it("is not blamed while nothing is read from it for a reason of ours", () => {
    isPaused = true;
    look(5000);
    expect(lost).toEqual([]);
    isPaused = false;
    look(800);
    expect(lost).toEqual(["silent"]);
  });
});

describe("who has nothing to lose", () => {
  it.each([
    ["a miner without work", false],
    ["a host, which has no socket", true],
  ])("is let alone: %s", (_name, isHost) => {
    open(isHost);
    if (!isHost) session.streams.clear();
    look(5000);
    expect([pings, lost, session.isQuiet]).toEqual([0, [], false]);
  });
});

describe("a miner that had nothing to do for longer than a silence may last", () => {
  it("keeps the job that it gets then while it reads the prompt, and loses it by silence from then on", () => {
    open();
    session.streams.clear();
    look(30_000);
    session.streams.set(word("job"), stream);
    look(600);
    expect([pings, lost, session.isQuiet]).toEqual([1, [], false]);
    look(200);
    expect(lost).toEqual(["silent"]);
  });
});

describe("heartbeats", () => {
  const after = (seconds: number): void => {
    unixMs += seconds * 1000;
    watch.checkHeartbeats();
  };

  it("cost a miner its work when one is missed, and its link when three are", () => {
    open();
    after(45);
    expect([session.status, lost, gone]).toEqual(["available", [], 0]);
    after(1);
    expect([session.status, lost, changes]).toEqual(["degraded", ["heartbeat"], 1]);
    after(59);
    expect([gone, changes]).toEqual([0, 1]);
    after(1);
    expect(gone).toBe(1);
  });

  it("are not missed while this process was held up: they wait unread", () => {
    open();
    unixMs += 43_000;
    look(43_000);
    unixMs += 200_000;
    watch.look((nowMs += 200_000));
    after(1);
    expect([session.status, gone]).toEqual(["available", 0]);
    after(1);
    expect([session.status, gone]).toEqual(["degraded", 0]);
  });

  it("that stop take the work of one that called itself degraded before", () => {
    open();
    session.status = "degraded";
    after(45);
    expect(lost).toEqual([]);
    after(1);
    expect(lost).toEqual(["heartbeat"]);
  });

  it("are not missed of a host", () => {
    open(true);
    after(10_000);
    expect([session.status, lost, gone]).toEqual(["available", [], 0]);
  });
});
