import { join } from "node:path";
import type { Ballot } from "@lode/sdk/draws";
import type { Hex } from "@lode/sdk/hash";
import { RecordLog } from "@lode/sdk/record-log";
import type { LogEntry } from "@lode/protocol";

/** A receipt that this verifier was drawn to check. */
export interface Check {
  readonly receipt: Hex;
  readonly coordinatorUrl: string;
  readonly coordinator: Hex;
  /** The anchor whose draw named it. */
  readonly epoch: string;
  readonly entry: LogEntry;
  /** From this leaf to that anchor's root. */
  readonly path: readonly Hex[];
  readonly pickedAtMs: number;
  /** No rate named it yet, so that the court would not hear of it. */
  readonly isLot?: boolean;
}

/** How far a check is. */
export interface CheckState extends Check {
  found?: { readonly verdict: string; readonly reason: string };
  /** The accusation is about to be sent, or was. */
  filing?: { readonly bondWei: string };
}

/** What a verifier writes down before it acts on it, in the order it happened. */
export type VerifierRecord =
  /** Draws of a coordinator up to this anchor were looked at. */
  | { readonly kind: "looked"; readonly coordinator: Hex; readonly epoch: string; readonly size: number }
  | ({ readonly kind: "check" } & Check)
  /** The rate of a later draw named a lot: where it stands under that anchor. */
  | {
      readonly kind: "named";
      readonly receipt: Hex;
      readonly epoch: string;
      readonly path: readonly Hex[];
      readonly isAskedAgain: boolean;
      readonly atMs: number;
    }
  | { readonly kind: "found"; readonly receipt: Hex; readonly verdict: string; readonly reason: string }
  | { readonly kind: "filing"; readonly receipt: Hex; readonly bondWei: string }
  /** What a filing came to nothing for: another one was first, or the court refused it. */
  | { readonly kind: "dropped"; readonly receipt: Hex; readonly reason: string }
  | { readonly kind: "ballot"; readonly ballot: Ballot; readonly receipt: Hex; readonly reason: string };

/** A ballot and why it says what it says. */
export interface KeptBallot {
  readonly ballot: Ballot;
  readonly receipt: Hex;
  readonly reason: string;
}

/** A verifier's memory: without its ballots it could not reveal, and who does not reveal pays. */
export class VerifierStore {
  readonly checks = new Map<Hex, CheckState>();
  readonly ballots = new Map<string, KeptBallot>();
  readonly #looked = new Map<Hex, { readonly epoch: bigint; readonly size: number }>();
  #log: RecordLog<VerifierRecord> | undefined;

  static file(home: string): string {
    return join(home, "verifier", "records");
  }

  /** Opens a store for writing; only one process can. */
  static async open(home: string, warn: (message: string) => void): Promise<VerifierStore> {
    const store = new VerifierStore();
    store.#log = await RecordLog.open<VerifierRecord>(VerifierStore.file(home), (record) => store.#apply(record), warn);
    return store;
  }

  /** Reads a store beside a running verifier. */
  static async read(home: string): Promise<VerifierStore> {
    const store = new VerifierStore();
    await RecordLog.read(VerifierStore.file(home), (record) => store.#apply(record as VerifierRecord));
    return store;
  }

  /** Resolves when the record is on the disk. */
  async append(record: VerifierRecord): Promise<void> {
    if (this.#log === undefined) throw new Error("this store was opened for reading");
    await this.#log.append(record);
    this.#apply(record);
  }

  async close(): Promise<void> {
    await this.#log?.close();
  }

  /** The last draw of a coordinator that was looked at, and how much of its log that covered. */
  lookedAt(coordinator: Hex): { readonly epoch: bigint; readonly size: number } {
    return this.#looked.get(coordinator) ?? { epoch: 0n, size: 0 };
  }

  #apply(record: VerifierRecord): void {
    switch (record.kind) {
      case "looked":
        this.#looked.set(record.coordinator, { epoch: BigInt(record.epoch), size: record.size });
        return;
      case "check": {
        const { kind: _kind, ...check } = record;
        if (!this.checks.has(check.receipt)) this.checks.set(check.receipt, check);
        return;
      }
      case "named": {
        const { receipt, epoch, path, isAskedAgain, atMs } = record;
        const check = this.checks.get(receipt);
        if (check === undefined) return;
        const { found, ...rest } = check;
        const kept = isAskedAgain || found === undefined ? { pickedAtMs: atMs } : { found };
        this.checks.set(receipt, { ...rest, ...kept, epoch, path, isLot: false });
        return;
      }
      case "found":
        this.#change(record.receipt, (check) => (check.found = record));
        return;
      case "filing":
        this.#change(record.receipt, (check) => (check.filing = record));
        return;
      case "dropped":
        this.#change(record.receipt, (check) => {
          delete check.filing;
          check.found = { verdict: "dropped", reason: record.reason };
        });
        return;
      case "ballot": {
        const { ballot, receipt, reason } = record;
        this.ballots.set(ballot.caseId, { ballot, receipt, reason });
      }
    }
  }

  #change(receipt: Hex, change: (check: CheckState) => unknown): void {
    const check = this.checks.get(receipt);
    if (check !== undefined) change(check);
  }
}
