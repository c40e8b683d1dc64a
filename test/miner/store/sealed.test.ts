import { generateKeyPairSync, type KeyObject } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signerFromKey } from "@lode/sdk/keys";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEngine } from "../../../miner/src/engines/index.ts";
import { sha256Of } from "../../../miner/src/engines/gguf/digest.ts";
import { ModelStore, storeSecretOf, type StoreOptions } from "../../../miner/src/store/index.ts";
import { makePlainFolder } from "../../../miner/src/store/seal/plain-copy.ts";
import { openSealed, sealFile } from "../../../miner/src/store/seal/sealed-file.ts";
import { quickPerson, runLode } from "../cli/run-lode.ts";
import { ask, models, run } from "../engines/engine-helper.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lode-sealed-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const wallet = signerFromKey(`0x${"11".repeat(32)}`);
const stranger = signerFromKey(`0x${"22".repeat(32)}`);
const content = readFileSync(models.pieces);
const digest = await sha256Of(models.pieces);

/** A store whose plain copies lie in a folder of the test's own: no machine has to have memory that is a folder. */
const open = (signer: typeof wallet | undefined, options: StoreOptions = {}): ModelStore =>
  new ModelStore(join(folder, "models"), {
    memoryFolders: [],
    ...(signer !== undefined && { secret: async () => storeSecretOf(signer) }),
    ...options,
  });
const blob = (): string => join(folder, "models", "blobs", `${digest}.sealed`);
const plainCopies = (): string[] => {
  const place = join(folder, "models", "open");
  return existsSync(place) ? readdirSync(place) : [];
};

describe("a sealed file", () => {
  let key: { publicKey: KeyObject; privateKey: KeyObject };
  let path: string;
  const sealed = async (bytes: Buffer): Promise<string> => {
    writeFileSync(path, bytes);
    const sha256 = await sha256Of(path);
    await sealFile(path, { sha256, sizeBytes: bytes.length }, key.publicKey);
    return sha256;
  };
  beforeEach(() => {
    key = generateKeyPairSync("x25519");
    path = join(folder, "file");
  });

  const piece = 4 * 2 ** 20;
  it.each([1, 1000, piece - 1, piece, piece + 1, 2 * piece])("of %i bytes comes back as it was", async (size) => {
    const bytes = Buffer.alloc(size, "some plain text that nobody is to read ");
    const sha256 = await sealed(bytes);
    expect(readFileSync(path).includes("plain text")).toBe(false);
    await openSealed(path, join(folder, "out"), sha256, key.privateKey);
    expect(readFileSync(join(folder, "out")).equals(bytes)).toBe(true);
    expect(statSync(join(folder, "out")).mode & 0o777).toBe(0o600);
  });

  const flip = (at: (size: number) => number) => (file: string) => {
    const bytes = readFileSync(file);
    bytes[at(bytes.length)]! ^= 1;
    writeFileSync(file, bytes);
  };
  it.each<[string, (file: string) => void]>([
    ["changed in its first byte", flip(() => 0)],
    ["changed in its second piece", flip(() => piece + 5)],
    ["changed in a tag", flip(() => 2 * piece + 3)],
    ["changed in its last byte", flip((size) => size - 1)],
    ["changed in its key", flip((size) => size - 60)],
    ["cut", (file) => truncateSync(file, statSync(file).size - 1)],
    ["emptied", (file) => truncateSync(file, 0)],
    [
      "put together from its own pieces in another order",
      (file) => {
        const bytes = readFileSync(file);
        const first = Buffer.from(bytes.subarray(0, piece));
        bytes.copyWithin(0, piece, 2 * piece);
        first.copy(bytes, piece);
        writeFileSync(file, bytes);
      },
    ],
  ])("that was %s does not open", async (_name, change) => {
    const sha256 = await sealed(Buffer.alloc(2 * piece, "0123456789abcdef!"));
    change(path);
    await expect(openSealed(path, join(folder, "out"), sha256, key.privateKey)).rejects.toMatchObject({
      code: "model-corrupt",
    });
  });

  it("opens for no other key, and as no other content", async () => {
    const sha256 = await sealed(Buffer.from("text"));
    const other = generateKeyPairSync("x25519");
    const corrupt = { code: "model-corrupt" };
    await expect(openSealed(path, join(folder, "a"), sha256, other.privateKey)).rejects.toMatchObject(corrupt);
    await expect(openSealed(path, join(folder, "b"), "0".repeat(64), key.privateKey)).rejects.toMatchObject(corrupt);
  });

  it("that somebody else sealed under this content's name is noticed", async () => {
    writeFileSync(path, "evil");
    await sealFile(path, { sha256: digest, sizeBytes: 4 }, key.publicKey);
    await expect(openSealed(path, join(folder, "out"), digest, key.privateKey)).rejects.toMatchObject({
      code: "model-corrupt",
    });
  });
});

