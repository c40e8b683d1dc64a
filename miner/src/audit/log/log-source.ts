import type { SignedHead } from "@lode/sdk/audit";
import type { Hex } from "@lode/sdk/hash";
import { fromWire, type Voucher } from "@lode/sdk/typed-data";
import { limits, type CoordinatorInfo, type LogEntry, type LogProof } from "@lode/protocol";
import { MinerError } from "../../errors.ts";
import { fetchBytes, fetchJson } from "./bounded-fetch.ts";

const kib = 1024;
/** An entry takes about 4 kB; one of two batches of a million leaves each would take 8. */
const entryBytes = 16 * kib;
/** A voucher takes about 600 bytes: half a million channels. */
const voucherPageBytes = 320 * kib * kib;
const smallBytes = 256 * kib;

/** A voucher and its signature, as the log's page of vouchers shows them. */
export interface ShownVoucher {
  readonly voucher: Voucher;
  readonly signature: Hex;
}

/** A coordinator's public log, or a copy of it at another address. All of it comes from a stranger. */
export class LogSource {
  readonly url: URL;
  readonly #signal: AbortSignal | undefined;

  constructor(url: string, signal?: AbortSignal) {
    this.url = new URL(url);
    this.#signal = signal;
  }

  /** Whose log it says it is. */
  async coordinator(): Promise<Hex> {
    const { coordinator } = (await this.#json("/v1/info", smallBytes)) as Partial<CoordinatorInfo>;
    if (typeof coordinator !== "string" || !/^0x[0-9a-fA-F]{40}$/.test(coordinator)) throw this.#odd("/v1/info");
    return coordinator.toLowerCase() as Hex;
  }

  async head(): Promise<SignedHead> {
    return this.#read("/v1/log/root", smallBytes, (answer) => {
      const { head, signature } = answer as { head: unknown; signature: Hex };
      return { head: fromWire("TreeHead", head), signature };
    });
  }

  async vouchers(): Promise<ShownVoucher[]> {
    return this.#read("/v1/log/vouchers", voucherPageBytes, (answer) =>
      (answer as { vouchers: { voucher: unknown; signature: Hex }[] }).vouchers.map(({ voucher, signature }) => ({
        voucher: fromWire("Voucher", voucher),
        signature,
      })),
    );
  }

  /** One page of entries as it came: it is read where it is checked. */
  page(start: number, count: number): Promise<Buffer> {
    const path = `/v1/log/entries?start=${start}&limit=${Math.min(count, limits.entriesPage)}`;
    return fetchBytes(new URL(path, this.url), this.#limits(entryBytes * Math.min(count, limits.entriesPage)));
  }

  /** Entries with a job's id or an assignment's digest. */
  async receipts(id: string): Promise<LogEntry[]> {
    return this.#read(`/v1/receipts/${encodeURIComponent(id)}`, entryBytes * 64, (answer) => {
      const { receipts } = answer as { receipts: LogEntry[] };
      if (!Array.isArray(receipts) || receipts.length === 0) throw new TypeError("no receipts");
      return receipts;
    });
  }

  /** The path of an entry in the tree of the first `size`. */
  inclusion(index: number, size: number): Promise<Hex[]> {
    return this.#proof(`/v1/log/proof?index=${index}&size=${size}`);
  }

  /** That the tree of the first `to` entries begins with that of the first `from`. */
  consistency(from: number, to: number): Promise<Hex[]> {
    return this.#proof(`/v1/log/proof?from=${from}&to=${to}`);
  }

  #proof(path: string): Promise<Hex[]> {
    return this.#read(path, smallBytes, (answer) => {
      const proof = (answer as LogProof).path;
      const isRead =
        Array.isArray(proof) && proof.length <= 128 && proof.every((step) => /^0x[0-9a-f]{64}$/.test(step));
      if (!isRead) throw new TypeError("no proof");
      return proof;
    });
  }

  async #read<T>(path: string, maximumBytes: number, read: (answer: unknown) => T): Promise<T> {
    const answer = await this.#json(path, maximumBytes);
    try {
      return read(answer);
    } catch (cause) {
      throw this.#odd(path, cause);
    }
  }

  #json(path: string, maximumBytes: number): Promise<unknown> {
    return fetchJson(new URL(path, this.url), this.#limits(maximumBytes));
  }

  #limits(maximumBytes: number) {
    return { maximumBytes, signal: this.#signal };
  }

  #odd(path: string, cause?: unknown): MinerError {
    const message = `${this.url.origin} answered ${path.split("?")[0] ?? path} with something else than a log does.`;
    return new MinerError("log_unreadable", message, { cause });
  }
}
