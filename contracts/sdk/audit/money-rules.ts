import type { Hex } from "../hash/index.ts";
import { recoverTypedData } from "../keys/recover.ts";
import { emptyRoot } from "../merkle/index.ts";
import { escrowDomain, voucherKind, type Voucher } from "../typed-data/index.ts";
import { keyOf, streamOfChannel, type Books, type StreamName } from "./books.ts";
import { clockToleranceMs } from "./entry-rules.ts";
import type { Finding } from "./findings.ts";
import type { StakeHistory } from "./stake-history.ts";
import type { AuditContext } from "./types.ts";

/** What the rules over a whole log work with. */
export interface Whole {
  readonly context: AuditContext;
  readonly books: Books;
  readonly stakes: StakeHistory;
  /** Whether a stream was kept; only some are when an audit is about one party. */
  readonly isKept: (name: StreamName) => boolean;
}

const nobody: Hex = `0x${"00".repeat(20)}`;

/** Vouchers: who signed them, and that they promise what their receipts add up to. */
export function voucherFindings(whole: Whole): Finding[] {
  return whole.context.vouchers.flatMap(({ voucher, signature }) => {
    const name = streamOfChannel(voucher, whole.context.coordinator);
    if (name !== undefined && !whole.isKept(name)) return [];
    return [
      ...signatureFindings(whole, voucher, signature),
      ...uncollectableFindings(whole, voucher),
      ...promiseFindings(whole, voucher, name),
    ];
  });
}

/** The escrow pays a voucher in the epoch that it names only, and knows two kinds. An account that is kept for a payee has one epoch. */
function uncollectableFindings({ context: { coordinator, poolEpoch } }: Whole, voucher: Voucher): Finding[] {
  const { payer, payee, kind, epoch } = voucher;
  const found = (message: string): Finding[] => [
    { kind: "voucher_uncollectable", message, evidence: evidenceOf(voucher) },
  ];
  const isPooled = kind === voucherKind.pooled;
  if (!isPooled && kind !== voucherKind.dedicated) {
    return found(`a voucher of ${payer} to ${payee} is of kind ${kind}, which there is not`);
  }
  const due = isPooled ? (payer === coordinator ? poolEpoch : undefined) : 0n;
  if (due === undefined || epoch === due) return [];
  return found(`a voucher of ${payer} to ${payee} is of epoch ${epoch}, its money is in ${due}`);
}

function evidenceOf({ payer, payee, cumulativeWei }: Voucher): Finding["evidence"] {
  return { payer, payee, cumulativeWei: cumulativeWei.toString() };
}

function signatureFindings({ context, books, stakes }: Whole, voucher: Voucher, signature: Hex): Finding[] {
  const { addresses, coordinator, grants, head } = context;
  const evidence = evidenceOf(voucher);
  let signer: Hex | undefined;
  try {
    signer = recoverTypedData(escrowDomain(addresses), "Voucher", voucher, signature);
  } catch {
    signer = undefined;
  }
  const payee = voucher.kind === voucherKind.dedicated ? voucher.payee : nobody;
  const caps = grants.filter(
    (grant) => grant.payer === voucher.payer && grant.payee === payee && grant.signer === signer,
  );
  const nowMs = Number(head.head.timestampMs);
  const isHost = voucher.kind === voucherKind.pooled && books.hosted.has(voucher.payer);
  const isOperator =
    (voucher.payer === coordinator || isHost) &&
    signer !== undefined &&
    stakes.operators(voucher.payer, nowMs - clockToleranceMs, nowMs + clockToleranceMs).includes(signer);
  if (signer === voucher.payer || isOperator) return [];
  if (caps.length === 0) {
    const message = `the voucher of ${voucher.payer} is signed by nobody who may`;
    return [{ kind: "voucher_signature_invalid", message, evidence }];
  }
  // A pooled signer's cap is for a day: a promise may be that much above what was collected.
  const settledWei = voucher.kind === voucherKind.pooled ? paidOf(context.collections, voucher) : 0n;
  if (caps.some(({ capWei }) => voucher.cumulativeWei <= capWei + settledWei)) return [];
  return [
    { kind: "voucher_cap_exceeded", message: `the voucher of ${voucher.payer} is above its signer's cap`, evidence },
  ];
}