describe("a store with a wallet", () => {
  it("keeps no plain byte of a model, and gives a plain copy only while it is needed", async () => {
    const store = open(wallet);
    const entry = await store.add(models.pieces);
    expect(entry).toMatchObject({ sha256: digest, sizeBytes: content.length, isSealed: true });
    expect(readdirSync(join(folder, "models", "blobs"))).toEqual([`${digest}.sealed`]);
    expect(readdirSync(join(folder, "models", "parts"))).toEqual([]);
    expect(statSync(blob()).mode & 0o777).toBe(0o400);
    const text = content.subarray(4096, 4128);
    expect(readFileSync(blob()).includes(text)).toBe(false);
    const used = await store.use(entry);
    expect(readFileSync(used.path).equals(content)).toBe(true);
    await expect(store.remove(entry)).rejects.toMatchObject({ code: "bad-request" });
    await used.release();
    expect(plainCopies()).toEqual([]);
    await store.remove(entry);
    expect(readdirSync(join(folder, "models", "blobs"))).toEqual([]);
  });

  it("lets an engine work on when the plain copy is gone", async () => {
    const store = open(wallet);
    const used = await store.use(await store.add(models.pieces));
    const engine = await openEngine({ modelPath: used.path });
    try {
      await used.loaded();
      expect(plainCopies()).toEqual([]);
      expect(engine.info.modelDigest).toBe(`0x${digest}`);
      expect((await run(engine, ask("Count from 1 to 5."))).ids.length).toBeGreaterThan(0);
    } finally {
      await engine.close();
      await used.release();
    }
  });

  it("adds without the wallet once it has its own key, and opens with that wallet alone", async () => {
    await open(wallet).add(models.demo);
    const entry = await open(undefined).add(models.pieces);
    expect(entry.isSealed).toBe(true);
    await expect(open(undefined).use(entry)).rejects.toMatchObject({
      code: "model-not-found",
      message: expect.stringMatching(/^The models of the store are encrypted/) as string,
    });
    await expect(open(stranger).use(entry)).rejects.toMatchObject({
      message: `The store was encrypted for the wallet ${wallet.address}; name it with --wallet.`,
    });
    await (await open(wallet).use(entry)).release();
  });

  it("encrypts what came before there was a wallet, when it is added again", async () => {
    const plain = await open(undefined).add(models.pieces);
    expect(plain.isSealed).toBeUndefined();
    const held = await open(undefined).use(plain);
    expect((await open(wallet).add(models.pieces)).isSealed).toBeUndefined();
    await held.release();
    expect((await open(wallet).add(models.pieces)).isSealed).toBe(true);
    expect(readdirSync(join(folder, "models", "blobs"))).toEqual([`${digest}.sealed`]);
    await (await open(wallet).use(plain)).release();
  });

  it("encrypts it once, however many add it again at the same time", async () => {
    const plain = await open(undefined).add(models.pieces);
    await Promise.all(Array.from({ length: 4 }, async () => open(wallet).add(models.pieces, { sha256: digest })));
    expect(readdirSync(join(folder, "models", "blobs"))).toEqual([`${digest}.sealed`]);
    expect(readdirSync(join(folder, "models", "parts"))).toEqual([]);
    await (await open(wallet).use(plain)).release();
  });

  it("refuses a changed file, and leaves no plain copy of it", async () => {
    const store = open(wallet);
    const entry = await store.add(models.pieces);
    const bytes = readFileSync(blob());
    bytes[5000]! ^= 1;
    rmSync(blob());
    writeFileSync(blob(), bytes);
    await expect(store.use(entry)).rejects.toMatchObject({ code: "model-corrupt" });
    expect(plainCopies()).toEqual([]);
    rmSync(blob());
    await expect(store.use(entry)).rejects.toMatchObject({ code: "model-not-found" });
  });

  it("makes one key, whoever asks first", async () => {
    await Promise.all([open(wallet).add(models.pieces), open(wallet).add(models.demo)]);
    for (const entry of await open(wallet).list()) await (await open(wallet).use(entry)).release();
  });

  it("names a key that is damaged, and never makes another one over it", async () => {
    const entry = await open(wallet).add(models.pieces);
    const file = join(folder, "models", "key.json");
    const before = JSON.parse(readFileSync(file, "utf8")) as { sealed: { tag: string } };
    writeFileSync(
      file,
      JSON.stringify({ ...before, sealed: { ...before.sealed, tag: Buffer.alloc(16).toString("base64") } }),
    );
    await expect(open(wallet).use(entry)).rejects.toMatchObject({ code: "model-corrupt" });
    writeFileSync(file, "{");
    await expect(open(wallet).add(models.demo)).rejects.toMatchObject({ code: "model-corrupt" });
    expect(readFileSync(file, "utf8")).toBe("{");
  });
});

