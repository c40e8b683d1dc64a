import { loadAddresses } from "@lode/sdk/addresses";
import type { AuditContext, AuditEntry } from "@lode/sdk/audit";
import { signBatch } from "@lode/sdk/batch";
import { keccak, type Hex } from "@lode/sdk/hash";
import { signerFromKey, signTypedData, type Signer } from "@lode/sdk/keys";
import { CompactRange, sumTree } from "@lode/sdk/merkle";
import {
  assignmentDigest,
  escrowDomain,
  hashStruct,
  hostedCommitment,
  hostedEngineClass,
  ledgerDomain,
  serviceSalt,
  toWire,
  type Assignment,
  type Quote,
  type Receipt,
  type ServiceTerms,
  type Voucher,
} from "@lode/sdk/typed-data";

const person = (n: number): Signer => signerFromKey(keccak(Buffer.from(`audit person ${n}`)));
const word = (n: number): Hex => keccak(Buffer.from(`word ${n}`));
const contract = (n: number): Hex => `0x${n.toString(16).padStart(40, "0")}`;

export const people = {
  coordinator: person(0),
  session: person(1),
  clients: [person(2), person(3)],
  miners: [person(4), person(5)],
  wallets: [person(6), person(7)],
  stranger: person(9),
} as const;

export const addresses = {
  ...loadAddresses(31337),
  lodeToken: contract(2),
  staking: contract(3),
  paymentEscrow: contract(4),
  receiptLedger: contract(5),
};

export const ledger = ledgerDomain(addresses);
export const escrow = escrowDomain(addresses);
const coordinator = people.coordinator.address;
export const startMs = 1_790_000_000_000;

/** What a fault can change before anything is signed over it. */
export interface Plan {
  receipts: {
    client: number;
    miner: number;
    change?: (receipt: Receipt) => Receipt;
    assign?: (a: Assignment) => Assignment;
    /** The polling miner for which `miner` is the host. */
    wallet?: Hex;
    /** Its own quote, made of the others'. */
    quote?: (quote: Quote) => Quote;
    /** Stands for the assignment of an earlier receipt. */
    repeats?: number;
  }[];
  /** When the head is signed and anchored, after the beginning; a minute unless given. */
  headAfterMs?: number;
  /** What the quote promises of the first token; nothing unless given. */
  service?: ServiceTerms;
}

/** Six honest receipts of two clients and two miners. */
export function honestPlan(): Plan {
  return { receipts: [0, 1, 2, 3, 4, 5].map((i) => ({ client: i % 2, miner: i % 3 === 0 ? 1 : 0 })) };
}

export interface History {
  context: AuditContext;
  entries: AuditEntry[];
}

function quoteOf(service: ServiceTerms | undefined): Quote {
  return {
    coordinator,
    modelDigest: word(1),
    inputPriceWei: 7n,
    outputPriceWei: 1_001n,
    feePpm: 50_000,
    tier: 1,
    expiresAt: BigInt(startMs / 1000 + 300),
    salt: service === undefined ? word(2) : serviceSalt(service),
  };
}

