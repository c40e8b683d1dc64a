import { keccak, keccakBytes, writeHex, type Hex } from "../hash/index.ts";
import { encodeType, schemas, type FieldType, type Struct, type StructName } from "./schemas.ts";

const textEncoder = new TextEncoder();
const names = Object.keys(schemas) as StructName[];

/** keccak256 of each struct's EIP-712 type. */
export const typeHashes = Object.fromEntries(
  names.map((name) => [name, keccak(textEncoder.encode(encodeType(name)))]),
) as Readonly<Record<StructName, Hex>>;

/** What a struct is encoded into, a word of 32 bytes a field. */
interface Encoding {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

function makeEncoding(length: number): Encoding {
  const bytes = new Uint8Array(length);
  return { bytes, view: new DataView(bytes.buffer) };
}

/** Writes one value into its word of zeros; the same bytes whatever the value. False for what does not fit: it means nothing there. */
type Writer = (encoding: Encoding, at: number, value: unknown) => boolean;

/** Whatever is no hex of exactly so many bytes may leave half of it behind: nobody hashes that, and the next one writes over it. */
const hexWriter =
  (length: number): Writer =>
  ({ bytes }, at, value) =>
    typeof value === "string" &&
    value.length === 2 + 2 * length &&
    value.startsWith("0x") &&
    writeHex(bytes, at + 32 - length, value);

const countWriter =
  (limit: number): Writer =>
  ({ view }, at, value) => {
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value >= limit) return false;
    view.setUint32(at + 28, value);
    return true;
  };

const amountWriter = (bits: number): Writer => {
  const limit = 1n << BigInt(bits);
  return ({ view }, at, value) => {
    if (typeof value !== "bigint" || value < 0n || value >= limit) return false;
    view.setBigUint64(at + 16, value >> 64n);
    view.setBigUint64(at + 24, value & 0xffffffffffffffffn);
    return true;
  };
};

const writers: Readonly<Record<FieldType, Writer>> = {
  address: hexWriter(20),
  bytes32: hexWriter(32),
  string: ({ bytes }, at, value) => {
    // Half a character has no bytes of its own: two texts would share one hash.
    if (typeof value !== "string" || !value.isWellFormed()) return false;
    bytes.set(keccakBytes(textEncoder.encode(value)), at);
    return true;
  },
  bool: ({ bytes }, at, value) => {
    if (typeof value !== "boolean") return false;
    bytes[at + 31] = value ? 1 : 0;
    return true;
  },
  uint8: countWriter(2 ** 8),
  uint32: countWriter(2 ** 32),
  uint64: amountWriter(64),
  uint128: amountWriter(128),
};

/** How each struct is encoded: its type hash is there already, and every hash writes the same bytes behind it anew. */
const plans = Object.fromEntries(
  names.map((name) => {
    const encoding = makeEncoding(32 * (schemas[name].length + 1));
    writeHex(encoding.bytes, 0, typeHashes[name]);
    return [name, { encoding, fields: schemas[name].map(([type, field]) => ({ field, type, write: writers[type] })) }];
  }),
) as unknown as Readonly<
  Record<
    StructName,
    { readonly encoding: Encoding; readonly fields: readonly { field: string; type: FieldType; write: Writer }[] }
  >
>;

/**
 * EIP-712 `hashStruct`: the leaf that batches, receipts and streams are made of. Out-of-range values throw a TypeError instead
 * of wrapping: they would sign something else.
 */
export function hashStruct<N extends StructName>(name: N, message: Struct<N>): Hex {
  const { encoding, fields } = plans[name];
  const values = message as Readonly<Record<string, unknown>>;
  let at = 32;
  for (const { field, type, write } of fields) {
    const value = values[field];
    if (!write(encoding, at, value)) throw new TypeError(`${name}.${field} is not a valid ${type}: ${String(value)}`);
    at += 32;
  }
  return keccak(encoding.bytes);
}

/** An EIP-712 domain with its separator computed once. */
export interface Domain {
  readonly name: string;
  readonly version: string;
  readonly chainId: number;
  readonly verifyingContract: Hex;
  readonly separator: Hex;
}

const domainType = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
const domainTypeHash = keccakBytes(textEncoder.encode(domainType));

function makeDomain(name: string, chainId: number, verifyingContract: Hex): Domain {
  if (!Number.isSafeInteger(chainId) || chainId <= 0) throw new TypeError(`not a chain id: ${chainId}`);
  const version = "1";
  const encoded = makeEncoding(160);
  encoded.bytes.set(domainTypeHash, 0);
  encoded.bytes.set(keccakBytes(textEncoder.encode(name)), 32);
  encoded.bytes.set(keccakBytes(textEncoder.encode(version)), 64);
  encoded.view.setBigUint64(120, BigInt(chainId));
  if (!writers.address(encoded, 128, verifyingContract)) {
    throw new TypeError(`verifyingContract is not a valid address: ${verifyingContract}`);
  }
  return { name, version, chainId, verifyingContract, separator: keccak(encoded.bytes) };
}

/** Domain of assignments, receipts, quotes, acknowledgements, tree heads and logins. */
export function ledgerDomain(at: { chainId: number; receiptLedger: Hex }): Domain {
  return makeDomain("Lode ReceiptLedger", at.chainId, at.receiptLedger);
}

/** Domain of vouchers and signer proofs. */
export function escrowDomain(at: { chainId: number; paymentEscrow: Hex }): Domain {
  return makeDomain("Lode PaymentEscrow", at.chainId, at.paymentEscrow);
}

/** Every digest writes all but the first two bytes anew. */
const digestBytes = new Uint8Array(66);
digestBytes[0] = 0x19;
digestBytes[1] = 0x01;

/** EIP-712 digest of a struct hash under a domain. Throws a TypeError for what is no hash. */
export function digestOf(domain: Domain, structHash: Hex): Hex {
  const isWhole = structHash.length === 66 && structHash.startsWith("0x");
  if (!isWhole || !writeHex(digestBytes, 34, structHash) || !writeHex(digestBytes, 2, domain.separator)) {
    throw new TypeError(`not a struct hash: ${structHash.slice(0, 20)}`);
  }
  return keccak(digestBytes);
}

/** EIP-712 digest of a message: what a key signs. */
export function digest<N extends StructName>(domain: Domain, name: N, message: Struct<N>): Hex {
  return digestOf(domain, hashStruct(name, message));
}

/** Digest of an assignment: the job attempt's id. */
export function assignmentDigest(domain: Domain, assignment: Struct<"Assignment">): Hex {
  return digest(domain, "Assignment", assignment);
}

/** The tables that viem and ethers take, for wallets that sign with them. */
export function eip712Types<N extends StructName>(name: N): Record<N, { name: string; type: string }[]> {
  return { [name]: schemas[name].map(([type, field]) => ({ name: field, type })) } as Record<
    N,
    { name: string; type: string }[]
  >;
}
