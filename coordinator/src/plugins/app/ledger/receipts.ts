import { BatchSigners } from "@lode/sdk/batch";
import type { Hex } from "@lode/sdk/hash";
import type { Signer } from "@lode/sdk/keys";
import { hashStruct, toWire, type Domain } from "@lode/sdk/typed-data";
import {
  madeFrom,
  receiptProblem,
  type Book,
  type Delivered,
  type FactOf,
  type OpenAttempt,
  type SettledAttempt,
} from "../../../domain/settlement/index.ts";
import type { Chain } from "../chain/chain.ts";
import { goingOn } from "../clocks.ts";
import type { FactStore } from "../store/fact-store.ts";
import { Batcher } from "./batcher.ts";
import { ReceiptRejectedError } from "./errors.ts";
import type { SelfSigned } from "./self-signed.ts";
import type { AcknowledgedProgress, SettleCommand, Settlement } from "./types.ts";
import { voucherFact, type VoucherSigner } from "./vouchers.ts";

interface Settling {
  readonly command: SettleCommand;
  readonly receiptHash: Hex;
}

export interface ReceiptsOptions {
  readonly operator: Signer;
  readonly host?: Signer | undefined;
  readonly domain: Domain;
  readonly chain: Chain;
  readonly book: Book;
  readonly store: FactStore;
  readonly vouchers: VoucherSigner;
  readonly selfSigned: SelfSigned;
  readonly nowMs: () => number;
  readonly steadyMs?: () => number;
}

/** So far ahead time may have gone on at a start: a clock that was wrong once must not make any future good for ever. */
const furthestMs = 24 * 3_600_000;

/** Turns receipts into debits, credits and the vouchers over them, in one append. */
export class Receipts {
  readonly #options: ReceiptsOptions;
  readonly #book: Book;
  readonly #domain: Domain;
  readonly #signers = new BatchSigners();
  readonly #batcher: Batcher<Settling, Settlement>;
  /** The time since the last fact as it goes on: a clock that is set back must not make what miners finish now come from the future. */
  readonly #goneOnMs: () => number;

