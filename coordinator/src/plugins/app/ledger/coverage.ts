import type { Hex } from "@lode/sdk/hash";
import type { Book, ClientAccount } from "../../../domain/settlement/index.ts";
import type { Chain } from "../chain/chain.ts";
import type { SlabDesk } from "../slabs/desk.ts";

/** Nobody bounds what a client signs for itself in its channel but the deposit. */
const unbounded = { signerCapWei: 2n ** 128n - 1n, signerExpiresAt: 2n ** 64n - 1n } as const;

/** What stands behind clients' debits: accounts in the escrow with their vouchers, or channels of ZkSettlement with theirs. */
export class Coverage {
  readonly #book: Book;
  readonly #chain: Chain;
  /** Undefined where this coordinator takes no slab vouchers. */
  readonly slabs: SlabDesk | undefined;

  constructor(book: Book, chain: Chain, slabs: SlabDesk | undefined) {
    this.#book = book;
    this.#chain = chain;
    this.slabs = slabs;
  }

  /** Whether a client's debits from now on are paid out of a slab channel. */
  isBySlab(client: Hex): boolean {
    return this.slabs?.isClient(client) === true;
  }

  /** What a client owes that no voucher of its covers, in wei; below zero when it promised ahead. */
  unsignedWei(client: Hex): bigint {
    return this.#book.unsignedWei(client) - (this.slabs?.promisedWei(client) ?? 0n);
  }

  /**
   * The account that a client's next job is paid from. Of a slab channel what is debited and was promised elsewhere counts as
   * collected: the rest of the debits comes out of its deposit. Throws ChainError.
   */
  async account(client: Hex): Promise<ClientAccount> {
    const funds = await this.slabs?.fundsOf(client);
    if (funds === undefined) return this.#chain.account(client, this.#book.signers.get(client));
    const inEscrowWei = this.#book.clientVoucher(client)?.voucher.cumulativeWei ?? 0n;
    const collectedWei = inEscrowWei + (this.slabs?.promisedWei(client) ?? 0n) - funds.promisedWei;
    return { balanceWei: funds.depositWei, thawingWei: 0n, thawEndsAt: 0n, collectedWei, ...unbounded };
  }
}