/** Signs a whole history as honest parties would, apart from what the plan changes. */
export function signHistory(plan: Plan): History {
  const shared = quoteOf(plan.service);
  const headMs = startMs + (plan.headAfterMs ?? 60_000);
  const sharedSignature = signTypedData(people.coordinator, ledger, "Quote", shared);
  const log = new CompactRange();
  const debits = [0, 1].map(() => ({ tree: new CompactRange(), wei: 0n }));
  const credits = [0, 1].map(() => ({ tree: new CompactRange(), wei: 0n }));
  const shares = new Map<string, { miner: number; wallet: Hex; tree: CompactRange; wei: bigint }>();
  const entries = plan.receipts.map(
    ({ client, miner, change = (r) => r, assign = (a) => a, wallet, repeats, quote: own }, place): AuditEntry => {
      const index = repeats ?? place;
      const quote = own?.(shared) ?? shared;
      const quoteSignature =
        quote === shared ? sharedSignature : signTypedData(people.coordinator, ledger, "Quote", quote);
      const assignment = assign({
        coordinator,
        counter: BigInt(index + 1),
        attempt: 0,
        client: people.clients[client]!.address,
        miner: people.miners[miner]!.address,
        modelDigest: quote.modelDigest,
        engineClass: wallet === undefined ? word(3) : hostedEngineClass,
        promptCommitment: word(4),
        prefixCommitment: word(5),
        outputOffset: 0,
        maxInputTokens: 100,
        maxOutputTokens: 100,
        samplerHash: word(6),
        seed: word(7),
        quoteHash: hashStruct("Quote", quote),
        inputPriceWei: quote.inputPriceWei,
        outputPriceWei: quote.outputPriceWei,
        feePpm: quote.feePpm,
        maxAmountWei: 200_000n,
        deadline: BigInt(startMs / 1000 + 600),
        tier: quote.tier,
      });
      const outputTokens = 20 + index;
      const hosted = wallet === undefined ? undefined : { wallet, work: word(200 + index) };
      const receipt = change({
        assignment: assignmentDigest(ledger, assignment),
        inputCommitment: word(8),
        outputCommitment: word(100 + index),
        fingerprintCommitment: hosted ? hostedCommitment(hosted) : word(9),
        inputTokens: 10,
        outputTokens,
        amountWei: 70n + BigInt(outputTokens) * 1_001n,
        startedAtMs: BigInt(startMs + 1_000 * index),
        finishedAtMs: BigInt(startMs + 1_000 * index + 900),
        finishReason: 0,
        hosted: hosted !== undefined,
      });
      const leaf = hashStruct("Receipt", receipt);
      const [assignmentBatch] = signBatch(people.coordinator, ledger, "AssignmentBatch", [
        hashStruct("Assignment", assignment),
      ]);
      const [receiptBatch] = signBatch(people.miners[miner]!, ledger, "ReceiptBatch", [leaf]);
      const [debit, credit] = [debits[client]!, credits[miner]!];
      const entry = {
        index: place,
        assignment: toWire("Assignment", assignment),
        assignmentBatch: assignmentBatch!,
        quote: toWire("Quote", quote),
        quoteSignature,
        ...(plan.service && { service: plan.service }),
        receipt: toWire("Receipt", receipt),
        receiptBatch: receiptBatch!,
        ...(hosted && { hosted }),
        debitIndex: debit.tree.size,
        creditIndex: credit.tree.size,
      };
      log.append(leaf);
      debit.tree.append(leaf);
      debit.wei += receipt.amountWei;
      credit.tree.append(leaf);
      const creditWei = receipt.amountWei - (receipt.amountWei * BigInt(assignment.feePpm)) / 1_000_000n;
      credit.wei += creditWei;
      if (wallet !== undefined) {
        const key = `${miner} ${wallet}`;
        const share = shares.get(key) ?? { miner, wallet, tree: new CompactRange(), wei: 0n };
        shares.set(key, share);
        share.tree.append(leaf);
        share.wei += creditWei;
      }
      return entry;
    },
  );
  const head = { coordinator, size: BigInt(log.size), root: log.root(), timestampMs: BigInt(headMs) };
  const vouchers = [
    ...people.clients.map((client, i) => signVoucher(people.session, client.address, coordinator, 0, debits[i]!)),
    ...people.miners.map((miner, i) => signVoucher(people.coordinator, coordinator, miner.address, 1, credits[i]!)),
    ...[...shares.values()].map((share) => {
      const host = people.miners[share.miner]!;
      return signVoucher(host, host.address, share.wallet, 1, share);
    }),
  ];
  const staked = (staker: Hex, role: number) =>
    [
      { kind: "registered", staker, atMs: startMs - 3_600_000, role, operator: staker },
      { kind: "staked", staker, atMs: startMs - 3_600_000, stakedWei: 1_000n },
    ] as const;
  const first = vouchers[0]!.voucher;
  return {
    entries,
    context: {
      addresses,
      coordinator,
      stakeEvents: [...staked(coordinator, 2), ...people.miners.flatMap(({ address }) => staked(address, 1))],
      minimumMinerWei: 100n,
      minimumCoordinatorWei: 100n,
      grants: people.clients.map(({ address }) => ({
        payer: address,
        payee: coordinator,
        signer: people.session.address,
        capWei: 10_000_000n,
      })),
      collections: [{ ...first, paidWei: first.cumulativeWei, block: 10n }],
      anchors: [
        {
          epoch: 1n,
          size: head.size,
          root: head.root,
          liabilitiesRoot: liabilitiesOf(vouchers.map(({ voucher }) => voucher)),
          nextNonceHash: word(10),
          atMs: headMs,
          block: 20n,
        },
      ],
      vouchers,
      head: { head, signature: signTypedData(people.coordinator, ledger, "TreeHead", head) },
    },
  };
}

/** The root of what the coordinator owes by its vouchers to miners, of which nothing was collected. */
export function liabilitiesOf(vouchers: readonly Voucher[]): Hex {
  const lines = vouchers
    .filter(({ payer }) => payer === coordinator)
    .sort((a, b) => (a.payee < b.payee ? -1 : 1))
    .map(({ payer, payee, epoch, cumulativeWei }) => ({
      ...{ payer, payee, epoch, cumulativeWei, outstandingWei: cumulativeWei },
    }));
  return sumTree(lines).root;
}

/** A voucher over a stream, signed by somebody. */
export function signVoucher(
  signer: Signer,
  payer: Hex,
  payee: Hex,
  kind: number,
  stream: { readonly tree: CompactRange; readonly wei: bigint },
): { voucher: Voucher; signature: Hex } {
  const voucher: Voucher = {
    payer,
    payee,
    kind,
    epoch: 0n,
    cumulativeWei: stream.wei,
    count: BigInt(stream.tree.size),
    receiptsRoot: stream.tree.root(),
  };
  return { voucher, signature: signTypedData(signer, escrow, "Voucher", voucher) };
}
