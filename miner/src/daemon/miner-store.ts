import { join } from "node:path";
import type { Hex } from "@lode/sdk/hash";
import { RecordLog } from "@lode/sdk/record-log";
import { hashStruct, fromWire, type Assignment, type Receipt, type ServiceTerms } from "@lode/sdk/typed-data";
import type { SignedProgress } from "@lode/protocol";
import { creditWei, type Credit } from "./credit-check.ts";
import type { MinerRecord, PaidReceipt, StoredVoucher } from "./records.ts";
import { Transcripts } from "./transcripts.ts";

/** One assignment's state on this miner. */
export interface JobState {
  readonly digest: Hex;
  readonly assignment: Assignment;
  readonly jobSalt: Hex;
  readonly service: ServiceTerms | undefined;
  firstTokenMs?: number;
  input?: { readonly count: number; readonly commitment: Hex; readonly startedAtMs: number };
  lastAck?: SignedProgress;
  receipt?: Receipt;
  receiptHash?: Hex;
  accepted?: { readonly logIndex: number; readonly creditIndex: number };
  closed?: string;
}

export interface MinerStoreOptions {
  readonly nowMs?: () => number;
  /** Jobs of long ago that may lie about beyond as many as are needed. */
  readonly spare?: number;
}

/**
 * A job is kept whole for so long behind its deadline: a case can open within four days of it and lasts a few more, and prompts
 * and tokens are kept for seven.
 */
const keptMs = 14 * 86_400_000;
const spareJobs = 1_000;
/** What one record names at most, so that it stays far below what a record may hold. */
const inRecord = 1_000;

/** What a record's JSON was made from or read into already, where somebody just did: it need not be read again. */
interface Known {
  readonly assignment?: Assignment;
  readonly receipt?: Receipt;
}

/** How much later what nobody waits for may reach the disk, milliseconds. */
const noteLagMs = 10;

/** Everything the miner must not forget: what it was promised, what it signed, what pays it. */
export class MinerStore {
  readonly jobs = new Map<Hex, JobState>();
  /** Receipts by their index in this miner's credit stream of a coordinator. */
  readonly #credits = new Map<Hex, (Credit | undefined)[]>();
  /** Prompts and tokens of jobs whose receipts can still be tried. */
  readonly transcripts: Transcripts;
  /** The latest of every coordinator, and of each client that ever funded it: one message names only so many. */
  readonly #vouchers = new Map<Hex, { paid: StoredVoucher; readonly funding: Map<Hex, StoredVoucher> }>();
  /** Assignments of long ago, of which no more is kept: none is taken a second time. */
  readonly #over = new Set<Hex>();
  /** When the last assignment came, unix milliseconds. */
  #lastMs = 0;
  readonly #broken = Promise.withResolvers<Error>();
  #log: RecordLog<MinerRecord> | undefined;

  private constructor(transcripts: Transcripts) {
    this.transcripts = transcripts;
  }

