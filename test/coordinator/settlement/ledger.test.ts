import { signBatch, verifySignedLeaf } from "@lode/sdk/batch";
import { hexToBytes, keccak, type Hex } from "@lode/sdk/hash";
import { recoverTypedData } from "@lode/sdk/keys";
import { cloudEngineClass, escrowDomain, hashStruct, hostedEngineClass, serviceSalt } from "@lode/sdk/typed-data";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SignedAssignment } from "../../../coordinator/src/plugins/app/ledger/types.ts";
import { InsufficientFundsError, ReceiptRejectedError } from "../../../coordinator/src/plugins/app/ledger/errors.ts";
import {
  addresses,
  assignCommand,
  client,
  domain,
  miner,
  nowMs,
  openLedgerFixture,
  operator,
  person,
  receiptFor,
  session,
  temporaryHome,
  word,
  type LedgerFixture,
} from "../fixture.ts";

const escrow = escrowDomain(addresses);
/** What an assignment of the fixture can cost at most. */
const maximumWei = 10n * 3n + 10n * 1_000n;

let folder: ReturnType<typeof temporaryHome>;
let f: LedgerFixture;
beforeEach(async () => {
  folder = temporaryHome();
  f = await openLedgerFixture(folder.home, { hasTables: false });
});
afterEach(async () => {
  await f.close();
  folder.remove();
});

/** Closes and opens the store: what a restart keeps is what was durable. */
async function restart(hasTables = false): Promise<void> {
  const { chain } = f;
  await f.close();
  f = await openLedgerFixture(folder.home, { chain, hasTables });
}

/** Sweeps up to a moment, in seconds after the beginning, as often as the program does. */
async function sweepUntil(seconds: number, keep?: ReadonlySet<Hex>): Promise<void> {
  const endMs = nowMs + seconds * 1000;
  for (let atMs = f.clock.nowMs; atMs < endMs; atMs += 5_000) {
    f.clock.nowMs = atMs;
    await f.ledger.voidOverdue(keep);
  }
  f.clock.nowMs = endMs;
  await f.ledger.voidOverdue(keep);
}

