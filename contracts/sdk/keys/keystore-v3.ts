import { createDecipheriv, pbkdf2, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { concat, keccakBytes } from "../hash/index.ts";

/** More than this for one password is no keystore that anybody makes, and could take all memory there is; bytes. */
const mostScryptBytes = 2 ** 32;

/** OpenSSL computes fewer rounds than this over blocks of one; the format's own example has more. */
const opensslMostOfOne = 2 ** 16;

/** Version 3 of the keystore format as it is read, names in lower case: programs differ in how they write them. */
interface Fields {
  readonly [name: string]: unknown;
}

/** Whether a text is a keystore of version 3. */
export function isKeystoreV3(json: string): boolean {
  try {
    return Number.parseInt(String((lowered(JSON.parse(json)) as Fields)["version"]), 10) === 3;
  } catch {
    return false;
  }
}

/**
 * The private key in a keystore of version 3, read with Node's own primitives: whoever only unlocks a wallet, as a daemon does, need not
 * load a whole library for it. Undefined where the password does not fit. Throws TypeError for a damaged file.
 * Format: Web3 Secret Storage, version 3 (aes-128-ctr; scrypt or pbkdf2; keccak256 as the check of the password).
 */
export async function openKeystoreV3(json: string, password: string): Promise<Uint8Array | undefined> {
  const sealed = fieldsOf(lowered(JSON.parse(json)), "crypto");
  if (textOf(sealed, "cipher") !== "aes-128-ctr") throw new TypeError("the keystore has an unknown cipher");
  const ciphertext = bytesOf(sealed, "ciphertext");
  const derived = await derive(sealed, Buffer.from(password.normalize("NFKC"), "utf8"));
  const mac = keccakBytes(concat(derived.subarray(16, 32), ciphertext));
  const stated = bytesOf(sealed, "mac");
  if (stated.length !== mac.length || !timingSafeEqual(stated, mac)) return undefined;
  const iv = bytesOf(fieldsOf(sealed, "cipherparams"), "iv");
  const decipher = createDecipheriv("aes-128-ctr", derived.subarray(0, 16), iv);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}

async function derive(sealed: Fields, password: Buffer): Promise<Uint8Array> {
  const params = fieldsOf(sealed, "kdfparams");
  const salt = bytesOf(params, "salt");
  if (numberOf(params, "dklen") !== 32) throw new TypeError("the keystore's key has another length than 32 bytes");
  const kdf = textOf(sealed, "kdf");
  if (kdf === "scrypt") {
    const [N, r, p] = [numberOf(params, "n"), numberOf(params, "r"), numberOf(params, "p")];
    const maxmem = 256 * N * r + 256 * r * p;
    if (maxmem > mostScryptBytes) throw new TypeError("the keystore asks for too much memory");
    if (r === 1 && N >= opensslMostOfOne) {
      const { scrypt: wasmScrypt } = await import("hash-wasm");
      return wasmScrypt({
        password,
        salt,
        costFactor: N,
        blockSize: r,
        parallelism: p,
        hashLength: 32,
        outputType: "binary",
      });
    }
    return new Promise((resolve, reject) => {
      scrypt(password, salt, 32, { N, r, p, maxmem }, (error, key) => (error === null ? resolve(key) : reject(error)));
    });
  }
  if (kdf === "pbkdf2" && textOf(params, "prf") === "hmac-sha256") {
    return promisify(pbkdf2)(password, salt, numberOf(params, "c"), 32, "sha256");
  }
  throw new TypeError("the keystore derives its key in an unknown way");
}

function lowered(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name.toLowerCase(), lowered(inner)]));
}

function fieldsOf(parent: unknown, name: string): Fields {
  const value = (parent as Fields | null | undefined)?.[name];
  if (typeof value === "object" && value !== null) return value as Fields;
  throw new TypeError(`the keystore has no ${name}`);
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === "string") return value.toLowerCase();
  throw new TypeError(`the keystore has no ${name}`);
}

function numberOf(fields: Fields, name: string): number {
  const value = Number(fields[name]);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new TypeError(`the keystore's ${name} is no number`);
}

function bytesOf(fields: Fields, name: string): Uint8Array {
  const digits = textOf(fields, name).replace(/^0x/, "");
  if (/^([0-9a-f]{2})+$/.test(digits)) return Buffer.from(digits, "hex");
  throw new TypeError(`the keystore's ${name} is not in hex`);
}
