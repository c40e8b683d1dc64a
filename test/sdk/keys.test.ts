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

  // The format's own example of the way to derive a key that is not ethers'.
  const derived = {
    cipherparams: { iv: "6087dab2f9fdbbfaddc31a909735c1e6" },
    ciphertext: "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
    kdfparams: {
      ...{ c: 262144, dklen: 32, prf: "hmac-sha256" },
      salt: "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
    },
    mac: "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
  };
  const example = "0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";
  const stored = (change: object = {}, outer: object = {}): string => {
    const { address } = signerFromKey(example);
    const crypto = { cipher: "aes-128-ctr", kdf: "pbkdf2", ...derived, ...change };
    return JSON.stringify({ address: address.slice(2), crypto, version: 3, ...outer });
  };

  it("of other programs open too", async () => {
    const file = join(folder, "other.json");
    await writeFile(file, stored().replace('"crypto"', '"Crypto"'));
    expect((await unlockKeystore(file, "testpassword")).address).toBe(signerFromKey(example).address);
    await expect(unlockKeystore(file, "other")).rejects.toBeInstanceOf(WrongPasswordError);
  });

  it("open whose scrypt has many rounds over the smallest block, as in the format's own other example", async () => {
    const file = join(folder, "small-blocks.json");
    const kdfparams = {
      ...{ dklen: 32, n: 262144, r: 1, p: 8 },
      salt: "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19",
    };
    const sealed = {
      ...{ kdf: "scrypt", kdfparams, cipherparams: { iv: "83dbcc02d8ccb40e466191a123791e0e" } },
      ciphertext: "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
      mac: "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097",
    };
    await writeFile(file, stored(sealed));
    expect((await unlockKeystore(file, "testpassword")).address).toBe(signerFromKey(example).address);
  });

  it.each([
    ["another cipher", { cipher: "aes-256-ctr" }, {}],
    ["another derivation", { kdf: "argon2" }, {}],
    ["no ciphertext", { ciphertext: undefined }, {}],
    ["a salt that is no hex", { kdfparams: { ...derived.kdfparams, salt: "xy" } }, {}],
    ["a count below one", { kdfparams: { ...derived.kdfparams, c: 0 } }, {}],
    [
      "a derivation that takes all memory",
      { kdf: "scrypt", kdfparams: { ...derived.kdfparams, n: 262144, r: 128, p: 1 } },
      {},
    ],
    [
      "many rounds of no power of two",
      { kdf: "scrypt", kdfparams: { ...derived.kdfparams, n: 262145, r: 1, p: 1 } },
      {},
    ],
    ["another address than its key's", {}, { address: "00".repeat(20) }],
  ])("with %s are damaged", async (_name, change, outer) => {
    const file = join(folder, "damaged.json");
    await writeFile(file, stored(change, outer));
    await expect(unlockKeystore(file, "testpassword")).rejects.toMatchObject({ code: "bad_keystore" });
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
