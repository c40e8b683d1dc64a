/** Every struct that anyone signs, once. Solidity's type hashes and the TypeScript types are derived from this table. */
export const schemas = {
  Voucher: [
    ["address", "payer"],
    ["address", "payee"],
    ["uint8", "kind"],
    ["uint64", "epoch"],
    ["uint128", "cumulativeWei"],
    ["uint64", "count"],
    ["bytes32", "receiptsRoot"],
  ],
  SignerProof: [
    ["address", "payer"],
    ["address", "payee"],
    ["address", "signer"],
    ["uint8", "kind"],
  ],
  Quote: [
    ["address", "coordinator"],
    ["bytes32", "modelDigest"],
    ["uint128", "inputPriceWei"],
    ["uint128", "outputPriceWei"],
    ["uint32", "feePpm"],
    ["uint8", "tier"],
    ["uint64", "expiresAt"],
    ["bytes32", "salt"],
  ],
  Assignment: [
    ["address", "coordinator"],
    ["uint64", "counter"],
    ["uint32", "attempt"],
    ["address", "client"],
    ["address", "miner"],
    ["bytes32", "modelDigest"],
    ["bytes32", "engineClass"],
    ["bytes32", "promptCommitment"],
    ["bytes32", "prefixCommitment"],
    ["uint32", "outputOffset"],
    ["uint32", "maxInputTokens"],
    ["uint32", "maxOutputTokens"],
    ["bytes32", "samplerHash"],
    ["bytes32", "seed"],
    ["bytes32", "quoteHash"],
    ["uint128", "inputPriceWei"],
    ["uint128", "outputPriceWei"],
    ["uint32", "feePpm"],
    ["uint128", "maxAmountWei"],
    ["uint64", "deadline"],
    ["uint8", "tier"],
  ],
  Receipt: [
    ["bytes32", "assignment"],
    ["bytes32", "inputCommitment"],
    ["bytes32", "outputCommitment"],
    ["bytes32", "fingerprintCommitment"],
    ["uint32", "inputTokens"],
    ["uint32", "outputTokens"],
    ["uint128", "amountWei"],
    ["uint64", "startedAtMs"],
    ["uint64", "finishedAtMs"],
    ["uint8", "finishReason"],
    ["bool", "hosted"],
  ],
  Progress: [
    ["bytes32", "assignment"],
    ["uint32", "count"],
    ["bytes32", "prefixRoot"],
  ],
  AssignmentBatch: [
    ["bytes32", "root"],
    ["uint32", "count"],
  ],
  ReceiptBatch: [
    ["bytes32", "root"],
    ["uint32", "count"],
  ],
  ProgressBatch: [
    ["bytes32", "root"],
    ["uint32", "count"],
  ],
  TreeHead: [
    ["address", "coordinator"],
    ["uint64", "size"],
    ["bytes32", "root"],
    ["uint64", "timestampMs"],
  ],
  MinerHello: [
    ["address", "coordinator"],
    ["string", "origin"],
    ["address", "miner"],
    ["bytes32", "nonce"],
    ["uint64", "timestampMs"],
  ],
  ClientLogin: [
    ["address", "coordinator"],
    ["string", "origin"],
    ["address", "client"],
    ["string", "scope"],
    ["string", "terms"],
    ["bytes32", "nonce"],
    ["uint64", "timestampMs"],
  ],
  Letter: [
    ["address", "from"],
    ["address", "to"],
    ["bytes32", "about"],
    ["bytes32", "body"],
    ["uint64", "timestampMs"],
  ],
} as const;

export type StructName = keyof typeof schemas;
export type FieldType = "address" | "bytes32" | "uint8" | "uint32" | "uint64" | "uint128" | "bool" | "string";
type ValueOf<T extends FieldType> = T extends "address" | "bytes32"
  ? `0x${string}`
  : T extends "uint8" | "uint32"
    ? number
    : T extends "bool"
      ? boolean
      : T extends "string"
        ? string
        : bigint;

/** The value of a struct: small integers are numbers, 64 and 128 bit ones bigint. */
export type Struct<N extends StructName> = {
  readonly [F in (typeof schemas)[N][number] as F[1]]: ValueOf<F[0]>;
};

export type Voucher = Struct<"Voucher">;
export type SignerProof = Struct<"SignerProof">;
export type Quote = Struct<"Quote">;
export type Assignment = Struct<"Assignment">;
export type Receipt = Struct<"Receipt">;
export type Progress = Struct<"Progress">;
export type TreeHead = Struct<"TreeHead">;
export type MinerHello = Struct<"MinerHello">;
export type ClientLogin = Struct<"ClientLogin">;
export type Letter = Struct<"Letter">;
export type BatchName = "AssignmentBatch" | "ReceiptBatch" | "ProgressBatch";

/** EIP-712 `encodeType` of a struct, as hashed into its type hash. */
export function encodeType(name: StructName): string {
  return `${name}(${schemas[name].map(([type, field]) => `${type} ${field}`).join(",")})`;
}
