import { signTypedData } from "@lode/sdk/keys";
import { sumTree } from "@lode/sdk/merkle";
import { escrowDomain } from "@lode/sdk/typed-data";
import { addresses, escrow, honestPlan, liabilitiesOf, people, signHistory } from "../audit-history.ts";
import { other, hostedPlan, withContext, withEntry, laggingVoucher, revouched, coveredBy } from "../audit-plans.ts";
import type { Fault } from "./fault.ts";

/** Faults of the money: vouchers, what is owed, what was collected. */
export const bookFaults: readonly Fault[] = [
  [
    "a receipt missing from the client's side",
    () =>
      withContext(({ context }) => {
        const short = signHistory({ receipts: honestPlan().receipts.filter((_, i) => i !== 1) });
        // The client's second voucher leaves out one receipt and says that it is complete.
        const [, forged] = short.context.vouchers;
        const [a, honest, ...rest] = context.vouchers;
        const voucher = { ...forged!.voucher, count: honest!.voucher.count };
        const signature = signTypedData(people.session, escrow, "Voucher", voucher);
        return { vouchers: [a!, { voucher, signature }, ...rest] };
      }),
    ["voucher_root_wrong"],
  ],
  [
    "a receipt missing from the miner's side",
    () => withEntry(3, (entry) => ({ ...entry, creditIndex: entry.creditIndex + 1 })),
    ["credit_missing"],
  ],
  [
    "a receipt out of place on the client's side",
    () => withEntry(3, (entry) => ({ ...entry, debitIndex: 0 })),
    ["debit_missing"],
  ],
  [
    "a voucher above its receipts",
    () =>
      withContext(({ context }) => {
        const [first, ...rest] = context.vouchers;
        const voucher = { ...first!.voucher, cumulativeWei: first!.voucher.cumulativeWei + 1n };
        return {
          vouchers: [{ voucher, signature: signTypedData(people.session, escrow, "Voucher", voucher) }, ...rest],
        };
      }),
    ["voucher_exceeds_receipts"],
  ],
  [
    "a voucher signed by nobody who may",
    () =>
      withContext(({ context }) => {
        const [first, ...rest] = context.vouchers;
        const signature = signTypedData(people.stranger, escrow, "Voucher", first!.voucher);
        return { vouchers: [{ voucher: first!.voucher, signature }, ...rest] };
      }),
    ["voucher_signature_invalid"],
  ],
  [
    "a voucher above its signer's cap",
    () => withContext(({ context }) => ({ grants: context.grants.map((grant) => ({ ...grant, capWei: 1n })) })),
    ["voucher_cap_exceeded"],
  ],
  [
    "receipts without a voucher",
    () => withContext(({ context }) => ({ vouchers: context.vouchers.slice(0, 3) })),
    ["voucher_missing"],
  ],
  [
    "more collected than promised",
    () =>
      withContext(({ context }) => {
        const [collection] = context.collections;
        return { collections: [collection!, { ...collection!, paidWei: 1n }] };
      }),
    ["collected_exceeds_voucher"],
  ],
  [
    "a collected voucher that the log does not back",
    () => withContext(({ context }) => ({ collections: [{ ...context.collections[0]!, receiptsRoot: other }] })),
    ["collected_unbacked"],
  ],
  [
    "liabilities that leave out one wei",
    () =>
      withContext(({ context }) => {
        const vouchers = context.vouchers.map(({ voucher }, i) =>
          i === 3 ? { ...voucher, cumulativeWei: voucher.cumulativeWei - 1n } : voucher,
        );
        return { anchors: [{ ...context.anchors[0]!, liabilitiesRoot: liabilitiesOf(vouchers) }] };
      }),
    ["liabilities_wrong"],
  ],
  [
    "liabilities that hide a miner",
    () =>
      withContext(({ context }) => {
        const vouchers = context.vouchers.slice(0, 3).map(({ voucher }) => voucher);
        return { anchors: [{ ...context.anchors[0]!, liabilitiesRoot: liabilitiesOf(vouchers) }] };
      }),
    ["liabilities_wrong"],
  ],
  [
    "promises that nothing covers",
    () => withContext(() => ({ collateral: { poolWei: 0n, stakeWei: 0n } })),
    ["liabilities_uncovered"],
  ],
  [
    "a host that a polling miner collected more from than it promised",
    () => {
      const history = signHistory(hostedPlan());
      const { voucher } = history.context.vouchers.find(({ voucher }) => voucher.payer === people.miners[1].address)!;
      const collections = [{ ...voucher, paidWei: voucher.cumulativeWei + 1n, block: 11n }];
      return { ...history, context: { ...history.context, collections } };
    },
    ["collected_exceeds_voucher"],
  ],
  [
    "a miner that was paid on the chain and is not in the log",
    () =>
      withContext(({ context }) => ({
        collections: [{ ...context.vouchers[3]!.voucher, payee: people.stranger.address, paidWei: 1n, block: 1n }],
      })),
    ["collected_unbacked"],
  ],
  [
    "a voucher that jumps",
    () =>
      withContext(({ context }) => {
        const [a, b, third, fourth] = context.vouchers;
        const voucher = { ...third!.voucher, cumulativeWei: third!.voucher.cumulativeWei * 10n };
        const signature = signTypedData(people.coordinator, escrow, "Voucher", voucher);
        return { vouchers: [a!, b!, { voucher, signature }, fourth!] };
      }),
    ["voucher_exceeds_receipts"],
  ],
  [
    "a voucher that counts receipts the log does not have",
    () =>
      withContext(({ context }) => {
        const [first, ...rest] = context.vouchers;
        const voucher = { ...first!.voucher, count: first!.voucher.count + 1n };
        return {
          vouchers: [{ voucher, signature: signTypedData(people.session, escrow, "Voucher", voucher) }, ...rest],
        };
      }),
    ["voucher_exceeds_receipts"],
  ],
  ["a miner's voucher that stopped growing", () => withContext(laggingVoucher), ["voucher_missing"]],
  [
    "a client's voucher shown twice, so that promises look covered",
    () =>
      withContext(({ context }) => {
        const [, second, ...rest] = context.vouchers;
        const owedWei = rest.reduce((sum, { voucher }) => sum + voucher.cumulativeWei, 0n);
        const poolWei = owedWei - second!.voucher.cumulativeWei - 1n;
        return { vouchers: [...context.vouchers, second!], collateral: { poolWei, stakeWei: 0n } };
      }),
    ["liabilities_uncovered"],
  ],
  [
    "vouchers of an epoch that the pool is not in",
    () => withContext(() => ({ poolEpoch: 1n })),
    ["voucher_uncollectable"],
  ],
  [
    "a voucher of a kind that there is not",
    () => withContext(({ context }) => revouched(context, 2, { kind: 2 })),
    ["voucher_uncollectable"],
  ],
  [
    "a client's voucher of an epoch that no account has",
    () => withContext(({ context }) => revouched(context, 1, { epoch: 1n })),
    ["voucher_uncollectable"],
  ],
  [
    "fees that are rounded up",
    () =>
      withContext(({ context }) =>
        revouched(context, 3, { cumulativeWei: context.vouchers[3]!.voucher.cumulativeWei - 1n }),
      ),
    ["voucher_root_wrong"],
  ],
  [
    "promises that are covered by an account with too little in it",
    () => withContext(({ context }) => coveredBy(context, -1n)),
    ["liabilities_uncovered"],
  ],
  [
    "a refund that no receipt explains",
    () =>
      withContext(({ context }) => {
        const [first, ...rest] = context.vouchers;
        const voucher = { ...first!.voucher, cumulativeWei: first!.voucher.cumulativeWei - 1n };
        const signature = signTypedData(people.session, escrow, "Voucher", voucher);
        return { vouchers: [{ voucher, signature }, ...rest], collections: [] };
      }),
    ["voucher_root_wrong"],
  ],
  [
    "a host that promises a wallet which did no work for it",
    () => {
      const history = signHistory(hostedPlan());
      const { vouchers } = history.context;
      const found = vouchers.find(({ voucher }) => voucher.payer === people.miners[1].address)!;
      const voucher = { ...found.voucher, payee: people.stranger.address };
      const signature = signTypedData(people.miners[1], escrow, "Voucher", voucher);
      const swapped = vouchers.map((one) => (one === found ? { voucher, signature } : one));
      return { ...history, context: { ...history.context, vouchers: swapped } };
    },
    ["voucher_exceeds_receipts", "voucher_missing"],
  ],
  [
    "one signature for another chain",
    () =>
      withContext(({ context }) => {
        const [first, ...rest] = context.vouchers;
        const elsewhere = escrowDomain({ ...addresses, chainId: addresses.chainId + 1 });
        const signature = signTypedData(people.session, elsewhere, "Voucher", first!.voucher);
        return { vouchers: [{ voucher: first!.voucher, signature }, ...rest] };
      }),
    ["voucher_signature_invalid"],
  ],
  [
    "liabilities in another order",
    () =>
      withContext(({ context }) => {
        const lines = context.vouchers
          .filter(({ voucher }) => voucher.payer === context.coordinator)
          .sort((a, b) => (a.voucher.payee < b.voucher.payee ? 1 : -1))
          .map(({ voucher: { payer, payee, epoch, cumulativeWei } }) => ({
            ...{ payer, payee, epoch, cumulativeWei, outstandingWei: cumulativeWei },
          }));
        return { anchors: [{ ...context.anchors[0]!, liabilitiesRoot: sumTree(lines).root }] };
      }),
    ["liabilities_wrong"],
  ],
];
