import { randomBytes } from "node:crypto";
import { bytesToHex, hexToBytes, keccak, type Hex } from "@lode/sdk/hash";
import type { AnchorRecord, Book } from "../../../domain/settlement/index.ts";
import type { AnchorHead, Chain } from "../chain/chain.ts";
import type { FactStore } from "../store/fact-store.ts";
import { ForeignAnchorError } from "./errors.ts";

export interface AnchorsOptions {
  readonly chain: Chain;
  readonly book: Book;
  readonly store: FactStore;
  readonly nowMs: () => number;
}

/** What the chain holds of the log, epoch by epoch, and the secrets that each epoch's nonces are made of. */
export class Anchors {
  readonly #options: AnchorsOptions;
  readonly #book: Book;
  #anchoring: Promise<void> | undefined;
  /** What the chain held when it was asked last. */
  #seen: AnchorHead | undefined;

  constructor(options: AnchorsOptions) {
    this.#options = options;
    this.#book = options.book;
  }

  /** The current epoch's secret, which the last anchor committed to. */
  get secret(): Hex {
    const secret = this.#book.secrets.get(this.#epoch);
    if (secret === undefined) throw new Error(`epoch ${this.#epoch} has no secret`);
    return secret;
  }

  /**
   * Puts the log's root on the chain, when the chain does not hold it or `always`; one anchor at a time. What the chain holds is asked
   * for each time: a transaction can be mined after nobody waits for it any more, and a reorganisation can take one back. Throws
   * ChainError.
   */
  anchor(always = false): Promise<void> {
    this.#anchoring ??= this.#anchor(always).finally(() => {
      this.#anchoring = undefined;
    });
    return this.#anchoring;
  }

  /**
   * Learns of every anchor that was mined while nobody waited for it, and opens the current epoch's secret. Throws
   * ForeignAnchorError `log_behind` when this home is an old copy, `log_other` when another process anchors with this key: whoever
   * went on would sign two logs, and lose its stake for it.
   */
  async reconcile(): Promise<AnchorHead> {
    const onChain = await this.#options.chain.anchorHead();
    if (onChain.size > this.#book.log.size) {
      throw new ForeignAnchorError(
        "log_behind",
        `The chain holds an anchor of ${onChain.size} receipts and this home only ${this.#book.log.size}: it is an old copy, or another coordinator works with its key.`,
      );
    }
    // Each of them: one of another log may have one of ours behind it.
    await this.#learn(this.#epoch + 1, onChain.epoch);
    if (this.#isReplaced(onChain)) await this.#learn(onChain.epoch, onChain.epoch);
    this.#seen = onChain;
    if (!this.#book.secrets.has(this.#epoch)) await this.#openEpoch(this.#epoch);
    return onChain;
  }

  /** Whether a reorganisation may have put another anchor in the place of the last one. */
  #isReplaced({ epoch, size, commitment }: AnchorHead): boolean {
    const last = this.#book.lastAnchor;
    if (last === undefined || last.epoch !== epoch) return false;
    return last.size !== size || (this.#seen?.epoch === epoch && this.#seen.commitment !== commitment);
  }

  /** Notes the anchors of some epochs as the chain has them. Throws ForeignAnchorError at the first that is not of this log. */
  async #learn(from: number, to: number): Promise<void> {
    for (let epoch = from; epoch <= to; epoch++) {
      const found = await this.#options.chain.anchored(epoch);
      if (found === undefined) continue;
      const { nextNonceHash, ...anchored } = found;
      if (anchored.size > this.#book.log.size || anchored.root !== this.#book.log.root(anchored.size)) {
        throw new ForeignAnchorError(
          "log_other",
          `Anchor ${epoch} on the chain is not of this home's log: another coordinator works with this key. Stop one of the two.`,
        );
      }
      await this.#confirm({ epoch, ...anchored }, this.#secretOf(epoch, nextNonceHash));
    }
  }

  /** The secret that an anchor committed to; it was made for another epoch where something came between. */
  #secretOf(epoch: number, hash: Hex): Hex | undefined {
    const isIt = (secret: Hex | undefined): secret is Hex =>
      secret !== undefined && keccak(hexToBytes(secret)) === hash;
    const own = this.#book.secrets.get(epoch);
    return isIt(own) ? own : [...this.#book.secrets.values()].findLast(isIt);
  }

  /** @param secret of the epoch that begins with the anchor; undefined where nobody here knows it */
  async #confirm(anchor: Omit<AnchorRecord, "kind" | "atMs">, secret: Hex | undefined): Promise<void> {
    const { epoch } = anchor;
    const isKnown = secret === undefined || this.#book.secrets.get(epoch) === secret;
    await this.#options.store.append([
      { kind: "anchor.confirmed", ...anchor, atMs: this.#options.nowMs() },
      ...(isKnown ? [] : [{ kind: "epoch.opened", epoch, secret } as const]),
    ]);
  }

  get #epoch(): number {
    return this.#book.lastAnchor?.epoch ?? 0;
  }

  async #anchor(always: boolean): Promise<void> {
    const onChain = await this.reconcile();
    if (!always && this.#book.log.size === onChain.size) return;
    const epoch = onChain.epoch + 1;
    const secret = this.#book.secrets.get(epoch) ?? (await this.#openEpoch(epoch));
    const collected = new Map<Hex, bigint>();
    for (const miner of this.#book.credits.keys()) collected.set(miner, await this.#options.chain.collectedWei(miner));
    // Log and liabilities of one moment, and only what a crash cannot take back.
    const size = this.#book.log.size;
    const root = this.#book.log.root(size);
    const { root: liabilitiesRoot } = this.#book.liabilities((miner) => collected.get(miner) ?? 0n);
    const nextNonceHash = keccak(hexToBytes(secret));
    await this.#options.store.durable();
    const mined = await this.#options.chain.anchor({ root, size, liabilitiesRoot, nextNonceHash });
    // Another one may have come between the look at the chain and this: then its number is not the one that was expected.
    await this.#learn(epoch, mined.epoch - 1);
    await this.#confirm({ ...mined, size, root, liabilitiesRoot }, secret);
  }

  async #openEpoch(epoch: number): Promise<Hex> {
    const secret = bytesToHex(randomBytes(32));
    await this.#options.store.append([{ kind: "epoch.opened", epoch, secret }]);
    return secret;
  }
}
