import { keccak, keccakBytes, writeHex, type Hex } from "../hash/index.ts";
import { encodeType, schemas, type Struct, type StructName } from "./schemas.ts";

const textEncoder = new TextEncoder();
const names = Object.keys(schemas) as StructName[];

/** keccak256 of each struct's EIP-712 type. */
export const typeHashes = Object.fromEntries(
  names.map((name) => [name, keccak(textEncoder.encode(encodeType(name)))]),
) as Readonly<Record<StructName, Hex>>;

const widths = { uint8: 1, uint32: 4, uint64: 8, uint128: 16 } as const;

/** What a struct is encoded into, a word of 32 bytes a field. */
interface Encoding {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

function makeEncoding(length: number): Encoding {
  const bytes = new Uint8Array(length);
  return { bytes, view: new DataView(bytes.buffer) };
}

/** Writes one value as a 32-byte word. Out-of-range values throw instead of wrapping: they would sign something else. */
function writeWord({ bytes, view }: Encoding, at: number, type: string, value: unknown, field: string): void {
  const refuse = (): never => {
    throw new TypeError(`${field} is not a valid ${type}: ${String(value)}`);
  };
  switch (type) {
    case "address":
      if (typeof value !== "string" || !/^0x[0-9a-fA-F]{40}$/.test(value)) return refuse();
      writeHex(bytes, at + 12, value as Hex);
      return;
    case "bytes32":
      if (typeof value !== "string" || !/^0x[0-9a-fA-F]{64}$/.test(value)) return refuse();
      writeHex(bytes, at, value as Hex);
      return;
    case "string":
      // Half a character has no bytes of its own: two texts would share one hash.
      if (typeof value !== "string" || !value.isWellFormed()) return refuse();
      bytes.set(keccakBytes(textEncoder.encode(value)), at);
      return;
    case "bool":
      if (typeof value !== "boolean") return refuse();
      bytes[at + 31] = value ? 1 : 0;
      return;
    case "uint8":
    case "uint32":
      if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value >= 2 ** (8 * widths[type])) {
        return refuse();
      }
      view.setUint32(at + 28, value);
      return;
    case "uint64":
    case "uint128":
      if (typeof value !== "bigint" || value < 0n || value >= 1n << BigInt(8 * widths[type])) return refuse();
      view.setBigUint64(at + 16, value >> 64n);
      view.setBigUint64(at + 24, value & 0xffffffffffffffffn);
      return;
    default:
      return refuse();
  }
}

/** EIP-712 `hashStruct`: the leaf that batches, receipts and streams are made of. */
export function hashStruct<N extends StructName>(name: N, message: Struct<N>): Hex {
  const fields = schemas[name];
  const encoded = makeEncoding(32 * (fields.length + 1));
  writeHex(encoded.bytes, 0, typeHashes[name]);
  const values = message as Readonly<Record<string, unknown>>;
  fields.forEach(([type, field], i) => {
    writeWord(encoded, 32 * (i + 1), type, values[field], `${name}.${field}`);
  });
  return keccak(encoded.bytes);
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
  writeWord(encoded, 128, "address", verifyingContract, "verifyingContract");
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

/** EIP-712 digest of a struct hash under a domain. */
export function digestOf(domain: Domain, structHash: Hex): Hex {
  const bytes = new Uint8Array(66);
  bytes[0] = 0x19;
  bytes[1] = 0x01;
  writeHex(bytes, 2, domain.separator);
  writeHex(bytes, 34, structHash);
  return keccak(bytes);
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