  constructor(options: ReceiptsOptions) {
    this.#options = options;
    const { nowMs, steadyMs = () => performance.now() } = options;
    this.#goneOnMs = goingOn({ nowMs, steadyMs }, Math.min(options.book.latestMs, nowMs() + furthestMs));
    this.#book = options.book;
    this.#domain = options.domain;
    this.#batcher = new Batcher(
      (commands) => this.#settleAll(commands),
      () => options.store.durable(),
    );
  }

  /** Throws ReceiptRejectedError, and ChainError when the miner's operator cannot be read. */
  async settle(command: SettleCommand): Promise<Settlement> {
    const receiptHash = hashStruct("Receipt", command.receipt);
    await this.#checkSigner(command, receiptHash);
    return this.#batcher.add({ command, receiptHash });
  }

  async #checkSigner(command: SettleCommand, receiptHash: Hex): Promise<void> {
    const { operator } = await this.#options.chain.miner(command.miner);
    let signer: Hex;
    try {
      signer = this.#signers.verify(this.#domain, "ReceiptBatch", receiptHash, command.batch);
    } catch (cause) {
      throw new ReceiptRejectedError("signature", "The receipt's signature or path is invalid.", cause);
    }
    if (signer !== operator) {
      throw new ReceiptRejectedError(
        "signature",
        `The receipt is signed by ${signer}, the miner's operator is ${operator}.`,
      );
    }
  }

  /** What our own signed acknowledgement says was delivered; nothing without one. */
  #proved(attempt: OpenAttempt, ack: AcknowledgedProgress | undefined): Delivered {
    if (ack === undefined || ack.progress.assignment !== attempt.digest) {
      throw new ReceiptRejectedError(
        "unproved",
        "The stream is not known here and no acknowledgement of it was shown.",
      );
    }
    let signer: Hex;
    try {
      signer = this.#signers.verify(this.#domain, "ProgressBatch", hashStruct("Progress", ack.progress), ack.batch);
    } catch (cause) {
      throw new ReceiptRejectedError("unproved", "The acknowledgement's signature or path is invalid.", cause);
    }
    if (signer !== this.#options.operator.address) {
      throw new ReceiptRejectedError("unproved", "The acknowledgement is not signed by this coordinator.");
    }
    return { count: ack.progress.count, root: ack.progress.prefixRoot };
  }

  /** All receipts of a batch settle in one append, with one new voucher for each client and miner in it. */
  #settleAll(commands: readonly Settling[]): (Promise<Settlement> | Error)[] {
    const { store, host, vouchers, selfSigned, nowMs } = this.#options;
    const atMs = nowMs();
    const facts = new Map<Hex, FactOf<"attempt.settled">>();
    const clients = new Set<Hex>();
    const selfSigning = new Set<Hex>();
    const miners = new Set<Hex>();
    const wallets = new Set<Hex>();
    const verdicts = commands.map((one): "settles" | "again" | Promise<Settlement> | Error => {
      const { receipt, batch, hosted, isServed } = one.command;
      // A copy within the batch is looked at when the first one is in the book.
      if (facts.has(receipt.assignment)) return "again";
      try {
        const attempt = this.#openFor(one, atMs);
        // The copy that settled it may still be on its way to the disk.
        if (attempt.state === "settled") return this.#whenDurable(this.#settlement(attempt));
        const { digest, assignment } = attempt;
        facts.set(digest, {
          kind: "attempt.settled",
          digest,
          receipt: toWire("Receipt", receipt),
          batch,
          ...(hosted !== undefined && { hosted }),
          ...(isServed === true && { served: true }),
          atMs,
          [madeFrom]: { receipt, hash: one.receiptHash },
        });
        if (hosted !== undefined) wallets.add(hosted.wallet);
        if (!this.#book.signers.has(assignment.client)) clients.add(assignment.client);
        else selfSigning.add(assignment.client);
        miners.add(assignment.miner);
        return "settles";
      } catch (error) {
        return error instanceof Error ? error : new Error(String(error));
      }
    });
    // Receipts and vouchers are one append: after a crash there is no settled receipt that a voucher does not cover.
    const append = () =>
      store.append([...facts.values()], () => [
        ...[...clients].map((client) => voucherFact(vouchers.forClient(this.#book, client))),
        ...[...miners].map((miner) => voucherFact(vouchers.forMiner(this.#book, miner))),
        ...[...wallets].flatMap((wallet) => {
          return host === undefined ? [] : [voucherFact(vouchers.forHosted(this.#book, host, wallet))];
        }),
      ]);
    const stored = facts.size === 0 ? Promise.resolve() : append();
    // Where a settlement cannot even be read below nobody waits for it; the store has told of its failure itself.
    stored.catch(() => undefined);
    for (const client of selfSigning) selfSigned.note(client, this.#book.debitOf(client));
    return commands.map((one, index) => {
      const verdict = verdicts[index] ?? new Error("a batch lost a command");
      if (verdict === "again") return this.#batcher.add(one);
      if (verdict !== "settles") return verdict;
      // The book holds it already, the disk does not. Read now: later vouchers would be durable later than this append.
      const entry = this.#book.attempts.get(one.command.receipt.assignment);
      if (entry?.state !== "settled") return new Error("a settled attempt is not settled");
      const settlement = this.#settlement(entry);
      return stored.then(() => settlement);
    });
  }

  /** The attempt that a receipt settles, or has settled before. Throws ReceiptRejectedError. */
  #openFor({ command, receiptHash }: Settling, nowMs: number): OpenAttempt | SettledAttempt {
    const { receipt } = command;
    const attempt = this.#book.attempts.get(receipt.assignment);
    if (attempt === undefined) throw new ReceiptRejectedError("unknown", "No such assignment was made here.");
    if (attempt.state === "voided")
      throw new ReceiptRejectedError("voided", `The attempt was given up: ${attempt.reason}.`);
    if (attempt.state === "settled") {
      if (attempt.receiptHash === receiptHash) return attempt;
      throw new ReceiptRejectedError("conflict", "Another receipt settled this assignment.");
    }
    if (attempt.assignment.miner !== command.miner) {
      throw new ReceiptRejectedError("foreign", "The assignment belongs to another miner.");
    }
    const delivered = command.seen ?? this.#proved(attempt, command.lastAck);
    const { hosted } = command;
    if (hosted !== undefined && this.#options.host?.address !== command.miner) {
      throw new ReceiptRejectedError("foreign", "This host has no key here.");
    }
    const problem = receiptProblem(attempt, receipt, delivered, Math.max(nowMs, this.#goneOnMs()), hosted);
    if (problem !== undefined) throw new ReceiptRejectedError("wrong", `The receipt is refused: ${problem}.`);
    return attempt;
  }

  /** What the book says becomes a promise to others only when a crash cannot take it back. */
  async #whenDurable<T>(value: T): Promise<T> {
    await this.#options.store.durable();
    return value;
  }

  #settlement(attempt: SettledAttempt): Settlement {
    const { miner } = attempt;
    const minerVoucher = this.#book.minerVoucher(miner);
    if (minerVoucher === undefined) throw new Error("a settled miner has no voucher");
    return {
      digest: attempt.digest,
      receiptDigest: attempt.receiptHash,
      amountWei: attempt.amountWei,
      refundWei: attempt.refundWei,
      logIndex: attempt.logIndex,
      creditIndex: attempt.creditIndex,
      minerVoucher,
      funding: this.#book.fundingOf(miner),
    };
  }
}
