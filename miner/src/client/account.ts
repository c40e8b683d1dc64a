import { signTypedData, type Signer } from "@lode/sdk/keys";
import {
  escrowDomain,
  fromWire,
  ledgerDomain,
  toWire,
  voucherKind,
  type Receipt,
  type Voucher,
} from "@lode/sdk/typed-data";
import type { Addresses } from "@lode/sdk/addresses";
import { limits, type Debits, type DebitsPage } from "@lode/protocol";
import { MinerError } from "../errors.ts";
import type { SlabPurse } from "./slab-purse.ts";
import { GatewayRecords, unknownBytes, type Begun } from "./gateway-records.ts";
import { debitProblem, DebitTree, type DebitContext, type SentRequest } from "./debit-check.ts";

export interface AccountOptions extends Omit<DebitContext, "domain"> {
  readonly addresses: Addresses;
  readonly signer: Signer;
  readonly home: string;
  /** Most that this account may come to promise, wei, what was promised before included; undefined for the chain's own cap. */
  readonly maxSpendWei: bigint | undefined;
  /** Channels of ZkSettlement that debits are paid out of; undefined for the account in the escrow. */
  readonly slab?: SlabPurse | undefined;
  /** One request to the coordinator with the client's key. */
  readonly ask: (path: string, init?: { method?: string; body?: unknown }) => Promise<unknown>;
  readonly warn: (message: string) => void;
}

/**
 * A client's money as it keeps it itself: it takes in every debit that is for a request of its own, at a price that it
 * takes, signed by everybody concerned, and signs for exactly those.
 */
export class ClientAccount {
  readonly #options: AccountOptions;
  readonly #tree = new DebitTree();
  readonly #records: GatewayRecords;
  /** Debits of the last voucher of the escrow that the coordinator has; none before its first one. */
  #handedIn = -1;
  #syncing: Promise<void> = Promise.resolve();
  #problem: string | undefined;
  #reservedWei = 0n;
  /** Requests whose answers are on their way: what they cost is not known yet. */
  readonly #open = new Set<string>();
  /** Requests sent on whose ids are not known yet. */
  #unnamed = 0;

  constructor(options: AccountOptions) {
    this.#options = options;
    const { home, slab, warn } = options;
    this.#records = new GatewayRecords({ home, warn, onSlab: (record) => slab?.restore(record) });
  }