function promiseFindings({ books }: Whole, voucher: Voucher, name: StreamName | undefined): Finding[] {
  const evidence = evidenceOf(voucher);
  // What a client that signs for itself begins with: a promise of nothing, over no receipts.
  if (voucher.count === 0n && voucher.cumulativeWei === 0n && voucher.receiptsRoot === emptyRoot) return [];
  const state = books.at(name, Number(voucher.count));
  if (state === undefined || voucher.cumulativeWei > state.cumulativeWei) {
    const earned =
      state === undefined ? "its stream is shorter" : `its ${voucher.count} receipts give ${state.cumulativeWei}`;
    const message = `a voucher promises ${voucher.cumulativeWei} wei, ${earned}`;
    return [{ kind: "voucher_exceeds_receipts", message, evidence }];
  }
  if (state.root === voucher.receiptsRoot && state.cumulativeWei === voucher.cumulativeWei) return [];
  const message = `a voucher's tree of ${voucher.count} receipts is not the stream of ${voucher.payer} to ${voucher.payee}`;
  return [{ kind: "voucher_root_wrong", message, evidence }];
}

/** The voucher of a stream comes with its receipts: whoever has receipts in the log has a voucher. */
export function coverageFindings(whole: Whole): Finding[] {
  const { books, context } = whole;
  const { vouchers, coordinator } = context;
  const covered = new Set(
    vouchers.flatMap(({ voucher }) => {
      const name = streamOfChannel(voucher, coordinator);
      return name === undefined ? [] : [keyOf(name)];
    }),
  );
  const findings: Finding[] = [];
  for (const [name, { count }] of books.streams()) {
    if (name.of === "log" || covered.has(keyOf(name))) continue;
    const [payer, payee] = partiesOf(name, coordinator);
    const message = `${count} receipts of ${payer} to ${payee} have no voucher`;
    findings.push({ kind: "voucher_missing", message, evidence: { payer, payee } });
  }
  return [...findings, ...latest(vouchers).flatMap(({ voucher }) => lagFindings(whole, voucher))];
}

/**
 * A voucher that stopped growing. Who earns is not who signs, so the log's last anchored entry at least must be covered; a client
 * that signs for itself may be behind, and a coordinator that works on is ahead of its anchors.
 */
function lagFindings({ books, context, isKept }: Whole, voucher: Voucher): Finding[] {
  const name = streamOfChannel(voucher, context.coordinator);
  if (name === undefined || name.of === "debit" || !isKept(name)) return [];
  const first = books.at(name, Number(voucher.count))?.next;
  const anchored = Number(context.anchors.at(-1)?.size ?? 0n);
  if (first === undefined || first.index >= anchored) return [];
  const { payer, payee, count } = voucher;
  const message = `the voucher of ${payer} to ${payee} ends with ${count} receipts, and entry ${first.index} of its stream is anchored`;
  return [{ kind: "voucher_missing", message, index: first.index, evidence: evidenceOf(voucher) }];
}

/** One voucher for each channel, the highest: what is shown twice is owed once. */
function latest(vouchers: AuditContext["vouchers"]): AuditContext["vouchers"] {
  const best = new Map<string, AuditContext["vouchers"][number]>();
  for (const one of vouchers) {
    const key = keyOfChannel(one.voucher);
    const known = best.get(key);
    if (known === undefined || one.voucher.cumulativeWei > known.voucher.cumulativeWei) best.set(key, one);
  }
  return [...best.values()];
}

interface Channel {
  readonly payer: Hex;
  readonly payee: Hex;
  readonly kind: number;
}

