import { LodeError } from "../errors/lode-error.ts";
import type { Hex } from "../hash/index.ts";
import { recoverAddress } from "../keys/recover.ts";
import type { Signer } from "../keys/signer.ts";
import { leafHash, MerkleTree, verifyInclusion } from "../merkle/index.ts";
import { digest, type BatchName, type Domain } from "../typed-data/index.ts";

/** One leaf of a signed batch: the signature covers (root, count), the path leads from the leaf to the root. */
export interface SignedLeaf {
  readonly root: Hex;
  readonly count: number;
  readonly index: number;
  readonly path: readonly Hex[];
  readonly signature: Hex;
}

/** A leaf that is not in the batch it claims, or a signature that is none. */
export class BatchError extends LodeError {
  override readonly name = "BatchError";
  constructor(message: string, cause?: unknown) {
    super("batch_invalid", message, { cause });
  }
}

/** Largest batch: bounds the path that a stranger can make us hash. */
export const maximumBatch = 1 << 20;

/** Signs many struct hashes at once. Each result proves its own leaf without the others. */
export function signBatch(signer: Signer, domain: Domain, name: BatchName, leaves: readonly Hex[]): SignedLeaf[] {
  if (leaves.length === 0 || leaves.length > maximumBatch) {
    throw new BatchError(`a batch holds 1 to ${maximumBatch} leaves, not ${leaves.length}`);
  }
  const tree = new MerkleTree();
  for (const leaf of leaves) tree.append(leaf);
  const root = tree.root();
  const count = leaves.length;
  const signature = signer.signDigest(digest(domain, name, { root, count }));
  return tree.inclusionProofs().map((path, index) => ({ root, count, index, path, signature }));
}

/** The address that signed a batch holding `leaf` (a struct hash). Throws BatchError when the leaf is not in it. */
export function verifySignedLeaf(domain: Domain, name: BatchName, leaf: Hex, signed: SignedLeaf): Hex {
  if (!isInBatch(leaf, signed)) throw new BatchError("the leaf is not in the batch that the signature covers");
  return recoverBatchSigner(domain, name, signed);
}

/** Whether the path leads from the leaf to the batch's root. */
export function isInBatch(leaf: Hex, signed: SignedLeaf): boolean {
  const { root, count, index, path } = signed;
  if (count > maximumBatch) return false;
  return verifyInclusion({ leafHash: leafHash(leaf), index, size: count, path, root });
}

/** The address behind a batch's signature; one recovery serves all its leaves. */
export function recoverBatchSigner(domain: Domain, name: BatchName, signed: SignedLeaf): Hex {
  try {
    return recoverAddress(digest(domain, name, { root: signed.root, count: signed.count }), signed.signature);
  } catch (cause) {
    throw new BatchError("the batch carries no valid signature", cause);
  }
}

/** Batches whose signers are remembered. */
const rememberedBatches = 512;

/** `verifySignedLeaf` for many leaves: the signature of a batch is recovered once, the path of every leaf is checked. */
export class BatchSigners {
  readonly #known = new Map<string, Hex>();

  /** The address that signed a batch holding `leaf` (a struct hash). Throws BatchError when the leaf is not in it. */
  verify(domain: Domain, name: BatchName, leaf: Hex, signed: SignedLeaf): Hex {
    if (!isInBatch(leaf, signed)) throw new BatchError("the leaf is not in the batch that the signature covers");
    // Everything that the signature covers, and the signature.
    const key = `${domain.separator} ${name} ${signed.root} ${signed.count} ${signed.signature}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const signer = recoverBatchSigner(domain, name, signed);
    const [oldest] = this.#known.keys();
    if (this.#known.size >= rememberedBatches && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(key, signer);
    return signer;
  }
}
