import { signBatch } from "@lode/sdk/batch";
import { bytesToHex, keccak, type Hex } from "@lode/sdk/hash";
import type { Signer } from "@lode/sdk/keys";
import { MerkleTree, tokenLeaf } from "@lode/sdk/merkle";
import {
  assignmentDigest,
  hashStruct,
  ledgerDomain,
  toWire,
  type Assignment,
  type Domain,
  type Progress,
  type Receipt,
} from "@lode/sdk/typed-data";
import { zeroHash } from "viem";

/** Who signs the evidence of a job, and under which domain. */
export interface Parties {
  readonly coordinator: Signer;
  readonly miner: Signer;
  readonly client: Hex;
  readonly domain: Domain;
}

export const salt: Hex = `0x${"77".repeat(32)}`;

/** The tree of an output's tokens 0, 1, 2, ... and the salt of each leaf. */
export function outputOf(tokens: number): { tree: MerkleTree; saltAt: (position: number) => Hex } {
  const tree = new MerkleTree();
  const leaves = Array.from({ length: tokens }, (_, position) => tokenLeaf(salt, 1, position, position));
  for (const leaf of leaves) tree.append(leaf);
  return { tree, saltAt: (position) => bytesToHex(leaves[position]!.subarray(0, 32)) };
}

let counter = 0n;

/** An assignment, a receipt and an acknowledgement, each signed in a batch of one; as the evidence files hold them. */
export function makeJob(
  { coordinator, miner, client, domain }: Parties,
  options: { now: bigint; assignment?: Assignment; receipt?: Partial<Receipt> },
) {
  const assignment: Assignment = options.assignment ?? {
    coordinator: coordinator.address,
    counter: counter++,
    attempt: 0,
    client,
    miner: miner.address,
    modelDigest: salt,
    engineClass: salt,
    promptCommitment: salt,
    prefixCommitment: zeroHash,
    outputOffset: 0,
    maxInputTokens: 100,
    maxOutputTokens: 100,
    samplerHash: salt,
    seed: salt,
    quoteHash: salt,
    inputPriceWei: 10n ** 15n,
    outputPriceWei: 10n ** 16n,
    feePpm: 0,
    maxAmountWei: 10n ** 20n,
    deadline: options.now + 600n,
    tier: 0,
  };
  const assignmentHash = hashStruct("Assignment", assignment);
  const id = assignmentDigest(domain, assignment);
  const receipt: Receipt = {
    assignment: id,
    inputCommitment: salt,
    outputCommitment: outputOf(40).tree.root(),
    fingerprintCommitment: salt,
    inputTokens: 10,
    outputTokens: 40,
    amountWei: 410n * 10n ** 15n,
    startedAtMs: 1n,
    finishedAtMs: 2n,
    finishReason: 0,
    hosted: false,
    ...options.receipt,
  };
  const progress: Progress = { assignment: id, count: 40, prefixRoot: salt };
  const receiptHash = hashStruct("Receipt", receipt);
  const proof = (signer: Signer, name: "AssignmentBatch" | "ReceiptBatch" | "ProgressBatch", leaf: Hex) =>
    signBatch(signer, domain, name, [leaf])[0]!;
  return {
    assignment,
    receiptHash,
    evidence: {
      assignment: toWire("Assignment", assignment),
      assignmentProof: proof(coordinator, "AssignmentBatch", assignmentHash),
      receipt: toWire("Receipt", receipt),
      receiptProof: proof(miner, "ReceiptBatch", receiptHash),
    },
    acknowledged: {
      assignment: toWire("Assignment", assignment),
      assignmentProof: proof(coordinator, "AssignmentBatch", assignmentHash),
      receipt: toWire("Receipt", receipt),
      progress: toWire("Progress", progress),
      progressProof: proof(coordinator, "ProgressBatch", hashStruct("Progress", progress)),
    },
  };
}

export const domainOf = ledgerDomain;

/** The log over receipts' hashes. */
export function logOf(receipts: readonly Hex[]): MerkleTree {
  const tree = new MerkleTree();
  for (const receipt of receipts) tree.append(receipt);
  return tree;
}

/** A value that an engine would give at a position. */
export const valueAt = (position: number): Hex => keccak(Uint8Array.of(position));
