import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { RecordLog } from "@lode/sdk/record-log";
import { fromWire, toWire, type Voucher, type WireStruct } from "@lode/sdk/typed-data";
import type { SentRequest } from "./debit-check.ts";
import type { SlabRecord } from "./slab-purse.ts";

/** What a gateway must not forget: requests whose bills it will take, and what it promised. */
export type GatewayRecord =
  | { readonly kind: "begun"; readonly id: string; readonly request: Begun }
  | { readonly kind: "sent"; readonly id: string; readonly request: Omit<SentRequest, "billedTokens"> }
  | { readonly kind: "signed"; readonly voucher: WireStruct<"Voucher"> }
  | SlabRecord;

export type Begun = Omit<SentRequest, "billedTokens" | "answerBytes">;

export interface GatewayRecordsOptions {
  readonly home: string;
  /** Takes in a promise on a channel of ZkSettlement. */
  readonly onSlab: (record: SlabRecord) => void;
  readonly warn: (message: string) => void;
  /** So many more records than are needed are never written anew; a thousand unless given. */
  readonly spare?: number;
}

/** Stands for how long an answer was of which nobody knows. */
export const unknownBytes = Number.MAX_SAFE_INTEGER;

/** How long a request's bill is waited for, requests. */
export const maximumSent = 10_000;

/** A gateway's memory, on the disk before anything that depends on it leaves. */
export class GatewayRecords {
  /** Requests whose bills are taken, the oldest first. */
  readonly sent = new Map<string, SentRequest>();
  /** The last promise in the escrow. */
  promised: Voucher | undefined;
  readonly #options: GatewayRecordsOptions;
  #log: RecordLog<GatewayRecord> | undefined;
  #slabs = 0;

  constructor(options: GatewayRecordsOptions) {
    this.#options = options;
  }

  static file(home: string): string {
    return join(home, "gateway", "records");
  }

  /** Whether promises were ever made on channels of ZkSettlement. */
  get paidBySlab(): boolean {
    return this.#slabs > 0;
  }

  /** Reads what an earlier gateway wrote, and writes it anew where most of it was overtaken. Only one process can. */
  async open(): Promise<void> {
    const { home, warn, spare = 1000 } = this.#options;
    mkdirSync(join(home, "gateway"), { recursive: true, mode: 0o700 });
    let read = 0;
    const take = (record: GatewayRecord): void => {
      read += 1;
      this.#apply(record);
    };
    const log = (this.#log = await RecordLog.open<GatewayRecord>(GatewayRecords.file(home), take, warn));
    const needed = this.sent.size + this.#slabs + (this.promised === undefined ? 0 : 1);
    if (read - needed > needed + spare) await this.#shorten(log);
  }

  /** Applies a record at once, and resolves when it is on the disk. */
  async append(record: GatewayRecord): Promise<void> {
    this.#apply(record);
    await this.#log?.append(record);
  }

  async close(): Promise<void> {
    await this.#log?.close();
  }

  /** Where it cannot be done the old records are still there, and go on. */
  async #shorten(log: RecordLog<GatewayRecord>): Promise<void> {
    const { home, warn } = this.#options;
    try {
      await log.rewrite(async (put) => {
        // Any promise on a channel may be the one that it was settled with: its blinding is nowhere else.
        await RecordLog.read(GatewayRecords.file(home), (record) =>
          (record as GatewayRecord).kind === "slab" ? put(record) : undefined,
        );
        for (const [id, { billedTokens: _billed, answerBytes, ...request }] of this.sent) {
          await put(
            answerBytes === unknownBytes
              ? { kind: "begun", id, request }
              : { kind: "sent", id, request: { ...request, answerBytes } },
          );
        }
        if (this.promised !== undefined) await put({ kind: "signed", voucher: toWire("Voucher", this.promised) });
      });
    } catch (error) {
      await log.flushed();
      warn(`the gateway's records stay as long as they are: ${String(error).split("\n")[0] ?? ""}`);
    }
  }

  #apply(record: GatewayRecord): void {
    if (record.kind === "slab") {
      this.#slabs += 1;
      this.#options.onSlab(record);
      return;
    }
    if (record.kind === "signed") {
      this.promised = fromWire("Voucher", record.voucher);
      return;
    }
    const { billedTokens = 0 } = this.sent.get(record.id) ?? {};
    // After a crash nobody knows how much of an answer came; what was asked for bounds it still.
    const { answerBytes = unknownBytes } = record.kind === "sent" ? record.request : {};
    this.sent.set(record.id, { ...record.request, answerBytes, billedTokens });
    const [oldest] = this.sent.keys();
    if (this.sent.size > maximumSent && oldest !== undefined) this.sent.delete(oldest);
  }
}