describe("a reservation", () => {
  it("holds the maximum cost, signed by the operator, and is still there after a restart", async () => {
    const { assignment, batch } = await f.ledger.assign(assignCommand(f.ledger));
    expect(verifySignedLeaf(domain, "AssignmentBatch", hashStruct("Assignment", assignment), batch)).toBe(
      operator.address,
    );
    expect(f.book.lockedWei(client.address)).toBe(maximumWei);
    await restart();
    expect(f.book.lockedWei(client.address)).toBe(maximumWei);
    expect((await f.ledger.clientBalance(client.address)).locked).toMatchObject([
      { amountWei: maximumWei, reason: "running job" },
    ]);
  });

  it("of what only the process knew that began it is released at the next start, a miner's and a host's are not", async () => {
    const began = async (change: Parameters<typeof assignCommand>[1]): Promise<Hex> =>
      (await f.ledger.assign(assignCommand(f.ledger, change))).digest;
    const miners = await began({ jobId: "a miner's" });
    const cloud = await began({ jobId: "a cloud's", engineClass: cloudEngineClass });
    const hosted = await began({ jobId: "a polling miner's", engineClass: hostedEngineClass });
    expect(f.book.lockedWei(client.address)).toBe(3n * maximumWei);
    await restart();
    const states = [miners, cloud, hosted].map((digest) => f.book.attempts.get(digest)?.state);
    expect(states).toEqual(["running", "voided", "running"]);
    expect(f.book.lockedWei(client.address)).toBe(2n * maximumWei);
    expect(["a miner's", "a cloud's"].map((id) => f.ledger.jobState(id))).toEqual(["open", "free"]);
    // Released once: the next start finds the same book.
    await restart();
    expect(f.book.lockedWei(client.address)).toBe(2n * maximumWei);
  });

  it("of a cloud is not given up when the same wallet's link comes back, a miner's is", async () => {
    const { digest } = await f.ledger.assign(assignCommand(f.ledger, { engineClass: cloudEngineClass }));
    await f.ledger.assign(assignCommand(f.ledger));
    await f.ledger.voidOthers(miner.address, new Set());
    expect(f.book.openAttempts().map((attempt) => attempt.digest)).toEqual([digest]);
  });

  it("cannot be made twice from the same money by parallel requests", async () => {
    f.chain.funds = { ...f.chain.funds, balanceWei: 3n * maximumWei + 1n };
    const tries = await Promise.allSettled(Array.from({ length: 10 }, () => f.ledger.assign(assignCommand(f.ledger))));
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    for (const result of tries) {
      if (result.status === "rejected") expect(result.reason).toBeInstanceOf(InsufficientFundsError);
    }
    expect((await f.ledger.clientBalance(client.address)).availableWei).toBe(1n);
  });

  it.each([
    ["the account is one wei short", { balanceWei: maximumWei - 1n }],
    ["the money is thawing", { thawingWei: 1_000_000n - maximumWei + 1n }],
    ["the session cap is one wei short", { signerCapWei: maximumWei - 1n }],
    ["the session key ends within three days", { signerExpiresAt: BigInt(nowMs / 1000 + 3 * 86_400 - 1) }],
  ])("is refused when %s", async (_name, change) => {
    f.chain.funds = { ...f.chain.funds, ...change };
    await expect(f.ledger.assign(assignCommand(f.ledger))).rejects.toBeInstanceOf(InsufficientFundsError);
    expect(f.book.lockedWei(client.address)).toBe(0n);
  });

  it("is released once its deadline and the grace have passed", async () => {
    await f.ledger.assign(assignCommand(f.ledger));
    await sweepUntil(660);
    expect(f.book.lockedWei(client.address)).toBe(maximumWei);
    await sweepUntil(661);
    expect(f.book.lockedWei(client.address)).toBe(0n);
  });

  it("waits for the miner as long after a time in which no miner could come back", async () => {
    await f.ledger.assign(assignCommand(f.ledger));
    const { chain } = f;
    await f.close();
    f = await openLedgerFixture(folder.home, { chain, nowMs: nowMs + 3_600_000, hasTables: false });
    await sweepUntil(3_600 + 89);
    expect(f.book.lockedWei(client.address)).toBe(maximumWei);
    await sweepUntil(3_600 + 90);
    expect(f.book.lockedWei(client.address)).toBe(0n);
    // Held up, not closed: the sweep itself is what comes late.
    await f.ledger.assign(assignCommand(f.ledger, { deadline: BigInt(nowMs / 1000 + 4_000) }));
    f.clock.nowMs = nowMs + 8_000_000;
    await f.ledger.voidOverdue();
    expect(f.book.lockedWei(client.address)).toBe(maximumWei);
    await sweepUntil(8_000 + 90);
    expect(f.book.lockedWei(client.address)).toBe(0n);
  });

  it("is kept beyond its time while its receipt is here and could not be settled", async () => {
    const { digest } = await f.ledger.assign(assignCommand(f.ledger));
    await sweepUntil(900, new Set([digest]));
    expect(f.book.lockedWei(client.address)).toBe(maximumWei);
    await f.ledger.voidOverdue();
    expect(f.book.lockedWei(client.address)).toBe(0n);
  });
});

