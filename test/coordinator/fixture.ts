import { loadAddresses } from "@lode/sdk/addresses";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signBatch } from "@lode/sdk/batch";
import { keccak, type Hex } from "@lode/sdk/hash";
import { signerFromKey, type Signer } from "@lode/sdk/keys";
import { commitTokens } from "@lode/sdk/merkle";
import { hashStruct, ledgerDomain, type Receipt } from "@lode/sdk/typed-data";
import { Book, type ClientAccount } from "../../coordinator/src/domain/settlement/index.ts";
import type { Anchored, Chain, MinedAnchor } from "../../coordinator/src/plugins/app/chain/chain.ts";
import type { Classification } from "../../coordinator/src/plugins/app/chain/classifications.ts";
import { openLedger } from "../../coordinator/src/plugins/app/ledger/ledger.ts";
import type { AssignCommand, Ledger, SignedAssignment } from "../../coordinator/src/plugins/app/ledger/types.ts";
import type { Database } from "../../coordinator/src/plugins/app/store/database.ts";
import type { SlabDesk } from "../../coordinator/src/plugins/app/slabs/desk.ts";
import { openFactStore, type FactStore } from "../../coordinator/src/plugins/app/store/fact-store.ts";

export const person = (name: string): Signer => signerFromKey(keccak(Buffer.from(`person ${name}`)));
export const word = (text: string): Hex => keccak(Buffer.from(text));
const contract = (n: number): Hex => `0x${n.toString(16).padStart(40, "0")}`;

export const addresses = {
  ...loadAddresses(31337),
  lodeToken: contract(2),
  staking: contract(3),
  paymentEscrow: contract(4),
  receiptLedger: contract(5),
};
export const domain = ledgerDomain(addresses);
export const operator = person("operator");
export const session = person("session");
export const miner = person("miner");
export const client = person("client");
export const host = person("host");
export const nowMs = 1_790_000_000_000;
export const prices = { inputPriceWei: 3n, outputPriceWei: 1_000n, feePpm: 50_000 };

const noClassification: Classification = {
  client: contract(0),
  commitment: 0n,
  priceWei: 0n,
  deadline: 0,
  state: "none",
};

/** What the chain says in these tests; each field can be changed while a test runs. */
export class ChainFixture implements Chain {
  readonly chainId = addresses.chainId;
  readonly addresses = addresses;
  funds: ClientAccount = {
    balanceWei: 1_000_000n,
    thawingWei: 0n,
    thawEndsAt: 0n,
    collectedWei: 0n,
    signerCapWei: 1_000_000n,
    signerExpiresAt: BigInt(nowMs / 1000 + 30 * 86_400),
  };
  isStaked = true;
  isAway = false;
  anchors: Anchored[] = [];

  account = async (): Promise<ClientAccount> => this.funds;
  miner = async (address: Hex) => ({ operator: address, isActive: this.isStaked });
  collectedWei = async (): Promise<bigint> => 0n;
  classifications = new Map<bigint, Classification>();
  classification = async (jobId: bigint): Promise<Classification> =>
    this.classifications.get(jobId) ?? noClassification;
  anchorHead = async () => ({
    epoch: this.anchors.length,
    size: this.anchors.at(-1)?.size ?? 0,
    commitment: word(JSON.stringify(this.anchors)),
  });
  anchored = async (epoch: number) => this.anchors[epoch - 1];
  anchor = async (epoch: Omit<Anchored, "transaction">): Promise<MinedAnchor> => {
    const transaction = word(`transaction ${this.anchors.length}`);
    this.anchors.push({ ...epoch, transaction });
    return { epoch: this.anchors.length, transaction };
  };
  operator = async (): Promise<Hex> => operator.address;
  hasStake = async (): Promise<boolean> => true;
  close(): void {
    this.isStaked = false;
  }
}

export interface LedgerFixture {
  readonly ledger: Ledger;
  readonly book: Book;
  readonly store: FactStore;
  readonly chain: ChainFixture;
  readonly warnings: string[];
  /** `steadyMs` is what `nowMs` is until that is set back or forward. */
  readonly clock: { nowMs: number; steadyMs?: number };
  close(): Promise<void>;
}

