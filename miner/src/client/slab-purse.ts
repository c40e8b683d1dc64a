import type { Hex } from "@lode/sdk/hash";
import {
  checkSlabVoucher,
  newBlinding,
  nothingSettled,
  signSlabVoucher,
  slabChannelFromWire,
  slabChannelToWire,
  SlabVoucherError,
  slabVoucherFromWire,
  slabVoucherToWire,
  type SlabChannel,
  type SlabChannelWire,
  type SlabDomain,
  type SlabSigner,
  type SlabVoucher,
  type SlabVoucherWire,
} from "@lode/sdk/slab";
import type { SlabWallet } from "@lode/protocol";
import type { SlabHolding } from "../chain/slab-channels.ts";
import { MinerError } from "../errors.ts";

/** A promise as a gateway keeps it: without its blinding the channel's deposit could not be had back. */
export interface SlabRecord {
  readonly kind: "slab";
  readonly channel: SlabChannelWire;
  readonly voucher: SlabVoucherWire;
}

export interface SlabPurseOptions {
  readonly domain: SlabDomain;
  readonly client: Hex;
  /** The coordinator: whom the channels are with. */
  readonly payee: Hex;
  readonly signer: SlabSigner;
  /** The client's open channels with the payee, from the chain: a coordinator's word could name a channel that is yet to come. */
  readonly channels: () => Promise<readonly SlabHolding[]>;
  readonly ask: (path: string, init?: { method?: string; body?: unknown }) => Promise<unknown>;
}

interface Promised {
  readonly channel: SlabChannel;
  readonly voucher: SlabVoucher;
}

/**
 * A client's channels of ZkSettlement as it keeps them itself: what it promised there, and how it promises more. One voucher
 * more promises whatever is owed beyond all that were signed before, on whichever channels.
 */
export class SlabPurse {
  readonly #options: SlabPurseOptions;
  /** The last voucher of each channel, by generation. */
  readonly #promised = new Map<bigint, Promised>();
  #current: SlabHolding | undefined;
  /** Signed, and not known to have arrived. */
  #waiting: Promised | undefined;

  constructor(options: SlabPurseOptions) {
    this.#options = options;
  }

