import { randomBytes } from "node:crypto";
import { BatchError, maximumBatch, signBatch, verifySignedLeaf, type SignedLeaf } from "@lode/sdk/batch";
import { bytesToHex, type Hex } from "@lode/sdk/hash";
import { signerFromKey } from "@lode/sdk/keys";
import { ledgerDomain } from "@lode/sdk/typed-data";
import { describe, expect, it } from "vitest";

const random = (): Hex => bytesToHex(randomBytes(32));
const signer = signerFromKey(random());
const receiptLedger = bytesToHex(randomBytes(20));
const domain = ledgerDomain({ chainId: 31337, receiptLedger });
const otherChain = ledgerDomain({ chainId: 1, receiptLedger });

/** Whether the batch is refused or names somebody else. */
function fails(leaf: Hex, signed: SignedLeaf, on = domain): boolean {
  try {
    return verifySignedLeaf(on, "ReceiptBatch", leaf, signed) !== signer.address;
  } catch (error) {
    expect(error).toBeInstanceOf(BatchError);
    return true;
  }
}

describe.each([1, 2, 3, 7, 32])("a batch of %d", (count) => {
  const leaves = Array.from({ length: count }, random);
  const batch = signBatch(signer, domain, "ReceiptBatch", leaves);

  it("names its signer for every leaf", () => {
    leaves.forEach((leaf, i) => {
      expect(verifySignedLeaf(domain, "ReceiptBatch", leaf, batch[i] as SignedLeaf)).toBe(signer.address);
    });
  });

  it("fails when one part is changed", () => {
    leaves.forEach((leaf, i) => {
      const signed = batch[i] as SignedLeaf;
      expect(fails(random(), signed)).toBe(true);
      expect(fails(leaf, { ...signed, root: random() })).toBe(true);
      expect(fails(leaf, { ...signed, count: count + 1 })).toBe(true);
      expect(fails(leaf, { ...signed, index: i + 1 })).toBe(true);
      expect(fails(leaf, { ...signed, index: -1 })).toBe(true);
      expect(fails(leaf, { ...signed, path: [...signed.path, random()] })).toBe(true);
      expect(fails(leaf, { ...signed, signature: signerFromKey(random()).signDigest(random()) })).toBe(true);
      expect(fails(leaf, { ...signed, signature: signed.signature.slice(0, -2) as Hex })).toBe(true);
      expect(fails(leaf, signed, otherChain)).toBe(true);
      signed.path.forEach((_, step) => {
        expect(fails(leaf, { ...signed, path: signed.path.with(step, random()) })).toBe(true);
      });
    });
  });

  it("of receipts is no batch of assignments", () => {
    const [leaf, signed] = [leaves[0] as Hex, batch[0] as SignedLeaf];
    expect(verifySignedLeaf(domain, "AssignmentBatch", leaf, signed)).not.toBe(signer.address);
  });
});

describe("the size of a batch", () => {
  it("is bounded", () => {
    expect(() => signBatch(signer, domain, "ReceiptBatch", [])).toThrow(BatchError);
    const leaf = random();
    const [signed] = signBatch(signer, domain, "ReceiptBatch", [leaf]);
    expect(fails(leaf, { ...(signed as SignedLeaf), count: maximumBatch + 1 })).toBe(true);
  });
});
