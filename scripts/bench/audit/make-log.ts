/**
 * Writes a log of so many receipts with real signatures: `node make-log.ts COUNT FOLDER`. Pages of 1,000 entries as a coordinator
 * answers them go into one file, their lengths and what the chain would say into another. A process of its own, so that
 * its memory is not the auditor's.
 */
import { closeSync, openSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
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
  ledgerDomain,
  toWire,
  type Assignment,
  type Quote,
  type Receipt,
} from "@lode/sdk/typed-data";
import { packJson } from "../../../miner/src/audit/copy/json.ts";

const pageEntries = 1000;
/** Leaves under one signature of the coordinator, and of a miner, under load; a quote serves a model for minutes. */
const [assignmentBatch, receiptBatch, quoteJobs] = [32, 8, 1024];
const [clients, miners] = [1000, 100];
const startMs = 1_790_000_000_000;
const anchorEvery = 100_000;

const person = (name: string): Signer => signerFromKey(keccak(Buffer.from(`audit bench ${name}`)));
const word = (text: string): Hex => keccak(Buffer.from(text));

interface Stream {
  readonly tree: CompactRange;
  wei: bigint;
}
const newStream = (): Stream => ({ tree: new CompactRange(), wei: 0n });

class LogMaker {
  readonly #coordinator = person("coordinator");
  readonly #session = person("session");
  readonly #clients = Array.from({ length: clients }, (_, i) => person(`client ${i}`).address);
  readonly #miners = Array.from({ length: miners }, (_, i) => person(`miner ${i}`));
  readonly #addresses = loadAddresses(31337);
  readonly #ledger = ledgerDomain(this.#addresses);
  readonly #escrow = escrowDomain(this.#addresses);
  readonly #log = new CompactRange();
  readonly #debits = this.#clients.map(newStream);
  readonly #credits = this.#miners.map(newStream);
  readonly #anchors: AuditContext["anchors"][number][] = [];
  #quote: { quote: Quote; hash: Hex; wire: AuditEntry["quote"]; signature: Hex } | undefined;

