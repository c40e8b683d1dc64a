import type { CoordinatorMessage } from "@lode/protocol";
import type { Hex } from "@lode/sdk/hash";
import { beforeEach, describe, expect, it } from "vitest";
import { ProofDesk, type ProofRequest } from "../../../coordinator/src/plugins/app/relay/proof-desk.ts";
import type { MinerSession } from "../../../coordinator/src/plugins/app/relay/session.ts";

const request: ProofRequest = { job: 7n, features: "0x01", salt: `0x${"02".repeat(32)}` };
const transaction: Hex = `0x${"ab".repeat(32)}`;
const going = new AbortController().signal;

/** A miner's link, as far as the desk knows one. */
class Link {
  readonly asked: Extract<CoordinatorMessage, { type: "prove" }>[] = [];
  readonly capabilities = { proves: true };
  readonly miner: Hex;
  isGone = false;

  constructor(number: number) {
    this.miner = `0x${number.toString(16).padStart(40, "0")}`;
  }

  get session(): MinerSession {
    return this as unknown as MinerSession;
  }

  send(message: CoordinatorMessage): void {
    if (message.type === "prove") this.asked.push(message);
  }
}

let links: Link[];
let desk: ProofDesk;
beforeEach(() => {
  links = [new Link(1), new Link(2)];
  desk = new ProofDesk(() => links.map(({ session }) => session));
});

/** The miner's link is lost. */
function lose(link: Link): void {
  link.isGone = true;
  desk.onGone(link.session);
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a classification whose prover is lost in the middle", () => {
  it("goes to another miner, once, and the lost one's late word counts for nothing", async () => {
    const answer = desk.ask(request, going);
    const [first, second] = links as [Link, Link];
    expect([first.asked.length, second.asked.length]).toEqual([1, 0]);
    lose(first);
    await settled();
    expect([first.asked.length, second.asked.length]).toEqual([1, 1]);
    expect(second.asked[0]).toMatchObject({ job: "7", features: "0x01", salt: request.salt });
    const late = { type: "proved", id: first.asked[0]!.id, transaction: `0x${"cd".repeat(32)}` } as const;
    desk.onWord(first.session, late);
    // Nor does it count under the other's name.
    desk.onWord(first.session, { ...late, id: second.asked[0]!.id });
    desk.onWord(second.session, { type: "proved", id: second.asked[0]!.id, transaction });
    expect(await answer).toBe(transaction);
  });

  it("ends as no_prover, to be asked again, when nobody is left", async () => {
    const ended = expect(desk.ask(request, going)).rejects.toMatchObject({ code: "no_prover", retryable: true });
    for (const link of links) {
      lose(link);
      await settled();
    }
    await ended;
    expect(links.map(({ asked }) => asked.length)).toEqual([1, 1]);
  });

  it("goes on to the next miner when one says that it made no proof, and asks nobody twice", async () => {
    const ended = expect(desk.ask(request, going)).rejects.toMatchObject({ code: "no_prover" });
    for (const link of links) {
      desk.onWord(link.session, {
        type: "unproved",
        id: link.asked[0]!.id,
        code: "not_open",
        message: "somebody was faster",
      });
      await settled();
    }
    await ended;
    expect(links.map(({ asked }) => asked.length)).toEqual([1, 1]);
  });
});
