import { clockToleranceMs } from "@lode/sdk/audit";
import { signBatch, verifySignedLeaf } from "@lode/sdk/batch";
import type { Hex } from "@lode/sdk/hash";
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

  describe("that starts long after its quote's end", () => {
    /** One of a job that may go on for hours, and settles it with a start so long after the last that an audit lets pass. */
    async function settleLate(attempt: number, lateMs: number): Promise<unknown> {
      const command = assignCommand(f.ledger, { attempt, deadline: BigInt(nowMs / 1000 + 7200) });
      const assigned = await f.ledger.assign(command);
      const startedAtMs = Number(command.quote.quote.expiresAt) * 1000 + clockToleranceMs + lateMs;
      f.clock.nowMs = startedAtMs + 60_000;
      const times = { startedAtMs: BigInt(startedAtMs), finishedAtMs: BigInt(startedAtMs + 500) };
      return f.ledger.settle({ miner: miner.address, ...receiptFor(assigned, 4, times) });
    }

    it("is refused: an audit would hold it against this coordinator", async () => {
      await expect(settleLate(0, 1)).rejects.toThrow("its quote had ended");
      expect(f.ledger.logSize).toBe(0);
    });

    it.each([
      ["at the last moment", 0, 0],
      ["of whoever takes a job over at its price", 1, 1],
    ])("is taken %s", async (_name, attempt, lateMs) => {
      await settleLate(attempt, lateMs);
      expect(f.ledger.logSize).toBe(1);
    });
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