  /** Entries `start` to `start + count`; a multiple of the batches' size apart from the last ones. */
  entries(start: number, count: number): AuditEntry[] {
    const jobs = Array.from({ length: count }, (_, i) => this.#job(start + i));
    const assigned = batched(jobs, assignmentBatch, (group) =>
      signBatch(
        this.#coordinator,
        this.#ledger,
        "AssignmentBatch",
        group.map(({ assignment }) => hashStruct("Assignment", assignment)),
      ),
    );
    const receipted = batched(jobs, receiptBatch, (group) =>
      signBatch(
        this.#minerOf(group[0]?.index ?? 0),
        this.#ledger,
        "ReceiptBatch",
        group.map(({ leaf }) => leaf),
      ),
    );
    return jobs.map(({ index, assignment, receipt, leaf, quote }, i) => {
      const [debit, credit] = [this.#debits[index % clients], this.#credits[this.#minerIndex(index)]];
      const [one, other] = [assigned[i], receipted[i]];
      if (debit === undefined || credit === undefined || one === undefined || other === undefined)
        throw new Error("a stream is missing");
      const entry: AuditEntry & { client: Hex; miner: Hex } = {
        index,
        assignment: toWire("Assignment", assignment),
        assignmentBatch: one,
        quote: quote.wire,
        quoteSignature: quote.signature,
        receipt: toWire("Receipt", receipt),
        receiptBatch: other,
        client: assignment.client,
        miner: assignment.miner,
        debitIndex: debit.tree.size,
        creditIndex: credit.tree.size,
      };
      this.#log.append(leaf);
      debit.tree.append(leaf);
      debit.wei += receipt.amountWei;
      credit.tree.append(leaf);
      credit.wei += receipt.amountWei - (receipt.amountWei * BigInt(assignment.feePpm)) / 1_000_000n;
      if ((index + 1) % anchorEvery === 0) this.#anchor();
      return entry;
    });
  }

  /** What the chain and the coordinator say when the log is finished. */
  context(): AuditContext {
    const coordinator = this.#coordinator.address;
    if (this.#anchors.at(-1)?.size !== BigInt(this.#log.size)) this.#anchor();
    const timestampMs = BigInt(startMs + this.#log.size * 10 + 1000);
    const head = { coordinator, size: BigInt(this.#log.size), root: this.#log.root(), timestampMs };
    const voucher = (signer: Signer, payer: Hex, payee: Hex, kind: number, { tree, wei }: Stream) => {
      const shared = { payer, payee, kind, epoch: 0n, cumulativeWei: wei };
      const promise = { ...shared, count: BigInt(tree.size), receiptsRoot: tree.root() };
      return { voucher: promise, signature: signTypedData(signer, this.#escrow, "Voucher", promise) };
    };
    const used = ({ tree }: Stream): boolean => tree.size > 0;
    const staked = (staker: Hex, role: number) =>
      [
        { kind: "registered", staker, atMs: startMs - 3_600_000, role, operator: staker },
        { kind: "staked", staker, atMs: startMs - 3_600_000, stakedWei: 10n ** 24n },
      ] as const;
    return {
      addresses: this.#addresses,
      coordinator,
      stakeEvents: [...staked(coordinator, 2), ...this.#miners.flatMap(({ address }) => staked(address, 1))],
      minimumMinerWei: 100n,
      minimumCoordinatorWei: 100n,
      grants: this.#clients.map((payer) => ({
        payer,
        payee: coordinator,
        signer: this.#session.address,
        capWei: 10n ** 30n,
      })),
      collections: [],
      anchors: this.#anchors,
      vouchers: [
        ...this.#debits.flatMap((stream, i) =>
          used(stream) ? [voucher(this.#session, this.#clients[i] ?? coordinator, coordinator, 0, stream)] : [],
        ),
        ...this.#credits.flatMap((stream, i) =>
          used(stream)
            ? [voucher(this.#coordinator, coordinator, this.#miners[i]?.address ?? coordinator, 1, stream)]
            : [],
        ),
      ],
      head: { head, signature: signTypedData(this.#coordinator, this.#ledger, "TreeHead", head) },
    };
  }

  /** Runs of a miner's receipts are as long as its batches. */
  #minerIndex(index: number): number {
    return Math.floor(index / receiptBatch) % miners;
  }

  #minerOf(index: number): Signer {
    return this.#miners[this.#minerIndex(index)] ?? this.#coordinator;
  }

  #job(index: number) {
    const quote = this.#quoteFor(index);
    const client = this.#clients[index % clients] ?? this.#coordinator.address;
    const [inputTokens, outputTokens] = [50 + (index % 300), 1 + (index % 500)];
    const at = startMs + index * 10;
    const { modelDigest, inputPriceWei, outputPriceWei, feePpm, tier } = quote.quote;
    const assignment: Assignment = {
      coordinator: this.#coordinator.address,
      counter: BigInt(index + 1),
      attempt: 0,
      client,
      miner: this.#minerOf(index).address,
      modelDigest,
      engineClass: word("class"),
      promptCommitment: word(`prompt ${index}`),
      prefixCommitment: word("prefix"),
      outputOffset: 0,
      maxInputTokens: 4096,
      maxOutputTokens: 4096,
      samplerHash: word("sampler"),
      seed: word(`seed ${index}`),
      quoteHash: quote.hash,
      inputPriceWei,
      outputPriceWei,
      feePpm,
      maxAmountWei: 10n ** 20n,
      deadline: BigInt(Math.floor(at / 1000) + 600),
      tier,
    };
    const receipt: Receipt = {
      assignment: assignmentDigest(this.#ledger, assignment),
      inputCommitment: word(`input ${index}`),
      outputCommitment: word(`output ${index}`),
      fingerprintCommitment: word("none"),
      inputTokens,
      outputTokens,
      amountWei: BigInt(inputTokens) * inputPriceWei + BigInt(outputTokens) * outputPriceWei,
      startedAtMs: BigInt(at),
      finishedAtMs: BigInt(at + 900),
      finishReason: 0,
      hosted: false,
    };
    return { index, assignment, receipt, leaf: hashStruct("Receipt", receipt), quote };
  }

  #quoteFor(index: number) {
    if (this.#quote !== undefined && index % quoteJobs !== 0) return this.#quote;
    const quote: Quote = {
      coordinator: this.#coordinator.address,
      modelDigest: word("model"),
      inputPriceWei: 10n ** 11n,
      outputPriceWei: 10n ** 12n,
      feePpm: 50_000,
      tier: 1,
      expiresAt: BigInt(Math.floor((startMs + index * 10) / 1000) + 300),
      salt: word(`quote ${index}`),
    };
    const signature = signTypedData(this.#coordinator, this.#ledger, "Quote", quote);
    return (this.#quote = { quote, hash: hashStruct("Quote", quote), wire: toWire("Quote", quote), signature });
  }

  #anchor(): void {
    const payer = this.#coordinator.address;
    const lines = this.#credits.flatMap(({ tree, wei }, i) => {
      const payee = this.#miners[i]?.address ?? payer;
      return tree.size === 0 ? [] : [{ payer, payee, epoch: 0n, cumulativeWei: wei, outstandingWei: wei }];
    });
    const epoch = BigInt(this.#anchors.length + 1);
    this.#anchors.push({
      epoch,
      size: BigInt(this.#log.size),
      root: this.#log.root(),
      liabilitiesRoot: sumTree(lines.sort((a, b) => (a.payee < b.payee ? -1 : 1))).root,
      nextNonceHash: word("nonce"),
      atMs: startMs + this.#log.size * 10 + 1000,
      block: epoch * 1000n,
    });
  }
}

function batched<T, R>(items: readonly T[], size: number, sign: (group: readonly T[]) => readonly R[]): R[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  ).flatMap(sign);
}

const [count = "", folder = ""] = process.argv.slice(2);
const maker = new LogMaker();
const pages = openSync(join(folder, "pages.new"), "w");
const lengths: number[] = [];
for (let start = 0; start < Number(count); start += pageEntries) {
  const entries = maker.entries(start, Math.min(pageEntries, Number(count) - start));
  const bytes = Buffer.from(JSON.stringify({ entries, size: Number(count) }));
  for (let at = 0; at < bytes.length;) at += writeSync(pages, bytes, at);
  lengths.push(bytes.length);
}
closeSync(pages);
renameSync(join(folder, "pages.new"), join(folder, "pages.bin"));
writeFileSync(join(folder, "log.json"), packJson({ lengths, context: maker.context() }));