  /** Why nothing more is signed, or undefined. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Promised so far, wei. */
  get promisedWei(): bigint {
    return (this.#records.promised?.cumulativeWei ?? 0n) + (this.#options.slab?.promisedWei ?? 0n);
  }

  /**
   * Reads what was promised before, and every debit up to there. `accepted` are requests that were
   * lost when an earlier gateway died before their answers came: their bills are taken. Throws MinerError when the coordinator's books differ.
   */
  async open(accepted: readonly string[] = []): Promise<void> {
    const { ask, signer, slab } = this.#options;
    await this.#records.open();
    if (slab === undefined && this.#records.paidBySlab) {
      const message =
        "This account pays by slab vouchers, and one of the escrow would pay all of it again: start with --slab.";
      throw new MinerError("pays_by_slab", message);
    }
    const debits = (await ask("/v1/wallet/debits")) as Debits;
    if (debits.signer?.toLowerCase() !== signer.address) {
      await ask("/v1/wallet/signer", { method: "PUT", body: { signer: signer.address } });
    }
    // What the coordinator shows may be signed by the key before; what was promised here is in no case forgotten.
    const shown = debits.signed === undefined ? undefined : fromWire("Voucher", debits.signed.voucher);
    const base = (shown?.count ?? 0n) > (this.#records.promised?.count ?? 0n) ? shown : this.#records.promised;
    if (base !== undefined) await this.#rebuild(base);
    this.#records.promised = base;
    this.#handedIn = Number(shown?.count ?? -1n);
    // The first voucher promises nothing: it shows the coordinator that this key can sign. One that was lost on its way goes again.
    if (this.#handedIn < Number(base?.count ?? 0n)) await this.#promiseInEscrow();
    if (slab !== undefined) await this.#openSlab(slab);
    for (const id of accepted) {
      await this.#records.append({
        kind: "begun",
        id,
        request: { bodyBytes: limits.bodyBytes, maxOutputTokens: undefined },
      });
    }
    await this.sync();
  }

  /** Holds what a request may cost at most. Throws MinerError `max_spend` when that passes the bound. */
  reserve(mostWei: bigint): () => void {
    const { maxSpendWei } = this.#options;
    if (maxSpendWei !== undefined && this.#tree.cumulativeWei + this.#reservedWei + mostWei > maxSpendWei) {
      throw new MinerError("max_spend", `This request can cost ${mostWei} wei, which passes --max-spend.`);
    }
    this.#reservedWei += mostWei;
    let isHeld = true;
    return () => {
      if (isHeld) this.#reservedWei -= mostWei;
      isHeld = false;
    };
  }

  /** A request goes out. Its first call names it, when the answer begins; its second says that nothing more comes. */
  begin(): { named(id: string, request: Begun): Promise<void>; over(): void } {
    this.#unnamed += 1;
    let name: string | undefined;
    return {
      named: async (id, request) => {
        this.#unnamed -= 1;
        name = id;
        this.#open.add(id);
        await this.#records.append({ kind: "begun", id, request });
      },
      over: () => {
        if (name === undefined) this.#unnamed -= 1;
        else this.#open.delete(name);
      },
    };
  }

  /** A request that was answered in whole or in part: from now on its bill is taken. Resolves when that is on the disk. */
  async sent(id: string, request: Omit<SentRequest, "billedTokens">): Promise<void> {
    await this.#records.append({ kind: "sent", id, request });
  }

  /** Bytes that a request and its answer held, with those that it went on from; undefined where that is not known here. */
  conversationBytes(id: string): number | undefined {
    const { bodyBytes, answerBytes } = this.#records.sent.get(id) ?? {};
    if (bodyBytes === undefined || answerBytes === undefined || answerBytes === unknownBytes) return undefined;
    return bodyBytes + answerBytes;
  }

  /** Takes in what is debited now, and signs for it. What is wrong stops the signing for good, and is not thrown. */
  sync(): Promise<void> {
    return (this.#syncing = this.#syncing.then(async () => {
      if (this.#problem !== undefined) return;
      try {
        await this.#sync();
      } catch (error) {
        this.#options.warn(`signing is tried again: ${error instanceof Error ? error.message : String(error)}`);
      }
    }));
  }

  async close(): Promise<void> {
    await this.#syncing;
    await this.#records.close();
  }

  async *#entries(start: number): AsyncGenerator<DebitsPage["debits"][number]> {
    for (let at = start; ;) {
      const path = `/v1/wallet/debits/entries?start=${at}&limit=${limits.entriesPage}`;
      const { debits } = (await this.#options.ask(path)) as DebitsPage;
      yield* debits;
      if (debits.length < limits.entriesPage) return;
      at += debits.length;
    }
  }