const keyOfChannel = ({ payer, payee, kind }: Channel): string => `${payer}:${payee}:${kind}`;

/** What a channel has paid by the chain. */
function paidOf(collections: AuditContext["collections"], channel: Channel): bigint {
  const key = keyOfChannel(channel);
  return collections.reduce((sum, one) => (keyOfChannel(one) === key ? sum + one.paidWei : sum), 0n);
}

function partiesOf(name: Exclude<StreamName, { of: "log" }>, coordinator: Hex): readonly [Hex, Hex] {
  if (name.of === "debit") return [name.client, coordinator];
  return name.of === "credit" ? [coordinator, name.miner] : [name.host, name.wallet];
}

/** What the chain paid out: never more than was promised, and on vouchers that the log backs. */
export function collectionFindings({ books, context, isKept }: Whole): Finding[] {
  const findings: Finding[] = [];
  const paid = new Map<string, bigint>();
  for (const collection of context.collections) {
    const name = streamOfChannel(collection, context.coordinator);
    if (name !== undefined && !isKept(name)) continue;
    // Any miner may pay others from its own pool: that of a host is this log's concern, another's is not.
    if (name?.of === "hosted" && !books.hosted.has(name.host)) continue;
    const { payer, payee } = collection;
    const key = keyOfChannel(collection);
    const totalWei = (paid.get(key) ?? 0n) + collection.paidWei;
    paid.set(key, totalWei);
    const evidence = {
      payer,
      payee,
      paidWei: totalWei.toString(),
      cumulativeWei: collection.cumulativeWei.toString(),
    };
    if (totalWei > collection.cumulativeWei) {
      const message = `${payee} collected ${totalWei} wei on a voucher of less`;
      findings.push({ kind: "collected_exceeds_voucher", message, evidence });
    }
    const state = books.at(name, Number(collection.count));
    const isBacked = state?.root === collection.receiptsRoot && state.cumulativeWei === collection.cumulativeWei;
    if (isBacked) continue;
    const message = `${payee} collected a voucher whose ${collection.count} receipts are not those of the log`;
    findings.push({ kind: "collected_unbacked", message, evidence });
  }
  return findings;
}

/**
 * What the coordinator promised its miners and they did not collect, and what stands behind it. A client's voucher brings in no more
 * than is in its account, where accounts were given: anybody can sign for money that there is not.
 */
export function coverOf({ coordinator, collateral, vouchers, collections, accounts }: AuditContext): {
  readonly promisedWei: bigint;
  readonly coveredWei: bigint | undefined;
} {
  const paid = new Map<string, bigint>();
  for (const one of collections) paid.set(keyOfChannel(one), (paid.get(keyOfChannel(one)) ?? 0n) + one.paidWei);
  const best = latest(vouchers).map(({ voucher }) => voucher);
  const left = (voucher: Voucher): bigint => voucher.cumulativeWei - (paid.get(keyOfChannel(voucher)) ?? 0n);
  const promisedWei = best
    .filter(({ payer, kind }) => payer === coordinator && kind === voucherKind.pooled)
    .reduce((sum, voucher) => sum + left(voucher), 0n);
  if (collateral === undefined) return { promisedWei, coveredWei: undefined };
  const balances = accounts && new Map(accounts.map(({ client, balanceWei }) => [client, balanceWei]));
  const fundedWei = best
    .filter(({ payee, kind }) => payee === coordinator && kind === voucherKind.dedicated)
    .reduce((sum, voucher) => {
      const [dueWei, thereWei] = [
        left(voucher),
        balances === undefined ? undefined : (balances.get(voucher.payer) ?? 0n),
      ];
      const wei = thereWei !== undefined && thereWei < dueWei ? thereWei : dueWei;
      return wei > 0n ? sum + wei : sum;
    }, 0n);
  return { promisedWei, coveredWei: collateral.poolWei + collateral.stakeWei + fundedWei };
}
