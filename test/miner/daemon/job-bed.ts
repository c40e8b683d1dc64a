import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signBatch } from "@lode/sdk/batch";
import { keccak, type Hex } from "@lode/sdk/hash";
import { signerFromKey } from "@lode/sdk/keys";
import { commitTokens, tokenSide } from "@lode/sdk/merkle";
import { hashStruct, ledgerDomain, toWire, type Assignment } from "@lode/sdk/typed-data";
import type { SignedProgress } from "@lode/protocol";
import { afterEach, beforeEach } from "vitest";
import { MinerStore } from "../../../miner/src/daemon/miner-store.ts";

export const word = (text: string): Hex => keccak(Buffer.from(text));
export const [digest, jobSalt] = [word("job"), word("salt")];
export const coordinator = signerFromKey(word("coordinator's key"));
export const domain = ledgerDomain({ chainId: 1, receiptLedger: `0x${"05".repeat(20)}` });
const nobody = `0x${"00".repeat(20)}` as const;

/** An assignment of the bed's coordinator, with what a test says of it. */
export function assignmentOf(changes: Partial<Assignment> = {}): Assignment {
  return {
    ...{ coordinator: coordinator.address, counter: 1n, attempt: 0, client: nobody, miner: nobody },
    ...{ modelDigest: word("model"), engineClass: word("engine"), promptCommitment: word("prompt") },
    ...{ prefixCommitment: word("prefix"), outputOffset: 0, maxInputTokens: 6, maxOutputTokens: 1000 },
    ...{ samplerHash: word("sampler"), seed: word("seed"), quoteHash: word("quote"), inputPriceWei: 2n },
    ...{ outputPriceWei: 3n, feePpm: 0, maxAmountWei: 3012n, deadline: 1_000_000n, tier: 0 },
    ...changes,
  };
}

/** The coordinator's word for these tokens of the job's, or what a test makes of it. */
export function acknowledgementOf(ids: readonly number[], signer = coordinator, changes: object = {}): SignedProgress {
  const prefixRoot = commitTokens(jobSalt, tokenSide.output, ids);
  const progress = { assignment: digest, count: ids.length, prefixRoot, ...changes };
  const [batch] = signBatch(signer, domain, "ProgressBatch", [hashStruct("Progress", progress)]);
  return { progress, batch: { ...batch!, path: [...batch!.path] } };
}

/** A miner's store before each test, which has taken the job and nothing else. */
export interface JobBed {
  readonly store: MinerStore;
  /** Opens it again, as after a kill. */
  reopen(): Promise<MinerStore>;
}

export function useJobBed(assignment: Assignment): JobBed {
  let folder: string;
  let store: MinerStore;
  const open = async (): Promise<MinerStore> => (store = await MinerStore.open(folder, () => undefined));
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "lode-job-"));
    await open();
    await store.append({
      kind: "assigned",
      digest,
      assignment: toWire("Assignment", assignment),
      batch: { root: digest, count: 1, index: 0, path: [], signature: `0x${"00".repeat(65)}` },
      jobSalt,
      promptSalt: jobSalt,
      atMs: 1000,
    });
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  return {
    get store() {
      return store;
    },
    async reopen() {
      await store.close();
      return open();
    },
  };
}
