import { randomBytes } from "node:crypto";
import { access, link, mkdir, open, readFile, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { LodeError } from "../errors/lode-error.ts";
import { bytesToHex, hexToBytes, type Hex } from "../hash/index.ts";
import { isKeystoreV3, openKeystoreV3 } from "./keystore-v3.ts";
import { signerFromKey, type Signer } from "./signer.ts";

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
  const { sealKeystore } = await import("./keystore-writer.ts");
  const json = await sealKeystore(signer.address, key, password);
  await writeNew(at.file, `${json}\n`);
  return { address: signer.address, file: at.file };
}

/** Opens a keystore. WrongPasswordError when the password does not fit. */
export async function unlockKeystore(file: string, password: string): Promise<Signer> {
  const json = await readKeystore(file);
  const damaged = (cause?: unknown): KeystoreError =>
    new KeystoreError("bad_keystore", `${file} cannot be read as a keystore: it is damaged.`, cause);
  let signer: Signer;
  try {
    const key = await openKeystoreV3(json, password);
    if (key === undefined) throw new WrongPasswordError(file);
    signer = signerFromKey(bytesToHex(key));
  } catch (cause) {
    throw cause instanceof WrongPasswordError ? cause : damaged(cause);
  }
  if (addressIn(json) !== signer.address) throw damaged();
  return signer;
}

/** The address of a keystore, without its password. */
export async function keystoreAddress(file: string): Promise<Hex> {
  const address = addressIn(await readKeystore(file));
  if (address === undefined) throw new KeystoreError("bad_keystore", `${file} names no address: it is damaged.`);
  return address;
}

function addressIn(json: string): Hex | undefined {
  const { address } = JSON.parse(json) as { address?: unknown };
  const digits = typeof address === "string" ? address.replace(/^0x/, "").toLowerCase() : "";
  return /^[0-9a-f]{40}$/.test(digits) ? `0x${digits}` : undefined;
}

async function readKeystore(file: string): Promise<string> {
  let json: string;
  try {
    json = await readFile(file, "utf8");
  } catch (cause) {
    // One that is there and closed must not be taken for none: the advice would be to make another.
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") {
      throw new KeystoreError("bad_keystore", `${file} cannot be read; check its owner and permissions.`, cause);
    }
    throw new KeystoreError(
      "no_keystore",
      `There is no keystore at ${file}; make one with \`lode wallet create\`.`,
      cause,
    );
  }
  if (!isKeystoreV3(json)) throw new KeystoreError("bad_keystore", `${file} is not a version 3 keystore.`);
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
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
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
