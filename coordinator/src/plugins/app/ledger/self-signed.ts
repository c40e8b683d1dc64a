import type { Hex } from "@lode/sdk/hash";
import { recoverTypedData } from "@lode/sdk/keys";
import type { SlabVoucher } from "@lode/sdk/slab";
import { voucherKind, type Domain } from "@lode/sdk/typed-data";
import { signerMarginSeconds, type Book, type SignedVoucher } from "../../../domain/settlement/index.ts";
import type { Chain } from "../chain/chain.ts";
import type { SlabDesk } from "../slabs/desk.ts";
import type { FactStore, RequestDebit } from "../store/fact-store.ts";
import type { Coverage } from "./coverage.ts";
import { VoucherError } from "./errors.ts";
import { voucherFact } from "./vouchers.ts";

export interface SelfSignedOptions {
  readonly coordinator: Hex;
  readonly chain: Chain;
  readonly coverage: Coverage;
  readonly book: Book;
  readonly store: FactStore;
  readonly domain: Domain;
  readonly nowMs: () => number;
}

interface StreamState {
  readonly cumulativeWei: bigint;
  readonly root: Hex;
}

/** How a client's debits stand, and how far it has signed for them. */
export interface Debits {
  readonly signer: Hex | undefined;
  readonly signed: SignedVoucher | undefined;
  readonly count: number;
  readonly cumulativeWei: bigint;
}

/** States of one stream that a voucher may still be for: receipts go on coming while it is signed. */
const maximumStates = 4096;

/**
 * Clients that hold their session key themselves. They are served on a bounded credit, see every receipt that they are
 * debited for, and sign when they are content with it.
 */
export class SelfSigned {
  readonly #options: SelfSignedOptions;
  readonly #states = new Map<Hex, Map<number, StreamState>>();

  constructor(options: SelfSignedOptions) {
    this.#options = options;
  }

  /** Remembers how a client's debits stand after new ones, so that a voucher over them is known when it comes. */
  note(client: Hex, stream: { readonly count: number; readonly cumulativeWei: bigint; root(): Hex }): void {
    const states = this.#states.get(client) ?? new Map<number, StreamState>();
    states.set(stream.count, { cumulativeWei: stream.cumulativeWei, root: stream.root() });
    const [oldest] = states.keys();
    if (states.size > maximumStates && oldest !== undefined) states.delete(oldest);
    this.#states.set(client, states);
  }

  /**
   * From now on the client signs for itself, with this key. Throws VoucherError `signer_unknown` when the chain does not
   * name it, or it ends too soon; `signer_unsettled` while another key's debits are not signed for, or jobs still run on the
   * coordinator's key.
   */
  async setSigner(client: Hex, signer: Hex): Promise<void> {
    const { book, chain, coverage, store, nowMs, coordinator } = this.#options;
    if (book.signers.get(client) === signer) return store.durable();
    const { signerCapWei, signerExpiresAt } = await chain.account(client, signer);
    const isLate = signerExpiresAt < BigInt(Math.floor(nowMs() / 1000)) + signerMarginSeconds;
    if (signerCapWei === 0n || isLate) {
      const message = `${signer} may not sign for ${client} to ${coordinator}, or for less than 3 more days; see lode client authorize.`;
      throw new VoucherError("signer_unknown", message);
    }
    if (coverage.unsignedWei(client) > 0n) {
      throw new VoucherError("signer_unsettled", "Sign for what is debited with the key before, then change it.");
    }
    // What runs was begun on the word of the coordinator's own key, without the bound of this credit: whoever took over
    // now could leave all of it unsigned.
    if (!book.signers.has(client) && book.lockedWei(client) > 0n) {
      throw new VoucherError("signer_unsettled", "Wait until the jobs that run are over, then name the key.");
    }
    await store.append([{ kind: "client.signer", client, signer, atMs: nowMs() }]);
  }

