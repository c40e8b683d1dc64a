import type { Hex } from "@lode/sdk/hash";
import { recoverTypedData } from "@lode/sdk/keys";
import { CompactRange } from "@lode/sdk/merkle";
import { fromWire, voucherKind, type Domain, type Receipt } from "@lode/sdk/typed-data";
import type { StoredVoucher } from "./records.ts";

/** A receipt of this miner in its place of the credit stream. */
export interface Credit {
  readonly hash: Hex;
  readonly creditWei: bigint;
}

export interface VoucherContext {
  readonly domain: Domain;
  readonly coordinator: Hex;
  readonly coordinatorOperator: Hex;
  readonly miner: Hex;
  /** Receipts by credit index; gaps are receipts whose confirmation is still on its way. */
  readonly credits: readonly (Credit | undefined)[];
  /** What the voucher accepted before covers. */
  readonly base: CreditBase;
}

/** The part of the credit stream that a voucher has paid. */
export interface CreditBase {
  readonly count: number;
  readonly cumulativeWei: bigint;
  readonly tree: CompactRange;
}

export const noCredits: CreditBase = { count: 0, cumulativeWei: 0n, tree: new CompactRange() };

export type VoucherVerdict = "old" | "wait" | { readonly base: CreditBase } | { readonly problem: string };

/** What a miner is credited for a receipt, wei; the fee is rounded down in its favour. */
export function creditWei({ amountWei }: Pick<Receipt, "amountWei">, feePpm: number): bigint {
  return amountWei - (amountWei * BigInt(feePpm)) / 1_000_000n;
}

/**
 * Whether a voucher pays exactly the receipts that it claims, and extends the one before. `wait` when it covers a receipt
 * whose place is not known yet: the next confirmation decides.
 */
export function judgeVoucher({ voucher: wire, signature }: StoredVoucher, context: VoucherContext): VoucherVerdict {
  const voucher = fromWire("Voucher", wire);
  const { coordinator, coordinatorOperator, miner, credits, base } = context;
  if (voucher.payer !== coordinator || voucher.payee !== miner || voucher.kind !== voucherKind.pooled) {
    return { problem: "it is not from this coordinator's pool to this miner" };
  }
  let signer: Hex;
  try {
    signer = recoverTypedData(context.domain, "Voucher", voucher, signature);
  } catch {
    return { problem: "its signature is invalid" };
  }
  if (signer !== coordinatorOperator) return { problem: `it is signed by ${signer}` };
  const count = Number(voucher.count);
  if (count <= base.count) {
    const isLess = count === base.count && voucher.cumulativeWei < base.cumulativeWei;
    return isLess ? { problem: "it pays less than the one before" } : "old";
  }
  const tree = base.tree.clone();
  let { cumulativeWei } = base;
  for (let index = base.count; index < count; index++) {
    const credit = credits[index];
    if (credit === undefined) return "wait";
    tree.append(credit.hash);
    cumulativeWei += credit.creditWei;
  }
  if (tree.root() !== voucher.receiptsRoot) return { problem: "its tree does not hold this miner's receipts" };
  if (cumulativeWei !== voucher.cumulativeWei) {
    return { problem: `it promises ${voucher.cumulativeWei} wei, the receipts earn ${cumulativeWei}` };
  }
  return { base: { count, cumulativeWei, tree } };
}
