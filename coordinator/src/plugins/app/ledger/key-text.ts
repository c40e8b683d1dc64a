import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { bytesToHex, hexToBytes, type Hex } from "@lode/sdk/hash";
import type { Book, KeyRecord } from "../../../domain/settlement/index.ts";

/** Compared with when no key has the prefix, so that a guess takes as long as a miss. */
const nobody = randomBytes(32);
const shape = /^lode_([0-9a-z]{8})_([0-9A-Za-z_-]{43})$/;

function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

/** A new key: the text to show once, its public prefix, and the hash of its secret part. */
export function makeKeyText(): { key: string; prefix: string; hash: Hex } {
  const prefix = randomBytes(5).toString("hex").slice(0, 8);
  // 256 random bits need no slow hash: nobody can try them out.
  const secret = randomBytes(32).toString("base64url");
  return { key: `lode_${prefix}_${secret}`, prefix, hash: bytesToHex(hashOf(secret)) };
}

/** The record of a bearer key, if it is one of ours and still taken. */
export function findKey(book: Book, bearer: string, nowMs: number): KeyRecord | undefined {
  const [, prefix = "", secret = ""] = shape.exec(bearer) ?? [];
  const record = book.keys.get(prefix);
  const expected = record === undefined ? nobody : hexToBytes(record.hash);
  const isSame = timingSafeEqual(hashOf(secret), expected);
  return record !== undefined && isSame && isTaken(record, nowMs) ? record : undefined;
}

/** Whether a key is neither revoked nor expired. */
export function isTaken({ revoked, expiresAtMs }: KeyRecord, nowMs: number): boolean {
  return !revoked && (expiresAtMs === undefined || nowMs < expiresAtMs);
}

const ivBytes = 12;
const tagBytes = 16;

/** Seals the secret of a replaced key's answers for the key that replaces it. */
export function sealVault(key: string, secret: string): Hex {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv("aes-256-gcm", vaultKey(key), iv);
  const body = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
  return bytesToHex(Buffer.concat([iv, cipher.getAuthTag(), body]));
}

/** The secret under which a key's answers are kept: its own text, or that of the first key it was rotated from. */
export function answersSecret({ vault }: KeyRecord, key: string): string {
  if (vault === undefined) return key;
  const bytes = Buffer.from(hexToBytes(vault));
  const decipher = createDecipheriv("aes-256-gcm", vaultKey(key), bytes.subarray(0, ivBytes));
  decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
  const secret = [decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()];
  return Buffer.concat(secret).toString("utf8");
}

function vaultKey(key: string): Buffer {
  return Buffer.from(hkdfSync("sha256", key, "", "lode key vault", 32));
}
