import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Hex } from "@lode/sdk/hash";
import type { KeyRecord } from "../../../domain/settlement/index.ts";
import type { KeyRing } from "../ledger/key-ring.ts";

export interface NodeClaims {
  readonly account: Hex;
  readonly nodeId: string;
  /** Prefix of the API key that registered the machine: when it is revoked, its tokens are too. */
  readonly key: string;
}

/** How long a token is good. */
export const tokenSeconds = 30 * 24 * 3600;
const header = Buffer.from(JSON.stringify({ alg: "HS256", typ: "JWT" })).toString("base64url");
const maximumChars = 2048;

/** JSON Web Tokens of machines: signed here, checked here, good for 30 days and as long as the key behind them is. */
export class NodeTokens {
  readonly #secret: Buffer;
  readonly #issuer: Hex;
  readonly #keys: Pick<KeyRing, "record" | "isTaken">;
  readonly #nowMs: () => number;

  constructor(secret: Buffer, issuer: Hex, keys: Pick<KeyRing, "record" | "isTaken">, nowMs: () => number) {
    this.#secret = secret;
    this.#issuer = issuer;
    this.#keys = keys;
    this.#nowMs = nowMs;
  }

  issue({ account, nodeId, key }: NodeClaims): { token: string; expiresMs: number } {
    const iat = Math.floor(this.#nowMs() / 1000);
    const exp = iat + tokenSeconds;
    const claims = { iss: this.#issuer, sub: account, node: nodeId, key, iat, exp };
    const body = `${header}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
    return { token: `${body}.${this.#sign(body)}`, expiresMs: exp * 1000 };
  }

  /** The machine behind a token and the key that registered it; undefined for everything that is not good now. */
  authenticate(token: string): { record: KeyRecord; nodeId: string } | undefined {
    if (token.length > maximumChars) return undefined;
    const [head, payload = "", signature = "", rest] = token.split(".");
    // Our own header and no other: nobody chooses how a token is checked.
    if (head !== header || rest !== undefined) return undefined;
    const [given, expected] = [Buffer.from(signature), Buffer.from(this.#sign(`${head}.${payload}`))];
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Record<string, string | number>;
    const { iss, node, key, exp } = claims;
    if (iss !== this.#issuer || typeof exp !== "number" || exp * 1000 <= this.#nowMs()) return undefined;
    const record = this.#keys.record(String(key));
    if (record?.scope !== "miner" || record.account !== claims["sub"] || !this.#keys.isTaken(record)) return undefined;
    return { record, nodeId: String(node) };
  }

  #sign(body: string): string {
    return createHmac("sha256", this.#secret).update(body).digest("base64url");
  }
}

/** Random bytes in a file that only this user can read; made when there is none. */
export function secretFile(path: string): Buffer {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(path, randomBytes(32), { mode: 0o600, flag: "wx", flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const secret = readFileSync(path);
  if (secret.length === 32) return secret;
  throw new Error(`${path} holds ${secret.length} bytes instead of 32; remove it, and machines register anew`);
}
