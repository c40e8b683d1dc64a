import { randomBytes } from "node:crypto";
import { bytesToHex, type Hex } from "@lode/sdk/hash";
import { recoverTypedData } from "@lode/sdk/keys";
import { clientLogin, ledgerDomain, type WantedKey } from "@lode/sdk/typed-data";
import type { FastifyInstance } from "fastify";
import { ApiError } from "../../errors.ts";
import { ownOrigins } from "../../plugins/external/origins.ts";

const nonceMs = 300_000;
const maximumNonces = 10_000;
const clockSkewMs = 120_000;

/** A wallet's signature over a nonce of ours, the place where it found us, and the key that it wants. */
export interface Login {
  readonly origin: string;
  readonly client: Hex;
  readonly nonce: Hex;
  readonly timestampMs: number;
  readonly signature: Hex;
}

/** Nonces for wallets that prove themselves. Each is good for one try, right or wrong. */
export class Logins {
  readonly #app: FastifyInstance;
  readonly #nonces = new Map<Hex, number>();

  constructor(app: FastifyInstance) {
    this.#app = app;
  }

  challenge(): Hex {
    const nowMs = this.#app.nowMs();
    for (const [nonce, expiresMs] of this.#nonces) {
      if (expiresMs > nowMs && this.#nonces.size < maximumNonces) break;
      this.#nonces.delete(nonce);
    }
    const nonce = bytesToHex(randomBytes(32));
    this.#nonces.set(nonce, nowMs + nonceMs);
    return nonce;
  }

  /** The wallet that signed for exactly this key at this coordinator. Throws 401. */
  prove({ origin, client: claimed, nonce: given, timestampMs, signature }: Login, wanted: WantedKey): Hex {
    const { ledger, chain } = this.#app;
    const nowMs = this.#app.nowMs();
    const client = claimed.toLowerCase() as Hex;
    const nonce = given.toLowerCase() as Hex;
    const expiresMs = this.#nonces.get(nonce);
    // Used up by the first try: a signature is never accepted twice.
    this.#nonces.delete(nonce);
    if (expiresMs === undefined || expiresMs < nowMs) {
      throw new ApiError(401, "bad_nonce", "The nonce is unknown or used; ask /v1/keys/challenge for a new one.");
    }
    if (Math.abs(nowMs - timestampMs) > clockSkewMs) {
      throw new ApiError(401, "bad_clock", "The signature's time is more than two minutes off; check the clock.");
    }
    const origins = ownOrigins(this.#app);
    if (!origins.has(origin)) {
      const message = `The login is signed for another place than ${[...origins].join(", ")}; a coordinator names where clients reach it in PUBLIC_URL.`;
      throw new ApiError(401, "other_origin", message);
    }
    const at = { coordinator: ledger.coordinator, origin, client, nonce, timestampMs: BigInt(timestampMs) };
    let signer: Hex | undefined;
    try {
      signer = recoverTypedData(ledgerDomain(chain.addresses), "ClientLogin", clientLogin(at, wanted), signature);
    } catch {
      signer = undefined;
    }
    if (signer !== client)
      throw new ApiError(401, "bad_signature", "The signature is not the wallet's, or is for another key.");
    return client;
  }
}