  /**
   * Opens the store of a home folder for writing; only one process can. Where most jobs are of long ago the records are written
   * anew: of those that were paid or came to nothing only what checks the next voucher, and what keeps them from coming again.
   */
  static async open(
    home: string,
    warn: (message: string) => void,
    { nowMs = Date.now, spare = spareJobs }: MinerStoreOptions = {},
  ): Promise<MinerStore> {
    const store = new MinerStore(new Transcripts(home, nowMs, warn));
    const path = join(home, "jobs", "records");
    const log = await RecordLog.open<MinerRecord>(path, (record) => store.#apply(record), warn);
    try {
      await store.#forget({ log, path, nowMs: nowMs(), spare, warn });
    } catch (error) {
      await log.close();
      throw error;
    }
    store.#log = log;
    return store;
  }

  /** Reads the store beside a running miner. */
  static async read(home: string): Promise<MinerStore> {
    const store = new MinerStore(new Transcripts(home));
    await RecordLog.read(join(home, "jobs", "records"), (record) => store.#apply(record as MinerRecord));
    return store;
  }

  /** Resolves with the reason once something cannot be kept: from then on there is no use in working. */
  get broken(): Promise<Error> {
    return this.#broken.promise;
  }

  /** Applies a record and resolves when it is on the disk. */
  append(record: MinerRecord, known: Known = {}): Promise<void> {
    return this.#append(record, known, 0);
  }

  /** As `append`, for what nothing that is told to others depends on: it goes to the disk with what does, or a little later. */
  note(record: MinerRecord, known: Known = {}): Promise<void> {
    return this.#append(record, known, noteLagMs);
  }

  /** Something that must be kept beside the records could not be. */
  break(reason: unknown): void {
    this.#broken.resolve(reason instanceof Error ? reason : new Error(String(reason)));
  }

  async close(): Promise<void> {
    await Promise.all([this.#log?.close(), this.transcripts.close()]);
  }

  /** Receipts whose settlement the coordinator has not confirmed. */
  pending(coordinator: Hex): JobState[] {
    return [...this.jobs.values()].filter(
      ({ assignment, receipt, accepted, closed }) =>
        assignment.coordinator === coordinator &&
        receipt !== undefined &&
        accepted === undefined &&
        closed === undefined,
    );
  }

  /** Assignments of a coordinator that a crash interrupted: neither receipted nor closed. */
  unfinished(coordinator: Hex): JobState[] {
    return [...this.jobs.values()].filter(
      ({ assignment, receipt, closed }) =>
        assignment.coordinator === coordinator && receipt === undefined && closed === undefined,
    );
  }

  credits(coordinator: Hex): readonly (Credit | undefined)[] {
    return this.#credits.get(coordinator) ?? [];
  }

  voucherOf(coordinator: Hex): { paid: StoredVoucher; funding: readonly StoredVoucher[] } | undefined {
    const known = this.#vouchers.get(coordinator);
    return known && { paid: known.paid, funding: [...known.funding.values()] };
  }

  /** The latest voucher of every coordinator, with the client vouchers that fund it. */
  vouchers(): { paid: StoredVoucher; funding: readonly StoredVoucher[] }[] {
    return [...this.#vouchers.values()].map(({ paid, funding }) => ({ paid, funding: [...funding.values()] }));
  }

  /** Whether an assignment ever came. */
  isKnown(digest: Hex): boolean {
    return this.jobs.has(digest) || this.#over.has(digest);
  }

  async #forget({ log, path, nowMs, spare, warn }: Forgetting): Promise<void> {
    // A clock that is ahead must not take away what is still needed: time has gone on for sure until the last assignment came.
    const beforeMs = Math.min(nowMs, this.#lastMs) - keptMs;
    const over = [...this.jobs.values()].filter((job) => this.#isOver(job, beforeMs));
    if (over.length <= this.jobs.size - over.length + spare) return;
    const forgotten = new Set(over.map(({ digest }) => digest));
    try {
      await log.rewrite(async (put) => {
        for (const record of this.#remains(over)) await put(record);
        await RecordLog.read(path, (value) => {
          const record = value as MinerRecord;
          const isKept = record.kind !== "voucher" && !("digest" in record && forgotten.has(record.digest));
          return isKept ? put(record) : undefined;
        });
        for (const { paid, funding } of this.vouchers()) {
          for (let at = 0; at === 0 || at < funding.length; at += inRecord) {
            await put({ kind: "voucher", paid, funding: funding.slice(at, at + inRecord) } satisfies MinerRecord);
          }
        }
      });
    } catch (error) {
      await log.flushed();
      warn(`the records stay as long as they are: ${String(error).split("\n")[0] ?? ""}`);
      return;
    }
    for (const digest of forgotten) {
      this.jobs.delete(digest);
      this.#over.add(digest);
    }
  }

  /** Whether nobody can try a job any more, and nothing of it is still to be paid. */
  #isOver({ assignment, accepted, closed }: JobState, beforeMs: number): boolean {
    if (Number(assignment.deadline) * 1000 >= beforeMs) return false;
    if (accepted === undefined) return closed !== undefined;
    return accepted.creditIndex < Number(this.#vouchers.get(assignment.coordinator)?.paid.voucher.count ?? 0);
  }

  /** What is kept of jobs of long ago. */
  *#remains(jobs: readonly JobState[]): Generator<MinerRecord> {
    const paid = new Map<Hex, PaidReceipt[]>();
    const digests: Hex[] = [];
    for (const { digest, assignment, receipt, receiptHash, accepted } of jobs) {
      if (accepted === undefined || receipt === undefined || receiptHash === undefined) {
        digests.push(digest);
        continue;
      }
      const receipts = paid.get(assignment.coordinator) ?? [];
      receipts.push([accepted.creditIndex, digest, receiptHash, `${creditWei(receipt, assignment.feePpm)}`]);
      paid.set(assignment.coordinator, receipts);
    }
    for (const [coordinator, receipts] of paid) {
      for (let at = 0; at < receipts.length; at += inRecord) {
        yield { kind: "paid", coordinator, receipts: receipts.slice(at, at + inRecord) };
      }
    }
    for (let at = 0; at < digests.length; at += inRecord) {
      yield { kind: "over", digests: digests.slice(at, at + inRecord) };
    }
  }

  #creditsOf(coordinator: Hex): (Credit | undefined)[] {
    const credits = this.#credits.get(coordinator) ?? [];
    this.#credits.set(coordinator, credits);
    return credits;
  }

  #append(record: MinerRecord, known: Known, lagMs: number): Promise<void> {
    if (this.#log === undefined) throw new Error("this store was opened for reading");
    this.#apply(record, known);
    const written = this.#log.append(record, lagMs);
    written.catch((error: unknown) => this.break(error));
    return written;
  }

  #apply(record: MinerRecord, known: Known = {}): void {
    if (record.kind === "voucher") {
      const { paid } = record;
      const { funding } = this.#vouchers.get(paid.voucher.payer) ?? { funding: new Map<Hex, StoredVoucher>() };
      for (const one of record.funding) funding.set(one.voucher.payer, one);
      this.#vouchers.set(paid.voucher.payer, { paid, funding });
      return;
    }
    if (record.kind === "paid") {
      const credits = this.#creditsOf(record.coordinator);
      for (const [index, digest, hash, wei] of record.receipts) {
        credits[index] = { hash, creditWei: BigInt(wei) };
        this.#over.add(digest);
      }
      return;
    }
    if (record.kind === "over") {
      for (const digest of record.digests) this.#over.add(digest);
      return;
    }
    if (record.kind === "assigned") {
      this.#lastMs = record.atMs;
      const assignment = known.assignment ?? fromWire("Assignment", record.assignment);
      const { digest, jobSalt, service } = record;
      this.jobs.set(digest, { digest, assignment, jobSalt, service });
      return;
    }
    const job = this.jobs.get(record.digest);
    if (job === undefined) throw new Error(`the store names ${record.digest} before its assignment`);
    switch (record.kind) {
      case "started":
        job.input = { count: record.inputIds.length, commitment: record.inputCommitment, startedAtMs: record.atMs };
        return;
      case "acked":
        job.lastAck = record.ack;
        if (record.firstTokenMs !== undefined) job.firstTokenMs = record.firstTokenMs;
        return;
      case "receipted":
        job.receipt = known.receipt ?? fromWire("Receipt", record.receipt);
        job.receiptHash = hashStruct("Receipt", job.receipt);
        return;
      case "accepted": {
        job.accepted = { logIndex: record.logIndex, creditIndex: record.creditIndex };
        const { coordinator, feePpm } = job.assignment;
        if (job.receipt !== undefined && job.receiptHash !== undefined) {
          const credit = { hash: job.receiptHash, creditWei: creditWei(job.receipt, feePpm) };
          this.#creditsOf(coordinator)[record.creditIndex] = credit;
        }
        return;
      }
      case "closed":
        job.closed = record.reason;
        return;
    }
  }
}

interface Forgetting {
  readonly log: RecordLog<MinerRecord>;
  readonly path: string;
  readonly nowMs: number;
  readonly spare: number;
  readonly warn: (message: string) => void;
}