  /** Everything that was promised, on all channels, wei. */
  get promisedWei(): bigint {
    return [...this.#promised.values()].reduce((sum, { voucher }) => sum + voucher.cumulativeWei, 0n);
  }

  /** Whether a voucher was signed that the coordinator may not have. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** Takes in a promise that this gateway made before. */
  restore({ channel, voucher }: SlabRecord): void {
    this.#put({ channel: slabChannelFromWire(channel), voucher: slabVoucherFromWire(voucher) });
  }

  /**
   * Takes in what the coordinator shows that was promised elsewhere with the same key, and hands in what it missed. Throws MinerError
   * `no_channel`, `other_market`.
   */
  async open(remember: (record: SlabRecord) => Promise<void>): Promise<void> {
    const { domain, payee, client, signer, ask } = this.#options;
    const wallet = (await ask("/v1/wallet/slab")) as SlabWallet;
    const isOther =
      wallet.chainId !== domain.chainId ||
      wallet.zkSettlement.toLowerCase() !== domain.zkSettlement ||
      wallet.payee.toLowerCase() !== payee;
    if (isOther)
      throw new MinerError("other_market", "The coordinator takes slab vouchers of another contract or payee.");
    const shown = new Map<bigint, number>();
    for (const one of wallet.vouchers) {
      const [channel, voucher] = [slabChannelFromWire(one.channel), slabVoucherFromWire(one.voucher)];
      const isOwn = channel.client === client && channel.payee === payee && channel.key.join() === signer.key.join();
      if (!isOwn || !isSigned(domain, channel, voucher)) continue;
      shown.set(channel.generation, voucher.nonce);
      this.#put({ channel, voucher });
    }
    const { channel } = await this.#usable();
    const last = this.#promised.get(channel.generation)?.voucher;
    if (last === undefined) await this.#sign(channel, 0n, remember);
    else if (last.nonce > (shown.get(channel.generation) ?? 0)) await this.#handIn({ channel, voucher: last });
  }

  /**
   * Signs, where anything is missing, that everything up to `totalWei` is promised. `remember` resolves when a voucher is on the
   * disk; only then it leaves. Throws MinerError `no_channel`, `slab_deposit`.
   */
  async promise(totalWei: bigint, remember: (record: SlabRecord) => Promise<void>): Promise<void> {
    const missingWei = totalWei - this.promisedWei;
    if (missingWei <= 0n) {
      if (this.#waiting !== undefined) await this.#handIn(this.#waiting);
      return;
    }
    const { channel, depositWei } = await this.#usable(missingWei);
    const cumulativeWei = (this.#promised.get(channel.generation)?.voucher.cumulativeWei ?? 0n) + missingWei;
    if (cumulativeWei > depositWei) {
      const message = `The channel in slot ${channel.slot} holds ${depositWei} wei and ${cumulativeWei} are owed; use lode client slab top-up.`;
      throw new MinerError("slab_deposit", message);
    }
    await this.#sign(channel, cumulativeWei, remember);
  }

  async #sign(
    channel: SlabChannel,
    cumulativeWei: bigint,
    remember: (record: SlabRecord) => Promise<void>,
  ): Promise<void> {
    const { domain, signer } = this.#options;
    const nonce = (this.#promised.get(channel.generation)?.voucher.nonce ?? 0) + 1;
    const voucher = signSlabVoucher(signer, domain, channel, { cumulativeWei, nonce, blinding: newBlinding() });
    // Remembered before it leaves: a crash can repeat a promise, and never forget one.
    await remember({ kind: "slab", channel: slabChannelToWire(channel), voucher: slabVoucherToWire(voucher) });
    this.#put({ channel, voucher });
    await this.#handIn({ channel, voucher });
  }

  async #handIn(promised: Promised): Promise<void> {
    const { slot, generation } = promised.channel;
    const body = { slot, generation: `${generation}`, voucher: slabVoucherToWire(promised.voucher) };
    this.#waiting = promised;
    try {
      await this.#options.ask("/v1/wallet/slab/vouchers", { body });
      this.#waiting = undefined;
    } catch (error) {
      // It may have ended meanwhile: the chain is asked before the next one.
      this.#current = undefined;
      throw error;
    }
  }

  /** The channel that pays: the one that did, while it can, else the newest. */
  async #usable(missingWei = 0n): Promise<SlabHolding> {
    const known = this.#current;
    const before =
      known === undefined ? undefined : this.#promised.get(known.channel.generation)?.voucher.cumulativeWei;
    if (known !== undefined && (before ?? 0n) + missingWei <= known.depositWei) return known;
    const { channels, signer } = this.#options;
    const usable = (await channels()).filter(
      ({ channel, exitsAt }) => exitsAt === 0 && channel.key.join() === signer.key.join(),
    );
    const rank = ({ channel }: SlabHolding): bigint =>
      channel.generation === known?.channel.generation ? 2n ** 64n : channel.generation;
    const [best] = usable.sort((a, b) => (rank(a) < rank(b) ? 1 : -1));
    if (best === undefined) {
      throw new MinerError("no_channel", "This wallet has no channel with the coordinator; use lode client slab open.");
    }
    this.#current = best;
    return best;
  }

  #put(one: Promised): void {
    const known = this.#promised.get(one.channel.generation);
    if (known === undefined || known.voucher.nonce < one.voucher.nonce) {
      this.#promised.set(one.channel.generation, one);
    }
  }
}

/** Whether a voucher is what the channel's key signed, whatever the channel holds. */
function isSigned(domain: SlabDomain, channel: SlabChannel, voucher: SlabVoucher): boolean {
  try {
    checkSlabVoucher(domain, channel, voucher, nothingSettled, voucher.cumulativeWei);
    return true;
  } catch (error) {
    if (error instanceof SlabVoucherError) return false;
    throw error;
  }
}
