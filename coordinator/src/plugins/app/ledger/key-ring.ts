import type { Hex } from "@lode/sdk/hash";
import type { Book, FactOf, KeyLimits, KeyRecord, KeyScope, KeyUsage } from "../../../domain/settlement/index.ts";
import type { FactStore } from "../store/fact-store.ts";
import { KeyError } from "./errors.ts";
import { answersSecret, findKey, isTaken, makeKeyText, sealVault } from "./key-text.ts";

export interface NewKey {
  readonly scope: KeyScope;
  readonly account: Hex;
  readonly label: string;
  readonly limits?: KeyLimits;
  /** Unix milliseconds. */
  readonly expiresAtMs?: number;
}

export interface KeyChange {
  readonly label?: string;
  /** All of them: what is left out is not bounded any more. */
  readonly limits?: KeyLimits;
  readonly expiresAtMs?: number;
}

/** Keys that an account can have at one time: each is kept for ever, in memory too. */
export const maximumKeys = 1000;

/** The API keys. Every change is durable when its call resolves. */
export class KeyRing {
  readonly #book: Book;
  readonly #store: FactStore;
  readonly #nowMs: () => number;

  constructor(book: Book, store: FactStore, nowMs: () => number) {
    this.#book = book;
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /** The record of a bearer key; undefined when it is unknown, revoked or expired. */
  authenticate(bearer: string): KeyRecord | undefined {
    return findKey(this.#book, bearer, this.#nowMs());
  }

  record(prefix: string): KeyRecord | undefined {
    return this.#book.keys.get(prefix);
  }

  /** Whether a key is neither revoked nor expired. */
  isTaken(record: KeyRecord): boolean {
    return isTaken(record, this.#nowMs());
  }

  /** All keys of an account, the oldest first, those that are not taken any more included. */
  list(account: Hex): readonly KeyRecord[] {
    return this.#book.keysOf(account);
  }

  usage(prefix: string): KeyUsage {
    return this.#book.usageOf(prefix);
  }

  /** The secret under which what a key keeps is sealed. */
  answersSecret(record: KeyRecord, key: string): string {
    return answersSecret(record, key);
  }

  /** Makes a key and gives its text, which nobody can show again. Throws KeyError `too_many_keys`. */
  async create(wanted: NewKey): Promise<{ key: string; prefix: string }> {
    this.#refuseMore(wanted.account);
    const { key, prefix, hash } = makeKeyText();
    await this.#store.append([{ kind: "key.created", prefix, hash, ...wanted, atMs: this.#nowMs() }]);
    return { key, prefix };
  }

  /**
   * Puts a new key in the place of one: same scope, limits and what was used of them. The old one is taken for
   * `overlapMs` more. With the old key's text the new one also reaches the answers that were kept for it. Throws KeyError
   * when the key is not taken any more, was rotated before, or `oldKey` is another one.
   */
  async rotate(prefix: string, overlapMs: number, oldKey?: string): Promise<{ key: string; prefix: string }> {
    const old = this.#taken(prefix);
    if (this.#book.keysOf(old.account).some(({ rotatedFrom }) => rotatedFrom === prefix)) {
      throw new KeyError("key_rotated", `The key ${prefix} was rotated already; rotate the one that took its place.`);
    }
    if (oldKey !== undefined && this.authenticate(oldKey)?.prefix !== prefix) {
      throw new KeyError("other_key", `The text that was given is not that of the key ${prefix}.`);
    }
    this.#refuseMore(old.account);
    const atMs = this.#nowMs();
    const made = makeKeyText();
    const endMs = atMs + overlapMs;
    const created: FactOf<"key.created"> = {
      kind: "key.created",
      prefix: made.prefix,
      hash: made.hash,
      scope: old.scope,
      account: old.account,
      label: old.label,
      limits: old.limits,
      ...(old.expiresAtMs !== undefined && { expiresAtMs: old.expiresAtMs }),
      rotatedFrom: prefix,
      ...(oldKey !== undefined && { vault: sealVault(made.key, answersSecret(old, oldKey)) }),
      atMs,
    };
    const expiresAtMs = Math.min(endMs, old.expiresAtMs ?? endMs);
    await this.#store.append([created, { kind: "key.changed", prefix, expiresAtMs, atMs }]);
    return { key: made.key, prefix: made.prefix };
  }

  /** Throws KeyError when the key is not taken any more. */
  async change(prefix: string, change: KeyChange): Promise<void> {
    this.#taken(prefix);
    await this.#store.append([{ kind: "key.changed", prefix, ...change, atMs: this.#nowMs() }]);
  }

  /** From now on the key is refused. Revoking it again changes nothing. */
  async revoke(prefix: string): Promise<void> {
    const record = this.#book.keys.get(prefix);
    if (record === undefined) throw new KeyError("no_key", `There is no key ${prefix}.`);
    if (record.revoked) return this.#store.durable();
    await this.#store.append([{ kind: "key.revoked", prefix, atMs: this.#nowMs() }]);
  }

  #taken(prefix: string): KeyRecord {
    const record = this.#book.keys.get(prefix);
    if (record === undefined) throw new KeyError("no_key", `There is no key ${prefix}.`);
    if (!this.isTaken(record)) throw new KeyError("key_ended", `The key ${prefix} is revoked or has expired.`);
    return record;
  }

  #refuseMore(account: Hex): void {
    const taken = this.#book.keysOf(account).filter((record) => this.isTaken(record));
    if (taken.length < maximumKeys) return;
    throw new KeyError("too_many_keys", `An account has at most ${maximumKeys} keys; revoke some.`);
  }
}
