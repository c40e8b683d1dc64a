import { afterEach, describe, expect, it } from "vitest";
import { Book, BookError, creditWei, feeWei, type Fact } from "../../../coordinator/src/domain/settlement/index.ts";
import {
  assignCommand,
  client,
  miner,
  nowMs,
  openLedgerFixture,
  operator,
  receiptFor,
  temporaryHome,
  word,
} from "../fixture.ts";
import type { SignedAssignment } from "../../../coordinator/src/plugins/app/ledger/types.ts";

const folder = temporaryHome();
afterEach(() => folder.remove());

/** A small generator with a fixed start, so that a failing schedule can be run again. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe("the fee", () => {
  it.each([
    [0n, 0n],
    [19n, 0n],
    [20n, 1n],
    [4_015n, 200n],
  ])("of %s wei is rounded down in the miner's favour", (amount, fee) => {
    expect(feeWei(amount, 50_000)).toBe(fee);
    expect(creditWei(amount, 50_000) + fee).toBe(amount);
  });
});

describe("the book", () => {
  it("over random schedules never promises more than there is, and replays to the same state", async () => {
    const random = randomFrom(7);
    const { ledger, book, chain, close } = await openLedgerFixture(folder.home, { hasTables: false });
    chain.funds = { ...chain.funds, balanceWei: 120_000n, signerCapWei: 120_000n };
    const facts: Fact[] = [];
    const apply = book.apply.bind(book);
    book.apply = (fact) => {
      facts.push(fact);
      apply(fact);
    };
    const booked = { client: client.address, modelDigest: word("model"), slots: 3, fromMs: nowMs - 1000 };
    book.apply({ kind: "booking.made", id: "a", ...booked, toMs: nowMs + 3_600_000, atMs: nowMs - 100_000 });
    const open: SignedAssignment[] = [];
    let settledWei = 0n;
    for (let step = 0; step < 400; step++) {
      const action = random(5);
      const attempt = open[random(Math.max(1, open.length))];
      if (action <= 1 || attempt === undefined) {
        await ledger.assign(assignCommand(ledger)).then(
          (assigned) => open.push(assigned),
          () => undefined,
        );
      } else if (action === 2) {
        await ledger.lost(attempt.digest, random(10));
      } else {
        open.splice(open.indexOf(attempt), 1);
        const state = book.attempts.get(attempt.digest);
        if (action === 3) await ledger.voidAttempt(attempt.digest, "schedule");
        else {
          const receipt = receiptFor(attempt, random(10));
          const isWithin =
            state !== undefined && "reservedWei" in state && receipt.receipt.amountWei <= state.reservedWei;
          const done = await ledger.settle({ miner: miner.address, ...receipt }).catch(() => undefined);
          expect(done !== undefined).toBe(isWithin);
          if (done === undefined) await ledger.voidAttempt(attempt.digest, "schedule");
          else settledWei += done.amountWei;
        }
      }
      const debitedWei = book.debitOf(client.address).cumulativeWei;
      expect(debitedWei + book.lockedWei(client.address)).toBeLessThanOrEqual(120_000n);
      expect(debitedWei).toBe(settledWei);
    }
    for (const { digest } of open) await ledger.voidAttempt(digest, "end");
    expect(book.lockedWei(client.address)).toBe(0n);
    expect(settledWei).toBeGreaterThan(0n);
    const replayed = new Book(operator.address);
    for (const fact of facts) replayed.apply(fact);
    expect(replayed.log.root()).toBe(book.log.root());
    expect(replayed.vouchers).toEqual(book.vouchers);
    expect(replayed.attempts).toEqual(book.attempts);
    // Its jobs were use of its booking, before a restart as after it.
    const kept = ({ calendar }: Book, afterMs: number): number =>
      calendar.keptFrom(operator.address, word("model"), nowMs + afterMs, () => 0);
    for (const one of [book, replayed]) expect([kept(one, 299_999), kept(one, 300_000)]).toEqual([3, 0]);
    await close();
  });

  it("holds a booking that lapsed to be over although it is used later, before a restart as after it", async () => {
    const { ledger, book, clock, close } = await openLedgerFixture(folder.home, { hasTables: false });
    const facts: Fact[] = [];
    const apply = book.apply.bind(book);
    book.apply = (fact) => {
      facts.push(fact);
      apply(fact);
    };
    const booked = { client: client.address, modelDigest: word("model"), slots: 3, fromMs: nowMs };
    book.apply({ kind: "booking.made", id: "a", ...booked, toMs: nowMs + 3_600_000, atMs: nowMs - 100_000 });
    const kept = ({ calendar }: Book, running: number): number =>
      calendar.keptFrom(operator.address, word("model"), clock.nowMs, () => running);
    clock.nowMs += 299_999;
    expect(kept(book, 0)).toBe(3);
    clock.nowMs += 1;
    expect(kept(book, 0)).toBe(0);
    // Somebody else asks while a late job of its client runs.
    const { digest } = await ledger.assign(assignCommand(ledger));
    expect(kept(book, 1)).toBe(0);
    await ledger.voidAttempt(digest, "over");
    const replayed = new Book(operator.address);
    for (const fact of facts) replayed.apply(fact);
    clock.nowMs += 1000;
    expect([book, replayed].map((one) => kept(one, 0))).toEqual([0, 0]);
    await close();
  });

  it.each(["attempt.voided", "attempt.lost"] as const)("refuses %s of an attempt that it does not know", (kind) => {
    const fact = { kind, digest: "0x01", reason: "", deliveredTokens: 0, atMs: 0 } as Fact;
    expect(() => new Book(operator.address).apply(fact)).toThrow(BookError);
  });
});
