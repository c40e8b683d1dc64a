export { CompactRange } from "./compact-range.ts";
export { emptyRoot, leafHash, leafHashBytes, nodeHash } from "./node.ts";
export { openTokens, verifyOpenedTokens, type OpenedToken } from "./openings.ts";
export { sumTree, type Liability } from "./sum-tree.ts";
export { commitTokens, tokenLeaf, TokenLeaves, tokenSide, type TokenSide } from "./tokens.ts";
export { MerkleTree } from "./tree.ts";
export { verifyConsistency, verifyInclusion, type ConsistencyProof, type InclusionProof } from "./verify.ts";