describe("a receipt", () => {
  it("moves the money once: one debit, one credit, both vouchers, and it survives a restart", async () => {
    const assigned = await f.ledger.assign(assignCommand(f.ledger));
    const command = { miner: miner.address, ...receiptFor(assigned, 4) };
    const first = await f.ledger.settle(command);
    expect(first.amountWei).toBe(5n * 3n + 4n * 1_000n);
    const again = await f.ledger.settle(command);
    expect(again).toEqual(first);
    await restart();
    expect(await f.ledger.settle({ ...command, seen: undefined })).toEqual(first);
    expect(f.book.lockedWei(client.address)).toBe(0n);
    expect(f.ledger.logSize).toBe(1);
    const [paid, funded] = [first.minerVoucher, first.funding[0]!];
    expect(recoverTypedData(escrow, "Voucher", paid.voucher, paid.signature)).toBe(operator.address);
    expect(recoverTypedData(escrow, "Voucher", funded.voucher, funded.signature)).toBe(session.address);
    expect(paid.voucher).toMatchObject({ payee: miner.address, kind: 1, count: 1n, cumulativeWei: 4_015n - 200n });
    expect(funded.voucher).toMatchObject({ payer: client.address, kind: 0, count: 1n, cumulativeWei: 4_015n });
  });

  it("brings the vouchers of the clients that fund its miner, those served last at the end", async () => {
    const clients = ["one", "two"].map((name) => person(`client ${name}`).address);
    const payers: Hex[][] = [];
    for (const payer of [...clients, ...clients.slice(0, 1)]) {
      const assigned = await f.ledger.assign(assignCommand(f.ledger, { client: payer }));
      const { funding } = await f.ledger.settle({ miner: miner.address, ...receiptFor(assigned, 4) });
      payers.push(funding.map(({ voucher }) => voucher.payer));
    }
    const [one, two] = clients;
    // One message names only so many: the one that this receipt is for must be among them.
    expect(payers).toEqual([[one], [one, two], [two, one]]);
  });

  it("is in the database as a log entry", { timeout: 120_000 }, async () => {
    const assigned = await f.ledger.assign(assignCommand(f.ledger));
    await f.ledger.settle({ miner: miner.address, ...receiptFor(assigned, 4) });
    await restart(true);
    const [entry] = await f.ledger.entries(0, 10);
    expect(entry).toMatchObject({
      index: 0,
      debitIndex: 0,
      creditIndex: 0,
      client: client.address,
      miner: miner.address,
    });
    expect(await f.ledger.receipts(assigned.digest)).toEqual([entry]);
    expect(await f.ledger.receipts("chatcmpl-000000000000000000000000")).toEqual([entry]);
  });

  it("for one assignment is the only one: another one is refused", async () => {
    const assigned = await f.ledger.assign(assignCommand(f.ledger));
    await f.ledger.settle({ miner: miner.address, ...receiptFor(assigned, 4) });
    const other = receiptFor(assigned, 4, { inputCommitment: word("other") });
    await expect(f.ledger.settle({ miner: miner.address, ...other })).rejects.toMatchObject({
      code: "receipt_conflict",
    });
    expect(f.ledger.logSize).toBe(1);
  });

  it.each([
    ["another amount", { amountWei: 4_016n }, "receipt_wrong"],
    ["another output", { outputCommitment: word("other") }, "receipt_wrong"],
    ["fewer tokens than were delivered", { outputTokens: 3, amountWei: 3_015n }, "receipt_wrong"],
    ["more input than allowed", { inputTokens: 11, amountWei: 4_033n }, "receipt_wrong"],
    ["an end before its start", { finishedAtMs: BigInt(nowMs - 1) }, "receipt_wrong"],
    ["an end in the future", { finishedAtMs: BigInt(nowMs + 200_000) }, "receipt_wrong"],
    ["a start before its assignment", { startedAtMs: BigInt(nowMs - 120_001) }, "receipt_wrong"],
    ["an end that there is not", { finishReason: 4 }, "receipt_wrong"],
    ["an unknown assignment", { assignment: word("unknown") }, "receipt_unknown"],
  ])("with %s is refused and changes nothing", async (_name, change, code) => {
    const assigned = await f.ledger.assign(assignCommand(f.ledger));
    const command = { miner: miner.address, ...receiptFor(assigned, 4, change), seen: receiptFor(assigned, 4).seen };
    await expect(f.ledger.settle(command)).rejects.toMatchObject({ code });
    expect(f.ledger.logSize).toBe(0);
    expect(f.book.lockedWei(client.address)).toBe(maximumWei);
  });

  it("cut before the first token is refused: whoever does the job then bills its input", async () => {
    const assigned = await f.ledger.assign(assignCommand(f.ledger));
    const settling = f.ledger.settle({ miner: miner.address, ...receiptFor(assigned, 0, { finishReason: 3 }) });
    await expect(settling).rejects.toThrow("cut before the first token");
    expect(f.ledger.logSize).toBe(0);
    // An answer that ends before it begins is one.
    await f.ledger.settle({ miner: miner.address, ...receiptFor(assigned, 0) });
    expect(f.ledger.logSize).toBe(1);
  });

  it("for more tokens than were assigned is refused, whatever came", async () => {
    const assigned = await f.ledger.assign(assignCommand(f.ledger));
    const settling = f.ledger.settle({ miner: miner.address, ...receiptFor(assigned, 11) });
    await expect(settling).rejects.toThrow("more output tokens than the assignment allows");
  });

  it("for another miner's assignment is refused, however well it is signed", async () => {
    const assigned = await f.ledger.assign(assignCommand(f.ledger));
    const other = person("another miner");
    const command = { miner: other.address, ...receiptFor(assigned, 4, {}, other) };
    await expect(f.ledger.settle(command)).rejects.toMatchObject({ code: "receipt_foreign" });
    expect(f.ledger.logSize).toBe(0);
  });

  it("signed by another key is refused", async () => {
    const assigned = await f.ledger.assign(assignCommand(f.ledger));
    const command = { miner: miner.address, ...receiptFor(assigned, 4, {}, person("stranger")) };
    await expect(f.ledger.settle(command)).rejects.toMatchObject({ code: "receipt_signature" });
  });

  it("of a forgotten stream needs the coordinator's own acknowledgement", async () => {
    const assigned = await f.ledger.assign(assignCommand(f.ledger));
    const { receipt, batch, seen } = receiptFor(assigned, 4);
    const progress = { assignment: assigned.digest, count: seen.count, prefixRoot: seen.root };
    const lastAck = await f.ledger.acknowledge(progress);
    await restart();
    const command = { miner: miner.address, receipt, batch };
    await expect(f.ledger.settle(command)).rejects.toMatchObject({ code: "receipt_unproved" });
    const forged = { ...lastAck, progress: { ...progress, count: 3 } };
    await expect(f.ledger.settle({ ...command, lastAck: forged })).rejects.toMatchObject({ code: "receipt_unproved" });
    // Its own word is no proof, and neither is the coordinator's about another assignment.
    const [ownBatch] = signBatch(miner, domain, "ProgressBatch", [hashStruct("Progress", progress)]);
    const own = { progress, batch: ownBatch! };
    await expect(f.ledger.settle({ ...command, lastAck: own })).rejects.toMatchObject({ code: "receipt_unproved" });
    const foreign = await f.ledger.acknowledge({ ...progress, assignment: word("another assignment") });
    await expect(f.ledger.settle({ ...command, lastAck: foreign })).rejects.toMatchObject({ code: "receipt_unproved" });
    const signature: Hex = `0x${"ff".repeat(65)}`;
    const garbled = { ...lastAck, batch: { ...lastAck.batch, signature } };
    await expect(f.ledger.settle({ ...command, lastAck: garbled })).rejects.toMatchObject({ code: "receipt_unproved" });
    expect(await f.ledger.settle({ ...command, lastAck })).toMatchObject({ logIndex: 0 });
  });

  it("after the attempt was given up is refused", async () => {
    const assigned = await f.ledger.assign(assignCommand(f.ledger));
    await f.ledger.voidAttempt(assigned.digest, "test");
    await expect(f.ledger.settle({ miner: miner.address, ...receiptFor(assigned, 4) })).rejects.toBeInstanceOf(
      ReceiptRejectedError,
    );
    expect(f.book.lockedWei(client.address)).toBe(0n);
  });

  it("of a lost attempt still pays what it delivered, and no more stays reserved", async () => {
    const assigned = await f.ledger.assign(assignCommand(f.ledger));
    await f.ledger.lost(assigned.digest, 4);
    expect(f.book.lockedWei(client.address)).toBe(10n * 3n + 4n * 1_000n);
    await f.ledger.settle({ miner: miner.address, ...receiptFor(assigned, 4, { finishReason: 3 }) });
    expect(f.book.lockedWei(client.address)).toBe(0n);
  });
});

