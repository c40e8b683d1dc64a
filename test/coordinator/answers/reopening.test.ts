import { EventEmitter } from "node:events";
import type { FastifyReply, FastifyRequest } from "fastify";
import { beforeEach, describe, expect, it } from "vitest";
import { Reopening } from "../../../coordinator/src/plugins/app/answers/reopening.ts";

const mib = 2 ** 20;
let clock: { nowMs: number };
let reopening: Reopening;
beforeEach(() => {
  clock = { nowMs: 1000 };
  reopening = new Reopening({ bytesPerMinute: 10 * mib, bytesAtOnce: 6 * mib }, () => clock.nowMs);
});

/** What stands for an answer that is given again; ending it is its client having read it, or being gone. */
function enter(account: string, bytes: number): () => void {
  const raw = new EventEmitter();
  const request = { key: () => ({ account }) } as unknown as FastifyRequest;
  reopening.enter(request, { raw } as unknown as FastifyReply, bytes);
  return () => void raw.emit("close");
}

describe("answers that are opened again", () => {
  it("are so many bytes a minute for each account", () => {
    for (let i = 0; i < 5; i++) enter("a", 2 * mib)();
    expect(() => enter("a", 2 * mib)).toThrow(expect.objectContaining({ status: 429, code: "rate_limit_exceeded" }));
    enter("b", 2 * mib)();
    enter("a", 1000)();
    clock.nowMs += 60_000;
    enter("a", 2 * mib)();
  });

  it("are so many bytes at once, until their clients have them", () => {
    const first = enter("a", 4 * mib);
    const busy = { status: 503, code: "busy", headers: { "retry-after": "2" } };
    expect(() => enter("b", 4 * mib)).toThrow(expect.objectContaining(busy));
    enter("c", 2 * mib)();
    first();
    enter("b", 4 * mib);
  });

  it("are given where there is but one, whatever it takes", () => {
    enter("a", 9 * mib)();
    enter("b", 9 * mib);
    expect(() => enter("c", mib)).toThrow(expect.objectContaining({ status: 503 }));
  });
});
