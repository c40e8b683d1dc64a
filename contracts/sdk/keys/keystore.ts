import { randomBytes, scrypt as nativeScrypt, scryptSync } from "node:crypto";
import { access, link, mkdir, open, readFile, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import {
  decryptKeystoreJson,
  encryptKeystoreJson,
  getAddress,
  isKeystoreJson,
  scrypt,
  scryptSync as ethersSync,
} from "ethers";
import { LodeError } from "../errors/lode-error.ts";
import { bytesToHex, hexToBytes, type Hex } from "../hash/index.ts";
import { signerFromKey, type Signer } from "./signer.ts";

/** OpenSSL's scrypt takes a third of a second where the script one takes several. */
const memory = (N: number, r: number): number => 256 * N * r;
scrypt.register(
  (password, salt, N, r, p, dkLen) =>
    new Promise((resolve, reject) => {
      nativeScrypt(password, salt, dkLen, { N, r, p, maxmem: memory(N, r) }, (error, key) => {
        if (error === null) resolve(bytesToHex(key));
        else reject(error);
      });
    }),
);
ethersSync.register((password, salt, N, r, p, dkLen) =>
  bytesToHex(scryptSync(password, salt, dkLen, { N, r, p, maxmem: memory(N, r) })),
);

/** A keystore that is missing, no keystore, already there, or locked by another password. */
export class KeystoreError extends LodeError {
  override readonly name: string = "KeystoreError";
  constructor(code: string, message: string, cause?: unknown) {
    super(code, message, { cause, exitCode: 3 });
  }
}

export class WrongPasswordError extends KeystoreError {
  override readonly name = "WrongPasswordError";
  constructor(file: string) {
    super(
      "wrong_password",
      `The password does not open ${file}; check --password-file or LODE_PASSWORD and try again.`,
    );
  }
}

export interface StoredKey {
  readonly address: Hex;
  readonly file: string;
}

/** Makes a new key and stores it encrypted (ethers v3 JSON, mode 600). Never overwrites a file. */
export async function createKeystore(password: string, at: { file: string }): Promise<StoredKey> {
  return importKeystore(bytesToHex(randomBytes(32)), password, at);
}

/** Stores an existing private key encrypted. Never overwrites a file. */
export async function importKeystore(key: Hex, password: string, at: { file: string }): Promise<StoredKey> {
  let signer: Signer;
  try {
    if (hexToBytes(key).length !== 32) throw new TypeError("a private key has 32 bytes");
    signer = signerFromKey(key);
  } catch (cause) {
    throw new KeystoreError("bad_key", "The private key must be 32 bytes of hex, 0x first.", cause);
  }
  if (password.length === 0) throw new KeystoreError("no_password", "A keystore needs a password that is not empty.");
  const json = await encryptKeystoreJson({ address: getAddress(signer.address), privateKey: key }, password);
  await writeNew(at.file, `${json}\n`);
  return { address: signer.address, file: at.file };
}

/** Opens a keystore. WrongPasswordError when the password does not fit. */
export async function unlockKeystore(file: string, password: string): Promise<Signer> {
  const json = await readKeystore(file);
  let key: string;
  try {
    ({ privateKey: key } = await decryptKeystoreJson(json, password));
  } catch (cause) {
    if (cause instanceof Error && cause.message.includes("incorrect password")) throw new WrongPasswordError(file);
    throw new KeystoreError("bad_keystore", `${file} cannot be read as a keystore: it is damaged.`, cause);
  }
  return signerFromKey(key as Hex);
}

/** The address of a keystore, without its password. */
export async function keystoreAddress(file: string): Promise<Hex> {
  const parsed = JSON.parse(await readKeystore(file)) as { address?: string };
  const address = parsed.address?.replace(/^0x/, "").toLowerCase();
  if (address === undefined || !/^[0-9a-f]{40}$/.test(address)) {
    throw new KeystoreError("bad_keystore", `${file} names no address: it is damaged.`);
  }
  return `0x${address}`;
}

async function readKeystore(file: string): Promise<string> {
  let json: string;
  try {
    json = await readFile(file, "utf8");
  } catch (cause) {
    throw new KeystoreError(
      "no_keystore",
      `There is no keystore at ${file}; make one with \`lode wallet create\`.`,
      cause,
    );
  }
  if (!isKeystoreJson(json)) throw new KeystoreError("bad_keystore", `${file} is not a version 3 keystore.`);
  return json;
}

/** Writes a whole new file or none: a torn keystore would be a lost key. */
async function writeNew(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  const refuse = (): never => {
    throw new KeystoreError("exists", `${file} already holds a wallet; name another file or move that one away.`);
  };
  if (exists) refuse();
  const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  const handle = await open(draft, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(draft, file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") refuse();
    throw cause;
  } finally {
    await unlink(draft);
  }
  const folder = await open(dirname(file), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