describe("a start after days", () => {
  const awayMs = 3 * 86_400_000;

  async function returnAfter(ms: number): Promise<void> {
    const { chain } = f;
    await f.close();
    f = await openLedgerFixture(folder.home, { chain, hasTables: false, nowMs: nowMs + ms });
  }
  /** A quote and a deadline of now. */
  const assign = (): Promise<SignedAssignment> =>
    f.ledger.assign(assignCommand(f.ledger, { deadline: BigInt(f.clock.nowMs / 1000 + 600) }));

  it("anchors what was done before by itself, and only then begins anything", async () => {
    const [first, second, third] = [await assign(), await assign(), await assign()];
    await f.ledger.settle({ miner: miner.address, ...receiptFor(first, 4) });
    await returnAfter(awayMs);
    await f.ledger.finishReturn();
    await expect(assign()).rejects.toMatchObject({ code: "returning" });
    await f.ledger.settle({ miner: miner.address, ...receiptFor(second, 4) });
    await f.ledger.voidAttempt(third.digest, "no receipt came in time");
    await expect(assign()).rejects.toMatchObject({ code: "returning" });
    expect(f.chain.anchors).toEqual([]);
    await f.ledger.finishReturn();
    expect(f.chain.anchors).toMatchObject([{ size: 2 }]);
    await assign();
  });

  it("waits until the chain took the anchor", async () => {
    await f.ledger.settle({ miner: miner.address, ...receiptFor(await assign(), 4) });
    await returnAfter(awayMs);
    const { anchor } = f.chain;
    f.chain.anchor = () => Promise.reject(new Error("no chain"));
    await expect(f.ledger.finishReturn()).rejects.toThrow("no chain");
    await expect(assign()).rejects.toMatchObject({ code: "returning" });
    f.chain.anchor = anchor;
    await f.ledger.finishReturn();
    await assign();
  });

  it("goes on behind a start that was broken off in the middle", async () => {
    const [first, second] = [await assign(), await assign()];
    await returnAfter(awayMs);
    await f.ledger.voidAttempt(first.digest, "no receipt came in time");
    await returnAfter(awayMs + 60_000);
    await expect(assign()).rejects.toMatchObject({ code: "returning" });
    await f.ledger.voidAttempt(second.digest, "no receipt came in time");
    await f.ledger.finishReturn();
    await assign();
  });

  it("is over with an anchor that holds all of it, and not with one that was on its way before", async () => {
    const [first, second] = [await assign(), await assign()];
    await f.ledger.settle({ miner: miner.address, ...receiptFor(first, 4) });
    await returnAfter(awayMs);
    const { anchor } = f.chain;
    const [sent, mined] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    f.chain.anchor = async (...given) => {
      sent.resolve(undefined);
      await mined.promise;
      return anchor.apply(f.chain, given);
    };
    const early = f.ledger.anchor();
    // Its size is taken by then.
    await sent.promise;
    await f.ledger.settle({ miner: miner.address, ...receiptFor(second, 4) });
    const step = f.ledger.finishReturn();
    mined.resolve(undefined);
    await Promise.all([early, step]);
    await expect(assign()).rejects.toMatchObject({ code: "returning" });
    expect(f.ledger.isReturning).toBe(true);
    f.chain.anchor = anchor;
    await f.ledger.finishReturn();
    expect(f.chain.anchors).toMatchObject([{ size: 1 }, { size: 2 }]);
    await assign();
  });

  it.each([
    ["was short", 11 * 3_600_000, false],
    ["left nothing to do", awayMs, true],
  ])("holds up nobody where the absence %s", async (_, ms, isDone) => {
    await f.ledger.settle({ miner: miner.address, ...receiptFor(await assign(), 4) });
    if (isDone) await f.ledger.anchor();
    await returnAfter(ms);
    await assign();
  });
});