/** A folder of a test's own. */
export function temporaryHome(): { home: string; remove(): void } {
  const home = mkdtempSync(join(tmpdir(), "lode-coordinator-"));
  return { home, remove: () => rmSync(home, { recursive: true, force: true }) };
}

const noTables: Database = {
  prisma: async () => Promise.reject(new Error("this database has no tables")),
  query: async () => [],
  execute: async () => undefined,
  follow: async () => undefined,
  close: async () => undefined,
};

/** The real ledger on a real store in `home`; opening it again is a restart. */
export async function openLedgerFixture(
  home: string,
  options: {
    chain?: ChainFixture;
    databaseUrl?: string;
    host?: Signer;
    wrap?: (store: FactStore) => FactStore;
    selfSignedCreditWei?: bigint;
    /** When it opens, unix milliseconds. */
    nowMs?: number;
    /** False opens no embedded database, which takes seconds: then nothing can be read of entries, receipts and anchors. */
    hasTables?: boolean;
    slabs?: SlabDesk;
  } = {},
): Promise<LedgerFixture> {
  const chain = options.chain ?? new ChainFixture();
  const book = new Book(operator.address);
  const warnings: string[] = [];
  const clock: LedgerFixture["clock"] = { nowMs: options.nowMs ?? nowMs };
  const inner = await openFactStore(book, {
    home,
    databaseUrl: options.databaseUrl,
    ...(options.hasTables === false && { openDatabase: async () => noTables }),
    warn: (message) => warnings.push(message),
    onFailure: (error) => warnings.push(`failure: ${String(error)}`),
  });
  const store = options.wrap?.(inner) ?? inner;
  const ledger = await openLedger({
    coordinator: operator.address,
    operator,
    session,
    host: options.host,
    chain,
    book,
    store,
    prices,
    slabs: options.slabs,
    ...(options.selfSignedCreditWei !== undefined && { selfSignedCreditWei: options.selfSignedCreditWei }),
    nowMs: () => clock.nowMs,
    steadyMs: () => clock.steadyMs ?? clock.nowMs,
  });
  return { ledger, book, store, chain, warnings, clock, close: () => store.close() };
}

/** An assignment of at most 10 tokens in and 10 out: 10,030 wei. */
export function assignCommand(ledger: Ledger, change: Partial<AssignCommand> = {}): AssignCommand {
  return {
    client: client.address,
    key: undefined,
    miner: miner.address,
    counter: ledger.nextJob().counter,
    attempt: 0,
    jobId: "chatcmpl-000000000000000000000000",
    modelDigest: word("model"),
    engineClass: word("engine"),
    promptCommitment: word("prompt"),
    prefixCommitment: keccak(new Uint8Array(0)),
    outputOffset: 0,
    maxInputTokens: 10,
    maxOutputTokens: 10,
    samplerHash: word("sampler"),
    seed: word("seed"),
    quote: ledger.quote(word("model"), 1),
    deadline: BigInt(nowMs / 1000 + 600),
    tier: 1,
    ...change,
  };
}

export const jobSalt = word("job salt");

/** The receipt of an attempt that read 5 tokens and made `count`, and what the relay saw of it. */
export function receiptFor(
  { assignment, digest }: SignedAssignment,
  count: number,
  change: Partial<Receipt> = {},
  signer: Signer = miner,
): { receipt: Receipt; batch: ReturnType<typeof signBatch>[number]; seen: { count: number; root: Hex } } {
  const ids = Array.from({ length: count }, (_, i) => 1000 + i);
  const root = commitTokens(jobSalt, 1, ids, assignment.outputOffset);
  const receipt: Receipt = {
    assignment: digest,
    inputCommitment: word("input"),
    outputCommitment: root,
    fingerprintCommitment: `0x${"00".repeat(32)}`,
    inputTokens: 5,
    outputTokens: count,
    amountWei: 5n * assignment.inputPriceWei + BigInt(count) * assignment.outputPriceWei,
    startedAtMs: BigInt(nowMs),
    finishedAtMs: BigInt(nowMs + 500),
    finishReason: 0,
    hosted: false,
    ...change,
  };
  const [batch] = signBatch(signer, domain, "ReceiptBatch", [hashStruct("Receipt", receipt)]);
  return { receipt, batch: batch!, seen: { count, root } };
}
