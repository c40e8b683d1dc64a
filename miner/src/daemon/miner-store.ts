import { join } from "node:path";
import type { Hex } from "@lode/sdk/hash";
import { RecordLog } from "@lode/sdk/record-log";
import { hashStruct, fromWire, type Assignment, type Receipt, type ServiceTerms } from "@lode/sdk/typed-data";
import type { SignedProgress } from "@lode/protocol";
import type { Credit } from "./credit-check.ts";
import type { MinerRecord, StoredVoucher } from "./records.ts";
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
  readonly #broken = Promise.withResolvers<Error>();
  #log: RecordLog<MinerRecord> | undefined;

  private constructor(transcripts: Transcripts) {
    this.transcripts = transcripts;
  }

  /** Opens the store of a home folder for writing; only one process can. */
  static async open(home: string, warn: (message: string) => void): Promise<MinerStore> {
    const store = new MinerStore(new Transcripts(home, Date.now, warn));
    store.#log = await RecordLog.open<MinerRecord>(
      join(home, "jobs", "records"),
      (record) => store.#apply(record),
      warn,
    );
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
  append(record: MinerRecord): Promise<void> {
    return this.#append(record, 0);
  }

  /** As `append`, for what nothing that is told to others depends on: it goes to the disk with what does, or a little later. */
  note(record: MinerRecord): Promise<void> {
    return this.#append(record, noteLagMs);
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

  #append(record: MinerRecord, lagMs: number): Promise<void> {
    if (this.#log === undefined) throw new Error("this store was opened for reading");
    this.#apply(record);
    const written = this.#log.append(record, lagMs);
    written.catch((error: unknown) => this.break(error));
    return written;
  }

  #apply(record: MinerRecord): void {
    if (record.kind === "voucher") {
      const { paid } = record;
      const { funding } = this.#vouchers.get(paid.voucher.payer) ?? { funding: new Map<Hex, StoredVoucher>() };
      for (const one of record.funding) funding.set(one.voucher.payer, one);
      this.#vouchers.set(paid.voucher.payer, { paid, funding });
      return;
    }
    if (record.kind === "assigned") {
      const assignment = fromWire("Assignment", record.assignment);
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
        job.receipt = fromWire("Receipt", record.receipt);
        job.receiptHash = hashStruct("Receipt", job.receipt);
        return;
      case "accepted": {
        job.accepted = { logIndex: record.logIndex, creditIndex: record.creditIndex };
        const credits = this.#credits.get(job.assignment.coordinator) ?? [];
        if (job.receipt !== undefined && job.receiptHash !== undefined) {
          const { feePpm } = job.assignment;
          credits[record.creditIndex] = { hash: job.receiptHash, receipt: job.receipt, feePpm };
        }
        this.#credits.set(job.assignment.coordinator, credits);
        return;
      }
      case "closed":
        job.closed = record.reason;
        return;
    }
  }
}
