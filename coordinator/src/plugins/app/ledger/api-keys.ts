import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { bytesToHex, hexToBytes, type Hex } from "@lode/sdk/hash";
import type { Book, FactOf, KeyRecord, KeyScope } from "../../../domain/settlement/index.ts";

/** Compared with when no key has the prefix, so that a guess takes as long as a miss. */
const nobody = randomBytes(32);
const shape = /^lode_([0-9a-z]{8})_([0-9A-Za-z_-]{43})$/;

function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

/** A new key: the text to show once, and the fact that remembers its hash. */
export function makeKey(
  scope: KeyScope,
  account: Hex,
  label: string,
  atMs: number,
): { key: string; fact: FactOf<"key.created"> } {
  const prefix = randomBytes(5).toString("hex").slice(0, 8);
  // 256 random bits need no slow hash: nobody can try them out.
  const secret = randomBytes(32).toString("base64url");
  const hash = bytesToHex(hashOf(secret));
  return { key: `lode_${prefix}_${secret}`, fact: { kind: "key.created", prefix, hash, scope, account, label, atMs } };
}

/** The record of a bearer key, if it is one of ours and not revoked. */
export function findKey(book: Book, bearer: string): KeyRecord | undefined {
  const [, prefix = "", secret = ""] = shape.exec(bearer) ?? [];
  const record = book.keys.get(prefix);
  const expected = record === undefined ? nobody : hexToBytes(record.hash);
  const isSame = timingSafeEqual(hashOf(secret), expected);
  return record !== undefined && isSame && !record.revoked ? record : undefined;
}
