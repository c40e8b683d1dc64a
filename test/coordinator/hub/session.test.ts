import { limits } from "@lode/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { MinerSession } from "../../../coordinator/src/plugins/app/relay/session.ts";
import { miner, operator, person, word } from "../fixture.ts";

interface Sent {
  readonly type: string;
  readonly funding?: readonly { readonly voucher: { readonly payer: string } }[];
}

let session: MinerSession;
let sent: Sent[];
let pings: number;
beforeEach(() => {
  [sent, pings] = [[], 0];
  const link = {
    send: (text: string) => void sent.push(JSON.parse(text) as Sent),
    close: () => undefined,
    ping: () => void (pings += 1),
  };
  const capabilities = { version: "test", concurrency: 2, models: [], hardware: {} };
  session = new MinerSession(
    { id: "one", miner: miner.address, capabilities, pending: [], seenMs: 0, heardMs: 0 },
    link,
  );
});

const measure = (...trips: readonly number[]): void => {
  for (const [at, ms] of trips.entries()) {
    session.ping(at * 1000);
    session.onPong(at * 1000 + ms);
  }
};

describe("what is measured of a miner", () => {
  it("is its round trip and how far that swings, which one odd value does not decide", () => {
    expect([session.isMeasured, session.roundTripMs]).toEqual([false, 0]);
    measure(40);
    expect([session.isMeasured, session.roundTripMs, session.swingMs]).toEqual([true, 40, 0]);
    measure(80);
    expect([session.roundTripMs, session.swingMs]).toEqual([50, 10]);
  });

  it("is asked for once at a time, and not by a word that nobody asked for", () => {
    session.onPong(5);
    expect(session.isMeasured).toBe(false);
    session.ping(100);
    session.ping(200);
    session.onPong(300);
    expect([pings, session.roundTripMs]).toEqual([1, 200]);
  });

  it("is its first token less the way, and less what loading its model was counted for", () => {
    measure(40);
    session.learn(1240, 3240, 101, 1000);
    expect(session.firstTokenMs).toBe(200);
    expect(session.usualJobMs).toBe(2240);
    // The first of the tokens came at the begin of that time.
    expect(session.tokensPerSecond).toBe(50);
    session.learn(640, 1640, 1);
    expect([session.firstTokenMs, session.usualJobMs, session.tokensPerSecond]).toEqual([300, 2090, 50]);
    session.learn(undefined, 90, 0);
    expect([session.firstTokenMs, session.usualJobMs]).toEqual([300, 1590]);
  });

  it("is never below nothing, and a job without a token makes it slower only", () => {
    measure(500);
    session.learn(100, 100, 1);
    expect(session.firstTokenMs).toBe(0);
    session.learnSlow(400);
    expect(session.firstTokenMs).toBe(0);
    session.learnSlow(1300);
    expect(session.firstTokenMs).toBe(200);
    session.learnSlow(600);
    expect(session.firstTokenMs).toBe(200);
  });
});

describe("a voucher's funding", () => {
  const voucher = {
    payee: operator.address,
    kind: 0,
    epoch: 0n,
    cumulativeWei: 1n,
    count: 1n,
    receiptsRoot: word("r"),
  };
  const payers = Array.from({ length: limits.funding + 2 }, (_, i) => person(`payer ${i}`).address);
  const funding = payers.map((payer) => ({ voucher: { ...voucher, payer }, signature: word(payer) }));
  const minerVoucher = { voucher: { ...voucher, payer: operator.address, kind: 1 }, signature: word("paid") };
  const told = (): (string | undefined)[] => {
    session.flush();
    return (sent.at(-1)?.funding ?? []).map((one) => one.voucher.payer);
  };

  it("goes out once a link, those served last first where there are too many", () => {
    session.pay({ minerVoucher, funding });
    expect(told()).toEqual(payers.slice(2));
    session.pay({ minerVoucher, funding });
    expect(told()).toEqual(payers.slice(0, 2));
    session.pay({ minerVoucher, funding });
    expect(told()).toEqual([]);
    const [first, ...others] = funding;
    session.pay({ minerVoucher, funding: [...others, { ...first!, signature: word("newer") }] });
    expect(told()).toEqual([payers[0]]);
    expect(sent.map(({ type }) => type)).toEqual(Array(4).fill("voucher"));
  });
});

it("tells what is wanted when that changed", () => {
  const [one, two] = [
    { digest: word("one"), id: "one" },
    { digest: word("two"), id: "two" },
  ];
  for (const list of [[], [one], [one], [one, two], []]) session.want(list);
  expect(sent).toEqual([
    { type: "wanted", models: [one] },
    { type: "wanted", models: [one, two] },
    { type: "wanted", models: [] },
  ]);
});
