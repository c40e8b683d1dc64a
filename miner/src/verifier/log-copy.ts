import type { Hex } from "@lode/sdk/hash";
import { MerkleTree } from "@lode/sdk/merkle";
import { fromWire, hashStruct } from "@lode/sdk/typed-data";
import { limits, type LogEntry, type LogPage } from "@lode/protocol";
import { MinerError } from "../errors.ts";

/** Reads a coordinator's public log and holds its tree: what it shows must lead to the roots that it anchored. */
export class LogCopy {
  readonly #url: string;
  readonly #tree = new MerkleTree();

  constructor(url: string) {
    this.#url = url;
  }

  /**
   * The entries from `from` on of the log that an anchor fixes, checked against its root. Throws MinerError when the coordinator
   * shows another log.
   */
  async entries(from: number, anchor: { readonly size: number; readonly root: Hex }): Promise<LogEntry[]> {
    const found: LogEntry[] = [];
    const unread = this.#tree.size;
    for (let start = Math.min(from, unread); start < anchor.size;) {
      const page = await this.#page(start, Math.min(limits.entriesPage, anchor.size - start));
      for (const entry of page) {
        const hash = hashStruct("Receipt", fromWire("Receipt", entry.receipt));
        if (start === this.#tree.size) this.#tree.append(hash);
        if (start >= from) found.push(entry);
        start += 1;
      }
    }
    if (this.#tree.root(anchor.size) !== anchor.root) {
      throw new MinerError("other_log", `${this.#url} shows another log than it anchored; run lode audit.`);
    }
    return found;
  }

  /** The path of an entry in the log of an anchor's size, which `entries` has read. */
  path(index: number, size: number): Hex[] {
    return this.#tree.inclusionProof(index, size);
  }

  async #page(start: number, limit: number): Promise<LogEntry[]> {
    const url = new URL(`/v1/log/entries?start=${start}&limit=${limit}`, this.#url);
    const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    if (!answer.ok) throw new MinerError("log_unreadable", `${url.origin} answers ${answer.status} for its log.`);
    const { entries } = (await answer.json()) as LogPage;
    if (entries.length === 0) throw new MinerError("log_unreadable", `${url.origin} shows less than it anchored.`);
    return entries;
  }
}