describe("a clock that is set back an hour", () => {
  const backMs = 3_600_000;

  it("refuses no receipt of what runs, in this process or behind a restart", async () => {
    const [first, second] = [
      await f.ledger.assign(assignCommand(f.ledger)),
      await f.ledger.assign(assignCommand(f.ledger)),
    ];
    f.clock.steadyMs = nowMs;
    f.clock.nowMs = nowMs - backMs;
    f.clock.steadyMs += 400_000;
    const late = { finishedAtMs: BigInt(nowMs + 400_000) };
    await f.ledger.settle({ miner: miner.address, ...receiptFor(first, 4, late) });
    const { chain } = f;
    await f.close();
    f = await openLedgerFixture(folder.home, { chain, hasTables: false, nowMs: nowMs - backMs });
    f.clock.steadyMs = nowMs - backMs;
    await f.ledger.settle({ miner: miner.address, ...receiptFor(second, 4) });
    expect(f.book.log.size).toBe(2);
    // What is to come is still no receipt.
    const third = await f.ledger.assign(assignCommand(f.ledger));
    const future = { finishedAtMs: BigInt(nowMs + 200_000) };
    await expect(f.ledger.settle({ miner: miner.address, ...receiptFor(third, 4, future) })).rejects.toMatchObject({
      code: "receipt_wrong",
    });
  });

  it("makes no quote last longer than a quote may", () => {
    const { quote } = f.ledger.quote(word("model"), 1);
    f.clock.nowMs -= backMs;
    const next = f.ledger.quote(word("model"), 1).quote;
    expect(quote.expiresAt - next.expiresAt).toBe(BigInt(backMs / 1000));
  });
});

