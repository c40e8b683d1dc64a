import type { Hex } from "@lode/sdk/hash";
import { verifyInclusion, leafHash } from "@lode/sdk/merkle";
import { fetchJson } from "../log/bounded-fetch.ts";
import { readWitnessed, type WitnessedHead } from "./head-book.ts";

/** Heads that are taken of another auditor at a time; those of the largest logs, because they come last. */
export const mostPeerHeads = 1000;
const headBytes = 8192;

/** A leaf of another auditor's copy and its path in a tree. */
export interface ShownLeaf {
  readonly leaf: Hex;
  readonly path: readonly Hex[];
}

/** Another auditor that serves what it saw of a coordinator. It is a stranger, too. */
export class Peer {
  readonly url: URL;

  constructor(url: string) {
    this.url = new URL(url);
  }

  async heads(coordinator: Hex): Promise<WitnessedHead[]> {
    const answer = (await this.#get(`/v1/audit/heads?coordinator=${coordinator}`, mostPeerHeads * headBytes)) as {
      heads?: unknown;
    } | null;
    const heads = Array.isArray(answer?.heads) ? (answer.heads as unknown[]) : [];
    return heads.slice(-mostPeerHeads).flatMap((head) => readWitnessed(head) ?? []);
  }

  /** Root of its first `size` entries; undefined when it does not say. */
  async root(size: number): Promise<Hex | undefined> {
    const answer = (await this.#get(`/v1/audit/root?size=${size}`, headBytes)) as { root?: unknown } | null;
    return isHash(answer?.root) ? answer.root : undefined;
  }

  /** Entry `index` in its tree of `size`, if it really leads to `root`. */
  async leaf(index: number, size: number, root: Hex): Promise<ShownLeaf | undefined> {
    const answer = (await this.#get(`/v1/audit/leaf?index=${index}&size=${size}`, headBytes)) as {
      leaf?: unknown;
      path?: unknown;
    } | null;
    const { leaf, path } = answer ?? {};
    if (!isHash(leaf) || !Array.isArray(path) || path.length > 64 || !path.every(isHash)) return undefined;
    return verifyInclusion({ leafHash: leafHash(leaf), index, size, path, root }) ? { leaf, path } : undefined;
  }

  #get(path: string, maximumBytes: number): Promise<unknown> {
    return fetchJson(new URL(path, this.url), { maximumBytes, timeoutMs: 20_000 });
  }
}

function isHash(value: unknown): value is Hex {
  return typeof value === "string" && /^0x[0-9a-f]{64}$/.test(value);
}