  async debits(client: Hex): Promise<Debits> {
    const { book, store } = this.#options;
    const stream = book.debitOf(client);
    const state = {
      signer: book.signers.get(client),
      signed: book.clientVoucher(client),
      count: stream.count,
      cumulativeWei: stream.cumulativeWei,
    };
    await store.durable();
    return state;
  }

  /** Receipts that a client was debited for, in the order of its stream. */
  entries(client: Hex, start: number, limit: number): Promise<RequestDebit[]> {
    return this.#options.store.debits(client, start, limit);
  }

  /** Takes a client's own voucher. Resolves when it is durable. Throws VoucherError when it is not one for its debits. */
  async accept(client: Hex, { voucher, signature }: SignedVoucher): Promise<void> {
    const { book, store, domain, coordinator, chain, coverage } = this.#options;
    const refuse = (code: string, message: string): never => {
      throw new VoucherError(code, message);
    };
    const { payer, payee, kind, epoch, count, cumulativeWei, receiptsRoot } = voucher;
    if (payer !== client || payee !== coordinator || kind !== voucherKind.dedicated || epoch !== 0n) {
      refuse("voucher_wrong", "The voucher is not from this client's own account to this coordinator.");
    }
    const signer = book.signers.get(client);
    if (signer === undefined) return refuse("signer_unknown", "Name the key that signs first.");
    let found: Hex | undefined;
    try {
      found = recoverTypedData(domain, "Voucher", voucher, signature);
    } catch {
      // Told below.
    }
    if (found !== signer) refuse("voucher_wrong", `The voucher is not signed by ${signer}.`);
    const { signerCapWei } = await chain.account(client, signer);
    if (cumulativeWei > signerCapWei) refuse("voucher_wrong", "The voucher promises more than its signer may.");
    const known = book.clientVoucher(client)?.voucher;
    if (known?.count === count && known.receiptsRoot === receiptsRoot) return store.durable();
    // Its debits are one stream: a voucher of the escrow over them all would pay again what slab vouchers have promised.
    if (coverage.isBySlab(client)) refuse("voucher_wrong", "This client pays by slab vouchers; hand in one of those.");
    if (known !== undefined && count < known.count) refuse("voucher_stale", "A later voucher is here already.");
    const state = this.#stateAt(client, Number(count));
    if (state?.cumulativeWei !== cumulativeWei || state.root !== receiptsRoot) {
      refuse("voucher_stale", "The voucher is not over this client's debits as they stand; look at them again.");
    }
    const states = this.#states.get(client);
    for (const at of states?.keys() ?? []) if (at < Number(count)) states?.delete(at);
    await store.append([voucherFact({ voucher, signature })]);
  }

  /** Where slab vouchers are handed in. Throws VoucherError `slabs_off` where none are taken. */
  slabs(): SlabDesk {
    const { slabs } = this.#options.coverage;
    if (slabs === undefined) throw new VoucherError("slabs_off", "This coordinator takes no slab vouchers.");
    return slabs;
  }

  /**
   * Takes a client's slab voucher. Resolves when it is durable. From the first one on its debits are paid out of its channel. Throws
   * VoucherError `slabs_off`, `signer_unknown` for a client that the coordinator's own key still signs for, and SlabVoucherError.
   */
  async acceptSlab(client: Hex, slot: number, generation: bigint, voucher: SlabVoucher): Promise<void> {
    const slabs = this.slabs();
    if (!this.#options.book.signers.has(client)) {
      throw new VoucherError("signer_unknown", "Name the key that signs first: the coordinator's would sign as well.");
    }
    await slabs.accept(client, slot, generation, voucher);
  }

  /** What a client owes that no voucher of its covers, in wei. */
  unsignedWei(client: Hex): bigint {
    return this.#options.coverage.unsignedWei(client);
  }

  #stateAt(client: Hex, count: number): StreamState | undefined {
    const stream = this.#options.book.debitOf(client);
    if (stream.count === count) return { cumulativeWei: stream.cumulativeWei, root: stream.root() };
    return this.#states.get(client)?.get(count);
  }
}
