import type { Hex } from "@lode/sdk/hash";
import { fromWire, type Voucher } from "@lode/sdk/typed-data";
import { concat } from "viem";
import type { Act } from "../chain/act.ts";
import type { Reading } from "../chain/reading.ts";
import { readingsOf, type Readings } from "../chain/readings.ts";
import { showAmount } from "./amounts.ts";
import { kinds, usage } from "./arguments.ts";
import type { Context } from "./context.ts";

export interface Signed {
  readonly voucher: Voucher;
  readonly signature: Hex;
}

/** Collects the vouchers of a file for whoever they pay: one by `collect`, which says why it cannot, more by `collectMany`. */
export async function collectFile(context: Context, file: string): Promise<void> {
  const items = readVouchers(file);
  const chain = await context.chain();
  const read = readingsOf(chain.contracts);
  const promisedWei = items.reduce((sum, { voucher }) => sum + voucher.cumulativeWei, 0n);
  const [only] = items;
  const isOne = items.length === 1 && only !== undefined;
  const act: Act = {
    what: isOne
      ? `collect what ${only.voucher.payer} promised ${only.voucher.payee}: ${showAmount(promisedWei)} in all`
      : `collect ${items.length} vouchers, which promise ${showAmount(promisedWei)} in all`,
    contract: chain.contracts.escrow,
    functionName: isOne ? "collect" : "collectMany",
    args: isOne
      ? [only.voucher, only.signature]
      : [items.map(({ voucher }) => voucher), concat(items.map(({ signature }) => signature))],
  };
  const report = await context.act(chain, { acts: [act], readings: concerned(items, read) });
  context.report(report, { vouchers: items.length, promisedWei }, `Done: ${act.what}.`);
}

/** Each channel, account and pool once, named by its parties. */
function concerned(items: readonly Signed[], read: Readings): Reading[] {
  const found = new Map<string, Reading>();
  for (const { voucher } of items) {
    const { payer, payee, kind } = voucher;
    found.set(`${payer} ${payee} ${kind}`, read.channel(payer, payee, kind, `${payer} paid ${payee}`));
    if (kind === 0) found.set(`${payer} ${payee}`, read.account(payer, payee, `account of ${payer}`));
    else found.set(payer, read.pool(payer, `pool of ${payer}`));
    found.set(payee, read.pool(payee, `pool of ${payee}`));
  }
  return [...found.values()];
}

/** The one voucher of a file. */
export function readVoucher(file: string): Signed {
  const [only, ...others] = readVouchers(file);
  if (only === undefined || others.length > 0) throw usage(`${file} must hold one voucher.`);
  return only;
}

function readVouchers(file: string): Signed[] {
  const parsed = kinds.json.parse(file);
  const list: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  if (list.length === 0) throw usage(`${file} holds no voucher.`);
  return list.map((item, index) => {
    const { voucher, signature } = (item ?? {}) as { voucher?: unknown; signature?: unknown };
    try {
      return {
        voucher: fromWire("Voucher", voucher),
        signature: kinds.bytes.parse(typeof signature === "string" ? signature : ""),
      };
    } catch (cause) {
      const why = cause instanceof TypeError ? cause.message : "it lacks a signature";
      throw usage(`Voucher ${index + 1} of ${file} cannot be read: ${why}.`, cause);
    }
  });
}
