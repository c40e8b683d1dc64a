import { keccak, type Hex } from "@lode/sdk/hash";
import { signTypedData, type Signer } from "@lode/sdk/keys";
import { escrowDomain, type Struct } from "@lode/sdk/typed-data";
import { concat } from "viem";
import type { Bed, Spent } from "./bed.ts";

type Voucher = Struct<"Voucher">;

export interface SignedVoucher {
  readonly voucher: Voucher;
  readonly signature: Hex;
}

export const DEDICATED = 0;
export const POOLED = 1;

/** One direction of payment, whose vouchers this side has signed so far. */
export class Channel {
  readonly payer: Signer;
  readonly payee: Hex;
  readonly kind: number;
  cumulativeWei = 0n;
  count = 0n;
  readonly #bed: Bed;

  constructor(bed: Bed, payer: Signer, payee: Hex, kind: number) {
    [this.#bed, this.payer, this.payee, this.kind] = [bed, payer, payee, kind];
  }

  /** The next voucher: `jobs` more receipts, `amountWei` more owed. */
  next(jobs: number, amountWei: bigint, by: Signer = this.payer): SignedVoucher {
    this.cumulativeWei += amountWei;
    this.count += BigInt(jobs);
    const voucher: Voucher = {
      payer: this.payer.address,
      payee: this.payee,
      kind: this.kind,
      epoch: 0n,
      cumulativeWei: this.cumulativeWei,
      count: this.count,
      receiptsRoot: keccak(new TextEncoder().encode(`${this.payer.address} ${this.payee} ${this.count}`)),
    };
    const { chainId, paymentEscrow } = this.#bed.addresses;
    return { voucher, signature: signTypedData(by, escrowDomain({ chainId, paymentEscrow }), "Voucher", voucher) };
  }
}

/** Submits vouchers in one transaction and checks that each of them paid. */
export async function collectMany(bed: Bed, from: Signer, items: readonly SignedVoucher[]): Promise<Spent> {
  const args = [items.map(({ voucher }) => voucher), concat(items.map(({ signature }) => signature))];
  const { result } = await bed.client.simulateContract({
    ...bed.escrow,
    functionName: "collectMany",
    args,
    account: from.address,
  });
  if ((result as readonly bigint[]).some((paidWei) => paidWei === 0n))
    throw new Error("a voucher of the batch paid nothing");
  return bed.send(from.address, bed.escrow, "collectMany", args);
}
