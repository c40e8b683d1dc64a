import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { bytesToHex, hexToBytes, keccakBytes, type Hex } from "@lode/sdk/hash";
import type { Signer } from "@lode/sdk/keys";
import { EngineError } from "../../engines/errors.ts";

/** What the wallet gives for the store: 32 bytes that only its key can make again, and whose wallet it is. */
export interface StoreSecret {
  bytes: Buffer;
  wallet: Hex;
}

const purpose = bytesToHex(keccakBytes(Buffer.from("Lode: the key of this wallet's store of models, version 1")));

/**
 * The wallet's secret for the store. It comes out of a signature, because a private key never leaves its signer; the signature is the
 * same every time, is never sent anywhere, and is over a digest that no typed message or transaction can have.
 */
export function storeSecretOf(signer: Signer): StoreSecret {
  const signature = hexToBytes(signer.signDigest(purpose));
  return { bytes: Buffer.from(hkdfSync("sha256", signature, "", "lode model store", 32)), wallet: signer.address };
}

interface KeyFile {
  readonly version: 1;
  readonly wallet: Hex;
  /** X25519: anybody on this machine may seal for it. */
  readonly publicKey: string;
  /** The private key, sealed by the wallet's secret. */
  readonly sealed: { readonly nonce: string; readonly text: string; readonly tag: string };
}

/**
 * The store's pair of keys in one file. The public half seals without a password, so that `lode model add` asks for none; the private
 * half opens only with the wallet.
 */
export class StoreKey {
  readonly #file: string;
  readonly #secret: (() => Promise<StoreSecret>) | undefined;

  /** @param secret asks for the wallet; undefined where nobody can be asked */
  constructor(file: string, secret: (() => Promise<StoreSecret>) | undefined) {
    this.#file = file;
    this.#secret = secret;
  }

  /** What seals. Made when there is none yet and the wallet can be asked; else undefined. Throws EngineError for a damaged file. */
  async publicKey(): Promise<KeyObject | undefined> {
    const file = (await this.#read()) ?? (await this.#create());
    if (file === undefined) return undefined;
    return this.#understood(() => createPublicKey({ key: bytesOf(file.publicKey), format: "der", type: "spki" }));
  }

  /** What opens. Throws EngineError `model-not-found` without the wallet, or with another one. */
  async privateKey(): Promise<KeyObject> {
    const file = await this.#read();
    if (file === undefined) throw new EngineError("model-not-found", `The store's key ${this.#file} is gone.`);
    if (this.#secret === undefined) {
      const sentence =
        "The models of the store are encrypted: give the wallet's password (--password-file or LODE_PASSWORD).";
      throw new EngineError("model-not-found", sentence);
    }
    const { bytes, wallet } = await this.#secret();
    if (wallet !== file.wallet) {
      throw new EngineError(
        "model-not-found",
        `The store was encrypted for the wallet ${file.wallet}; name it with --wallet.`,
      );
    }
    return this.#understood(() => {
      const opener = createDecipheriv("aes-256-gcm", bytes, bytesOf(file.sealed.nonce), { authTagLength: 16 });
      opener.setAAD(bytesOf(file.publicKey)).setAuthTag(bytesOf(file.sealed.tag));
      const key = Buffer.concat([opener.update(bytesOf(file.sealed.text)), opener.final()]);
      return createPrivateKey({ key, format: "der", type: "pkcs8" });
    });
  }

  async #create(): Promise<KeyFile | undefined> {
    if (this.#secret === undefined) return undefined;
    const { bytes, wallet } = await this.#secret();
    const pair = generateKeyPairSync("x25519");
    const publicKey = pair.publicKey.export({ format: "der", type: "spki" });
    const nonce = randomBytes(12);
    const sealer = createCipheriv("aes-256-gcm", bytes, nonce, { authTagLength: 16 }).setAAD(publicKey);
    const text = Buffer.concat([
      sealer.update(pair.privateKey.export({ format: "der", type: "pkcs8" })),
      sealer.final(),
    ]);
    const sealed = { nonce: textOf(nonce), text: textOf(text), tag: textOf(sealer.getAuthTag()) };
    const file: KeyFile = { version: 1, wallet, publicKey: textOf(publicKey), sealed };
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
    const fresh = `${this.#file}.${randomBytes(4).toString("hex")}`;
    await writeFile(fresh, `${JSON.stringify(file, undefined, 2)}\n`, { mode: 0o600, flush: true });
    // Whoever was first has made the store's key; writing over it would lose every model.
    await link(fresh, this.#file).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    });
    await rm(fresh);
    return this.#read();
  }

  async #read(): Promise<KeyFile | undefined> {
    const text = await readFile(this.#file, "utf8").catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    });
    return text === undefined ? undefined : this.#understood(() => JSON.parse(text) as KeyFile);
  }

  #understood<T>(read: () => T): T {
    try {
      return read();
    } catch (cause) {
      throw new EngineError("model-corrupt", `The store's key ${this.#file} is damaged.`, { cause });
    }
  }
}

const textOf = (bytes: Buffer): string => bytes.toString("base64");
const bytesOf = (text: string): Buffer => Buffer.from(text, "base64");