describe("an anchor", () => {
  /** What is in an anchor beside the log. */
  const others = { liabilitiesRoot: word("liabilities"), nextNonceHash: word("nonce") };
  async function settleOne(): Promise<void> {
    const assigned = await f.ledger.assign(assignCommand(f.ledger));
    await f.ledger.settle({ miner: miner.address, ...receiptFor(assigned, 4) });
  }

  it("that was mined while the process died is learned of, and not sent twice", async () => {
    const assigned = await f.ledger.assign(assignCommand(f.ledger));
    await f.ledger.settle({ miner: miner.address, ...receiptFor(assigned, 4) });
    // The transaction went through, the fact that says so was never written.
    const { root, size } = (await f.ledger.head()).head;
    await f.chain.anchor({ ...others, root, size: Number(size) });
    await restart();
    expect(f.book.lastAnchor).toMatchObject({ epoch: 1, size: 1, root });
    await f.ledger.anchor();
    expect(f.chain.anchors).toHaveLength(1);
  });

  it("that was mined after nobody waited for it any more is learned of, and not sent twice", async () => {
    await settleOne();
    const { anchor } = f.chain;
    f.chain.anchor = async (epoch) => {
      await anchor(epoch);
      throw new Error("no receipt within two minutes");
    };
    await expect(f.ledger.anchor()).rejects.toThrow("no receipt");
    f.chain.anchor = anchor;
    await f.ledger.anchor();
    expect(f.chain.anchors).toHaveLength(1);
    expect(f.book.lastAnchor).toMatchObject({ epoch: 1, size: 1 });
    // The next one counts on from it, and the nonces are made of the secret that it committed to.
    await settleOne();
    await f.ledger.anchor();
    expect(f.chain.anchors).toHaveLength(2);
    expect(f.book.lastAnchor).toMatchObject({ epoch: 2, size: 2 });
  });

  it("that a reorganisation took back is made again, under its number, and once", { timeout: 120_000 }, async () => {
    await settleOne();
    await restart(true);
    await f.ledger.anchor();
    f.chain.anchors.pop();
    await settleOne();
    await f.ledger.anchor();
    expect(f.chain.anchors).toMatchObject([{ size: 2 }]);
    expect(f.book.lastAnchor).toMatchObject({ epoch: 1, size: 2 });
    f.chain.anchors.pop();
    await f.ledger.anchor();
    expect(f.chain.anchors).toMatchObject([{ size: 2 }]);
    expect(await f.ledger.books.anchors(undefined, 10)).toMatchObject([{ epoch: 1, size: 2 }]);
    await restart();
    expect(f.ledger.nextJob().coordinatorNonce).toMatch(/^0x/);
    expect(f.warnings).toEqual([]);
  });

  it("that was sent twice counts twice, and the nonces are made of what the last one committed to", async () => {
    await settleOne();
    const { anchor } = f.chain;
    // Nobody waited for the first one any more; both are mined, one behind the other.
    f.chain.anchor = async (epoch) => {
      await anchor(epoch);
      return anchor(epoch);
    };
    await f.ledger.anchor();
    f.chain.anchor = anchor;
    expect(f.book.lastAnchor).toMatchObject({ epoch: 2, size: 1 });
    expect(keccak(hexToBytes(f.book.secrets.get(2)!))).toBe(f.chain.anchors[1]!.nextNonceHash);
    const secret = f.book.secrets.get(2);
    await settleOne();
    await f.ledger.anchor();
    expect(f.book.lastAnchor).toMatchObject({ epoch: 3, size: 2 });
    expect(keccak(hexToBytes(f.book.secrets.get(3)!))).toBe(f.chain.anchors[2]!.nextNonceHash);
    await restart();
    expect(f.book.secrets.get(2)).toBe(secret);
  });

  it("of another log that was mined just before ours ends the work, also at every start from then on", async () => {
    await settleOne();
    const { anchor } = f.chain;
    f.chain.anchor = async (epoch) => {
      await anchor({ ...others, root: word("another log"), size: 1 });
      return anchor(epoch);
    };
    await expect(f.ledger.anchor()).rejects.toMatchObject({ code: "log_other" });
    f.chain.anchor = anchor;
    expect(f.chain.anchors).toHaveLength(2);
    // The last one is ours.
    await expect(f.ledger.anchor()).rejects.toMatchObject({ code: "log_other" });
    const { chain } = f;
    await f.close();
    await expect(openLedgerFixture(folder.home, { chain, hasTables: false })).rejects.toMatchObject({
      code: "log_other",
    });
    f = await openLedgerFixture(`${folder.home}/other`, { hasTables: false });
  });

  it("of another log that a reorganisation put in the place of ours is seen", async () => {
    await settleOne();
    await f.ledger.anchor();
    await f.ledger.anchor();
    f.chain.anchors[0] = { ...f.chain.anchors[0]!, root: word("another log") };
    await expect(f.ledger.anchor()).rejects.toMatchObject({ code: "log_other" });
  });

  it("above the log means that the home is an old copy: the coordinator does not start", async () => {
    await f.chain.anchor({ ...others, root: word("root"), size: 5 });
    const { chain } = f;
    await f.close();
    await expect(openLedgerFixture(folder.home, { chain, hasTables: false })).rejects.toThrow(/old copy/);
    f = await openLedgerFixture(`${folder.home}/other`, { hasTables: false });
  });

  it("of another log under this key ends the work, at a start and in the middle", async () => {
    await settleOne();
    const { root, size } = (await f.ledger.head()).head;
    const other = { ...others, size: Number(size) };
    await f.chain.anchor({ ...other, root: word("another log") });
    await expect(f.ledger.anchor()).rejects.toMatchObject({ code: "log_other" });
    expect(f.chain.anchors).toHaveLength(1);
    const { chain } = f;
    await f.close();
    await expect(openLedgerFixture(folder.home, { chain, hasTables: false })).rejects.toMatchObject({
      name: "ForeignAnchorError",
    });
    // The same with this log's own root is an anchor of ours.
    chain.anchors = [];
    await chain.anchor({ ...other, root });
    f = await openLedgerFixture(folder.home, { chain, hasTables: false });
    expect(f.book.lastAnchor).toMatchObject({ epoch: 1, root });
  });
});

