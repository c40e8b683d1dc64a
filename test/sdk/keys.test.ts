import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesToHex, hexToBytes, type Hex } from "@lode/sdk/hash";
import {
  anvilSigner,
  createKeystore,
  importKeystore,
  keystoreAddress,
  readPassword,
  recoverAddress,
  SignatureError,
  signerFromKey,
  unlockKeystore,
  WrongPasswordError,
} from "@lode/sdk/keys";
import { Wallet } from "ethers";
import { recoverAddress as viemRecover } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const random = (): Hex => bytesToHex(randomBytes(32));
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

describe("signatures", () => {
  it("are viem's, bit for bit, and recover in both", async () => {
    for (let i = 0; i < 20; i++) {
      const key = random();
      const hash = random();
      const account = privateKeyToAccount(key);
      const signer = signerFromKey(key);
      const signature = signer.signDigest(hash);
      expect(signer.address).toBe(account.address.toLowerCase());
      expect(signature).toBe(await account.sign({ hash }));
      expect(recoverAddress(hash, signature)).toBe(signer.address);
      expect((await viemRecover({ hash, signature })).toLowerCase()).toBe(signer.address);
      expect(recoverAddress(random(), signature)).not.toBe(signer.address);
    }
  });

  it("with a high s are refused", () => {
    const hash = random();
    const bytes = hexToBytes(signerFromKey(random()).signDigest(hash));
    const s = order - BigInt(bytesToHex(bytes.subarray(32, 64)));
    bytes.set(hexToBytes(`0x${s.toString(16).padStart(64, "0")}`), 32);
    bytes[64] = bytes[64] === 27 ? 28 : 27;
    expect(() => recoverAddress(hash, bytesToHex(bytes))).toThrow(SignatureError);
  });

  it.each([0, 64, 66])("of %d bytes are refused", (length) => {
    expect(() => recoverAddress(random(), bytesToHex(new Uint8Array(length)))).toThrow(SignatureError);
  });

  it.each([0, 1, 26, 29])("with v %d are refused", (v) => {
    const hash = random();
    const bytes = hexToBytes(signerFromKey(random()).signDigest(hash));
    bytes[64] = v;
    expect(() => recoverAddress(hash, bytesToHex(bytes))).toThrow(SignatureError);
  });

  it("do not show the key in JSON", () => {
    const key = random();
    expect(JSON.stringify(signerFromKey(key))).not.toContain(key.slice(2));
  });

  it("of the devnet stay on the devnet", () => {
    expect(anvilSigner(0, 31337).address).toBe("0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266");
    expect(() => anvilSigner(0, 1)).toThrow(/refused on chain 1/);
  });
});

describe("keystores", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "lode-keys-"));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it("open with their password, here and in ethers", async () => {
    const file = join(folder, "sub", "wallet.json");
    const key = random();
    const stored = await importKeystore(key, "correct horse", { file });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await keystoreAddress(file)).toBe(stored.address);
    const hash = random();
    expect((await unlockKeystore(file, "correct horse")).signDigest(hash)).toBe(signerFromKey(key).signDigest(hash));
    const text = await readFile(file, "utf8");
    expect(text).not.toContain(key.slice(2));
    expect((await Wallet.fromEncryptedJson(text, "correct horse")).privateKey).toBe(key);
  });

  it("refuse another password and are never overwritten", async () => {
    const file = join(folder, "once.json");
    await createKeystore("first", { file });
    const before = await readFile(file, "utf8");
    await expect(unlockKeystore(file, "second")).rejects.toBeInstanceOf(WrongPasswordError);
    await expect(createKeystore("second", { file })).rejects.toMatchObject({ code: "exists", exitCode: 3 });
    expect(await readFile(file, "utf8")).toBe(before);
  });

  it("name what is wrong with a file, a key or a password", async () => {
    const file = join(folder, "odd.json");
    await expect(unlockKeystore(file, "x")).rejects.toMatchObject({ code: "no_keystore" });
    await writeFile(file, "{}");
    await expect(unlockKeystore(file, "x")).rejects.toMatchObject({ code: "bad_keystore" });
    const fresh = { file: join(folder, "new.json") };
    await expect(importKeystore("0x12", "x", fresh)).rejects.toMatchObject({ code: "bad_key" });
    await expect(createKeystore("", fresh)).rejects.toMatchObject({ code: "no_password" });
  });
});

describe("passwords", () => {
  it("come from a closed file, else the environment, else a person", async () => {
    const folder = await mkdtemp(join(tmpdir(), "lode-password-"));
    const file = join(folder, "password");
    await writeFile(file, " secret \n", { mode: 0o600 });
    const prompt = (): Promise<string> => Promise.resolve("asked");
    expect(await readPassword({ file, env: "environment", prompt })).toBe(" secret ");
    expect(await readPassword({ env: "environment", prompt })).toBe("environment");
    expect(await readPassword({ env: "", prompt })).toBe("asked");
    await expect(readPassword({})).rejects.toMatchObject({ code: "no_password" });
    await chmod(file, 0o644);
    await expect(readPassword({ file })).rejects.toMatchObject({ code: "open_password" });
    await rm(folder, { recursive: true });
  });
});