  /** The tree behind a promise: it was checked before it was made, so that only its root counts. */
  async #rebuild(promise: Voucher): Promise<void> {
    for await (const { request: id, entry } of this.#entries(0)) {
      if (this.#tree.count === Number(promise.count)) break;
      const receipt = fromWire("Receipt", entry.receipt);
      this.#tree.append(receipt);
      this.#bill(id, receipt);
    }
    if (this.#tree.root() === promise.receiptsRoot && this.#tree.cumulativeWei === promise.cumulativeWei) return;
    const message = "The coordinator shows other debits than those that were signed for; nothing more is signed.";
    throw new MinerError("books_differ", message);
  }

  /** The debits behind promises on channels: they were checked before they were made, so that only their sum counts. */
  async #openSlab(slab: SlabPurse): Promise<void> {
    await slab.open((record) => this.#records.append(record));
    const promisedWei = this.promisedWei;
    if (this.#tree.cumulativeWei < promisedWei) {
      for await (const { request: id, entry } of this.#entries(this.#tree.count)) {
        const receipt = fromWire("Receipt", entry.receipt);
        this.#tree.append(receipt);
        this.#bill(id, receipt);
        if (this.#tree.cumulativeWei >= promisedWei) break;
      }
    }
    if (this.#tree.cumulativeWei === promisedWei) return;
    const message = "The coordinator shows other debits than those that were promised; nothing more is signed.";
    throw new MinerError("books_differ", message);
  }

  /** Whether anything that was taken in is not promised yet, or the promise did not arrive. */
  get #isBehind(): boolean {
    const { slab } = this.#options;
    if (slab !== undefined) return this.#tree.cumulativeWei > this.promisedWei || slab.isWaiting;
    return this.#tree.count > this.#handedIn;
  }

  async #sync(): Promise<void> {
    for await (const { request: id, entry } of this.#entries(this.#tree.count)) {
      // Whose bill it is said to be is the coordinator's word; what that may come to is bounded by what went through here.
      const sent = this.#records.sent.get(id);
      if (this.#open.has(id) || (sent === undefined && this.#unnamed > 0)) break;
      const receipt = fromWire("Receipt", entry.receipt);
      const problem = this.#tree.has(receipt.assignment)
        ? "it is debited twice"
        : ((await debitProblem(entry, sent, { ...this.#options, domain: ledgerDomain(this.#options.addresses) })) ??
          this.#spendProblem(receipt.amountWei));
      if (problem !== undefined) {
        this.#problem = `debit ${entry.debitIndex} (${receipt.assignment}) is not owed: ${problem}`;
        this.#options.warn(`${this.#problem}; nothing more is signed`);
        break;
      }
      this.#tree.append(receipt);
      this.#bill(id, receipt);
    }
    // Also what was promised before and did not arrive: without it nothing more may be served, so that no debit would bring it.
    if (this.#isBehind) await this.#promise();
  }

  #bill(id: string, { outputTokens }: Receipt): void {
    const sent = this.#records.sent.get(id);
    if (sent !== undefined) this.#records.sent.set(id, { ...sent, billedTokens: sent.billedTokens + outputTokens });
  }

  #spendProblem(amountWei: bigint): string | undefined {
    const { maxSpendWei } = this.#options;
    const isAbove = maxSpendWei !== undefined && this.#tree.cumulativeWei + amountWei > maxSpendWei;
    return isAbove ? "it passes --max-spend" : undefined;
  }

  async #promise(): Promise<void> {
    const { slab } = this.#options;
    if (slab === undefined) return this.#promiseInEscrow();
    const restWei = this.#tree.cumulativeWei - (this.#records.promised?.cumulativeWei ?? 0n);
    return slab.promise(restWei, (record) => this.#records.append(record));
  }

  async #promiseInEscrow(): Promise<void> {
    const { client, coordinator, signer, addresses, ask } = this.#options;
    const voucher: Voucher = {
      payer: client,
      payee: coordinator,
      kind: voucherKind.dedicated,
      epoch: 0n,
      cumulativeWei: this.#tree.cumulativeWei,
      count: BigInt(this.#tree.count),
      receiptsRoot: this.#tree.root(),
    };
    const wire = toWire("Voucher", voucher);
    // Remembered before it leaves: a crash can repeat a promise, and never forget one.
    await this.#records.append({ kind: "signed", voucher: wire });
    const signature = signTypedData(signer, escrowDomain(addresses), "Voucher", voucher);
    await ask("/v1/wallet/vouchers", { body: { voucher: wire, signature } });
    this.#handedIn = this.#tree.count;
  }
}