describe("the folder of a plain copy", () => {
  it("is the user's alone, and goes with its process at the latest when the next one comes", async () => {
    const first = await makePlainFolder(1, folder, []);
    expect(statSync(first.path).mode & 0o777).toBe(0o700);
    // As if its maker had ended: no process has this number.
    const orphan = first.path.replace(`-${process.pid}-`, "-999999999-");
    writeFileSync(join(first.path, "model"), "x");
    renameSync(first.path, orphan);
    const second = await makePlainFolder(1, folder, []);
    expect(readdirSync(folder)).toEqual([second.path.slice(folder.length + 1)]);
    await second.remove();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is on the disk where memory is no such folder, and nowhere without room", async () => {
    const disk = join(folder, "open");
    const { path, remove } = await makePlainFolder(1, disk, [folder, join(folder, "none")]);
    expect(path.startsWith(disk)).toBe(true);
    await remove();
    await expect(makePlainFolder(Number.MAX_SAFE_INTEGER, disk, ["/dev/shm", folder])).rejects.toMatchObject({
      code: "no-space",
      message: expect.stringMatching(/^An encrypted model of [\d.]+ MB has to be laid out plain/) as string,
    });
    expect(readdirSync(disk)).toEqual([]);
  });
});

describe("lode model with a wallet", () => {
  it("encrypts, asks for the password by its file, and says what it lacks", async () => {
    const { home, passwordFile } = await quickPerson(join(folder, "home"));
    const env = { LODE_HOME: home, KEYSTORE_PASSWORD_FILE: passwordFile };
    const refused = await runLode(["model", "add", models.pieces], { LODE_HOME: home });
    expect([refused.code, refused.err]).toEqual([3, expect.stringMatching(/^No password: give --password-file/)]);
    expect((await runLode(["model", "add", models.pieces, "--name", "mine"], env)).code).toBe(0);
    expect((await runLode(["model", "list"], { LODE_HOME: home })).out).toMatch(/ encrypted\n/);
    const out = join(folder, "q4.gguf");
    const quantized = await runLode(["model", "quantize", "mine", "--to", "Q4_0", "--out", out], { LODE_HOME: home });
    expect([quantized.code, quantized.err]).toEqual([3, expect.stringMatching(/^No password/)]);
    const doctor = await runLode(["doctor", "--model", "mine", "--json"], { LODE_HOME: home });
    const { findings } = JSON.parse(doctor.out) as { findings: { name: string; says: string }[] };
    expect(findings.find(({ name }) => name === "model")?.says).toMatch(/are encrypted: give the wallet's password/);
  });
});
