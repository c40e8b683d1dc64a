import { canonicalJson, type Hex } from "../hash/index.ts";
import type { ClientLogin } from "./schemas.ts";

/** What a wallet asks for when it has an API key made; what is left out is as the coordinator has it by default. */
export interface WantedKey {
  /** What the key may do: `client` unless given. */
  readonly scope?: string | undefined;
  readonly label?: string | undefined;
  /** Its bounds, in the coordinator's own form. */
  readonly limits?: object | undefined;
  readonly expiresInSecs?: number | undefined;
}

export interface LoginAt {
  readonly coordinator: Hex;
  /** Where the wallet found the coordinator: `URL.origin`, such as `https://coordinator.example`. */
  readonly origin: string;
  readonly client: Hex;
  readonly nonce: Hex;
  readonly timestampMs: bigint;
}

/**
 * The message that a wallet signs for an API key. It names the place that the wallet turned to, so that whoever passes on
 * another coordinator's nonce gets a signature that the other one refuses, and the whole key, so that nobody makes another one of it.
 */
export function clientLogin(at: LoginAt, { scope = "client", label, limits, expiresInSecs }: WantedKey): ClientLogin {
  const { coordinator, origin, client, nonce, timestampMs } = at;
  const terms = canonicalJson({ label, limits, expiresInSecs });
  return { coordinator, origin, client, scope, terms, nonce, timestampMs };
}