describe("an API key", () => {
  it("works from its creation on, after a restart, and only whole", async () => {
    const key = (await f.ledger.keys.create({ scope: "client", account: client.address, label: "laptop" })).key;
    await restart();
    expect(f.ledger.keys.authenticate(key)).toMatchObject({
      account: client.address,
      scope: "client",
      label: "laptop",
    });
    expect(f.ledger.keys.authenticate(`${key.slice(0, -1)}${key.endsWith("A") ? "B" : "A"}`)).toBeUndefined();
    expect(f.ledger.keys.authenticate(key.slice(0, -1))).toBeUndefined();
    expect(f.ledger.keys.authenticate("")).toBeUndefined();
  });
});

describe("a first token that comes later than its quote promised", () => {
  const steps = [
    { afterMs: 500, payPpm: 500_000 },
    { afterMs: 2000, payPpm: 350_000 },
  ];
  const promised = () => assignCommand(f.ledger, { quote: f.ledger.quote(word("model"), 1, undefined, { steps }) });
  /** Of 4,015 wei. */
  const halfWei = 2_007n;

  it("costs what the terms leave, on both sides, once, wherever a crash comes between", async () => {
    const assigned = await f.ledger.assign(promised());
    await restart();
    const command = { miner: miner.address, ...receiptFor(assigned, 4, { amountWei: halfWei }) };
    const first = await f.ledger.settle(command);
    expect(first).toMatchObject({ amountWei: halfWei, refundWei: 4_015n - halfWei });
    for (let crash = 0; crash < 2; crash++) {
      await restart();
      expect(await f.ledger.settle({ ...command, seen: undefined })).toEqual(first);
    }
    expect(first.funding[0]!.voucher).toMatchObject({ count: 1n, cumulativeWei: halfWei });
    expect(first.minerVoucher.voucher).toMatchObject({ count: 1n, cumulativeWei: halfWei - 100n });
    expect(f.book.lockedWei(client.address)).toBe(0n);
    const full = { miner: miner.address, ...receiptFor(assigned, 4) };
    await expect(f.ledger.settle(full)).rejects.toMatchObject({ code: "receipt_conflict" });
    // The quote's signature covers the terms, so that anybody can work the amount out.
    const { quote, service } = f.ledger.quote(word("model"), 1, undefined, { steps });
    expect(service!.steps).toEqual(steps);
    expect(serviceSalt(service!)).toBe(quote.salt);
    expect(f.ledger.registry.lateness(miner.address)).toBeCloseTo(0.05);
  });

  it("is no reason for any other amount, and none where nothing was promised", async () => {
    const [kept, broken] = [await f.ledger.assign(promised()), await f.ledger.assign(assignCommand(f.ledger))];
    const settle = (assigned: SignedAssignment, amountWei: bigint) =>
      f.ledger.settle({ miner: miner.address, ...receiptFor(assigned, 4, { amountWei }) });
    await expect(settle(kept, halfWei + 1n)).rejects.toMatchObject({ code: "receipt_wrong" });
    await expect(settle(broken, halfWei)).rejects.toMatchObject({ code: "receipt_wrong" });
    expect(await settle(broken, 4_015n)).toMatchObject({ refundWei: 0n });
    expect(await settle(kept, 4_015n)).toMatchObject({ refundWei: 0n });
    expect(f.ledger.registry.lateness(miner.address)).toBe(0);
  });

  it("belongs to the miner that began: whoever goes on is paid in full", async () => {
    const second = await f.ledger.assign({ ...promised(), attempt: 1, outputOffset: 3 });
    const settle = (amountWei: bigint) =>
      f.ledger.settle({ miner: miner.address, ...receiptFor(second, 4, { amountWei }) });
    await expect(settle(2_000n)).rejects.toMatchObject({ code: "receipt_wrong" });
    expect(await settle(4_000n)).toMatchObject({ amountWei: 4_000n, refundWei: 0n });
  });
});
