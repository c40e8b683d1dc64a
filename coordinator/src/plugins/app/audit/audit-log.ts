import { createReadStream } from "node:fs";
import { mkdir, open, rename, stat, truncate, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { LodeError } from "@lode/sdk/errors";
import type { Hex } from "@lode/sdk/hash";
import { chain, follows, type AuditEvent, type AuditRecord } from "./record.ts";

/** The audit log is not what was written. */
export class AuditError extends LodeError {
  override readonly name = "AuditError";
  /** The first record that does not follow from the one before it. */
  readonly seq: number;
  constructor(seq: number) {
    super("audit_damaged", `The audit log is damaged or was changed at record ${seq}.`);
    this.seq = seq;
  }
}

/** Records that are kept at hand for those who ask; the file has all of them. */
const maximumAtHand = 10_000;

export function auditFile(home: string): string {
  return join(home, "audit", "log.ndjson");
}

/**
 * Who did what, one JSON object a line, each with the hash of the one before: a line that is changed, moved or taken out
 * shows, one cut off the end only to those who kept its hash. A record is on the disk when its call resolves.
 */
export class AuditLog {
  readonly #file: FileHandle;
  readonly #nowMs: () => number;
  readonly #atHand: AuditRecord[];
  #last: AuditRecord | undefined;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  /** What could not be written: nothing more is, because it would not follow from what is there. */
  #failure: { readonly cause: unknown } | undefined;

  private constructor(file: FileHandle, atHand: AuditRecord[], nowMs: () => number) {
    this.#file = file;
    this.#atHand = atHand;
    this.#last = atHand.at(-1);
    this.#nowMs = nowMs;
  }

  /**
   * Opens the log of a home and checks all of it. Half a line at its end, which a crash left, was never acknowledged and
   * is cut off; a log that is not what was written is put aside, and the new one begins by saying so.
   */
  static async open(home: string, nowMs: () => number): Promise<AuditLog> {
    const path = auditFile(home);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const atHand: AuditRecord[] = [];
    let damagedAt: number | undefined;
    try {
      const end = await readAudit(path, (record) => keep(atHand, record));
      if (end.isTorn) await truncate(path, end.bytes);
    } catch (error) {
      if (!(error instanceof AuditError)) throw error;
      damagedAt = error.seq;
      atHand.length = 0;
      await rename(path, `${path}.damaged-${nowMs()}`);
    }
    const log = new AuditLog(await open(path, "a", 0o600), atHand, nowMs);
    if (damagedAt !== undefined) await log.record({ action: "audit.damaged", detail: { seq: damagedAt } });
    return log;
  }

  /** The latest record's hash: whoever keeps it sees later whether the log lost its end. */
  get head(): { readonly seq: number; readonly hash: string } | undefined {
    return this.#last && { seq: this.#last.seq, hash: this.#last.hash };
  }

  /** Appends an event that nobody waits for. */
  note(event: AuditEvent): void {
    this.record(event).catch(() => undefined);
  }

  /** Appends one event. Rejects when it cannot be written. */
  async record(event: AuditEvent): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.cause;
    this.#last = chain(event, this.#last, this.#nowMs());
    keep(this.#atHand, this.#last);
    this.#waiting.push(`${JSON.stringify(this.#last)}\n`);
    this.#writing ??= this.#write();
    return this.#writing;
  }

  /** Latest records behind `after`, in their order; of one account unless it is undefined. */
  latest(account: Hex | undefined, after: number, limit: number): readonly AuditRecord[] {
    return this.#atHand
      .filter((record) => record.seq > after && (account === undefined || record.account === account))
      .slice(0, limit);
  }

  async close(): Promise<void> {
    await this.#writing?.catch(() => undefined);
    await this.#file.close();
  }

  /** One write for all that came while the last one was on its way. */
  async #write(): Promise<void> {
    try {
      // What comes in the same turn goes with it.
      await Promise.resolve();
      while (this.#waiting.length > 0) {
        const lines = this.#waiting.splice(0).join("");
        await this.#file.writeFile(lines);
        await this.#file.datasync();
      }
    } catch (cause) {
      this.#failure = { cause };
      throw cause;
    } finally {
      this.#writing = undefined;
    }
  }
}

function keep(atHand: AuditRecord[], record: AuditRecord): void {
  atHand.push(record);
  if (atHand.length > 2 * maximumAtHand) atHand.splice(0, maximumAtHand);
}

/**
 * Reads and checks a log. Throws AuditError at the first record that does not follow.
 * @returns the length of what is whole, and whether a half line stands behind it
 */
export async function readAudit(
  path: string,
  each: (record: AuditRecord) => void,
): Promise<{ bytes: number; isTorn: boolean }> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size === 0) return { bytes: 0, isTorn: false };
  let last: AuditRecord | undefined;
  let bytes = 0;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const length = Buffer.byteLength(line) + 1;
    // The last line has no end: it was never acknowledged.
    if (bytes + length > size) return { bytes, isTorn: true };
    const record = parse(line);
    if (record === undefined || !follows(record, last)) throw new AuditError((last?.seq ?? 0) + 1);
    each(record);
    last = record;
    bytes += length;
  }
  return { bytes, isTorn: false };
}

function parse(line: string): AuditRecord | undefined {
  try {
    return JSON.parse(line) as AuditRecord;
  } catch {
    return undefined;
  }
}
