import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createKeystore, keystoreAddress } from "@lode/sdk/keys";
import type { Address } from "viem";

/** Somebody with a wallet of their own in a home folder. */
export interface Person {
  readonly home: string;
  readonly address: Address;
  readonly keystoreFile: string;
  readonly passwordFile: string;
}

/**
 * The wallet in a home folder, made with a random password when there is none. Keystore and password can be read by this
 * user only.
 * @param keystore the keystore's file name
 */
export async function personAt(home: string, keystore = "wallet.json"): Promise<Person> {
  const keystoreFile = join(home, keystore);
  const passwordFile = join(home, "password");
  mkdirSync(home, { recursive: true, mode: 0o700 });
  if (!existsSync(passwordFile)) writeFileSync(passwordFile, randomBytes(24).toString("base64url"), { mode: 0o600 });
  if (!existsSync(keystoreFile)) await createKeystore(readFileSync(passwordFile, "utf8"), { file: keystoreFile });
  return { home, keystoreFile, passwordFile, address: await keystoreAddress(keystoreFile) };
}
