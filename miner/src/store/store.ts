import { createHash } from "node:crypto";
import { chmod, copyFile, constants, mkdir, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { GgufError } from "../engines/gguf/byte-source.ts";
import { sha256Of } from "../engines/gguf/digest.ts";
import { readGguf } from "../engines/gguf/read.ts";
import { EngineError } from "../engines/errors.ts";
import { exitCode } from "../errors.ts";
import { download, finish, forget, type DownloadOptions, type DownloadProgress } from "./download.ts";
import { Entries, type Entry } from "./entries.ts";
import { Marks } from "./marks.ts";
import { freeBytesAt, leastRecentFirst, leftovers, makeRoom, type RoomOptions, type Victim } from "./room.ts";
import { makePlainFolder } from "./seal/plain-copy.ts";
import { openSealed, sealFile } from "./seal/sealed-file.ts";
import { StoreKey, type StoreSecret } from "./seal/store-key.ts";
import { extentOf, requestFile } from "./request.ts";
import { checkName, parseSource, type Source } from "./source.ts";
import { WantedModels } from "./wanted.ts";

export interface StoreOptions extends Partial<RoomOptions> {
  nowMs?: () => number;
  /** For downloads. */
  network?: Pick<DownloadOptions, "fetchFile" | "retryMs" | "stallMs">;
  /** Asks for the wallet's secret, by which models are encrypted; without one, and without a store key, they lie as they are. */
  secret?: (() => Promise<StoreSecret>) | undefined;
  /** Folders of memory for plain copies; the system's own unless given. */
  memoryFolders?: readonly string[] | undefined;
}

export interface AddOptions {
  /** Expected sha256 in hex; without one the hub's own statement counts, or nothing. */
  sha256?: string | undefined;
  /** What to call it; the source's own name unless given. */
  name?: string | undefined;
  onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Told what had to go to make room. */
  onRemoved?: ((names: readonly string[]) => void) | undefined;
  /** It comes by itself: it may take so many bytes, and no other model goes for it. */
  guest?: { mostBytes: number } | undefined;
  signal?: AbortSignal | undefined;
}

/** A model of the store that is in use until it is released. */
export interface UsedModel {
  path: string;
  sha256: string;
  /** The file is in memory now and nobody will open it again: a plain copy of an encrypted model goes. */
  loaded: () => Promise<void>;
  release: () => Promise<void>;
}

const week = 7 * 24 * 3600 * 1000;
const hour = 3600 * 1000;
/** To the first word of an answer. */
const peekMs = 60_000;
/** The system, the logs and the receipts need some of the disk. */
const usualReserve = 2 * 2 ** 30;

/**
 * Models by their content: `blobs/SHA256.gguf`, or `blobs/SHA256.sealed` where there is a wallet to encrypt them for, an entry for each in `entries`, downloads under way in `parts`. The same file is kept once,
 * whatever it is called. When there is no room for a new one, those go that were not used for longest, and of those first what no market
 * asks for.
 */
export class ModelStore {
  readonly #folder: string;
  readonly #entries: Entries;
  readonly #uses: Marks;
  readonly #key: StoreKey;
  readonly #wanted: WantedModels;
  readonly #options: StoreOptions;
  readonly #now: () => number;

  constructor(folder: string, options: StoreOptions = {}) {
    this.#folder = resolve(folder);
    this.#entries = new Entries(join(this.#folder, "entries"));
    this.#uses = new Marks(join(this.#folder, "uses"));
    this.#key = new StoreKey(join(this.#folder, "key.json"), options.secret);
    this.#options = options;
    this.#now = options.nowMs ?? Date.now;
    this.#wanted = new WantedModels(join(this.#folder, "wanted.json"), this.#now);
  }

  /** Everything in the store, the most recently used first. */
  async list(): Promise<Entry[]> {
    return leastRecentFirst(await this.#entries.all()).toReversed();
  }

  /** Takes in which models a market asks for, the digests in hex: those that are here stay longest. */
  announce(market: string, digests: readonly string[]): Promise<void> {
    return this.#wanted.announce(market, digests);
  }

  /** Digests, in hex, that a market asks for now. */
  wanted(): Promise<ReadonlySet<string>> {
    return this.#wanted.digests();
  }

  /** A model by one of its names, its source, its sha256, or at least 8 digits of that. Throws EngineError where digits fit several. */
  async find(text: string): Promise<Entry | undefined> {
    const entries = await this.#entries.all();
    const named = entries.find(({ names, source }) => names.includes(text) || source === text);
    if (named !== undefined || !/^(0x)?[0-9a-f]{8,64}$/i.test(text)) return named;
    const digits = text.replace(/^0x/i, "").toLowerCase();
    const [found, ...others] = entries.filter(({ sha256 }) => sha256.startsWith(digits));
    if (others.length === 0) return found;
    throw new EngineError("model-not-found", `Several models begin with ${text}; give more digits.`);
  }

  /**
   * Adds a file of this machine, of the hub or of the web. What is here already is not fetched again. Throws EngineError.
   */
  async add(text: string, options: AddOptions = {}): Promise<Entry> {
    const source = parseSource(text);
    const name = checkName(options.name ?? source.name);
    const sha256 = options.sha256?.replace(/^0x/i, "").toLowerCase();
    if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256)) {
      throw new EngineError("bad-request", "A sha256 has 64 hexadecimal digits.", { exitCode: exitCode.usage });
    }
    requireSafe(source, sha256);
    // Whoever has to give a password gives it now, not after an hour's download.
    await this.#key.publicKey();
    const known = sha256 === undefined ? await this.#sameSource(source, name) : await this.#entries.get(sha256);
    if (known !== undefined) return this.#known(known, { ...options, name });
    await mkdir(join(this.#folder, "parts"), { recursive: true, mode: 0o700 });
    const key = createHash("sha256")
      .update(source.kind === "url" ? source.url : resolve(source.path))
      .digest("hex");
    const lock = await new Marks(join(this.#folder, "parts")).lock(key);
    if (typeof lock === "number") {
      throw new EngineError("bad-request", `Process ${lock} is adding ${text} already; wait for it.`);
    }
    try {
      return await this.#take(source, join(this.#folder, "parts", `${key}.part`), { ...options, sha256, name });
    } finally {
      await lock();
    }
  }

  /**
   * The file of a model, verified: its digest is computed unless the file is as it was when that was done last. Of an encrypted one it is
   * a plain copy (`seal/plain-copy.ts`), checked whole. It stays until it is released. Throws EngineError `model-corrupt`, `model-not-found`.
   */
  async use({ sha256 }: Entry, signal?: AbortSignal): Promise<UsedModel> {
    const release = await this.#uses.hold(sha256);
    try {
      const entry = await this.#entries.get(sha256);
      if (entry === undefined) throw new EngineError("model-not-found", `The model ${sha256} was removed.`);
      if (entry.isSealed === true) return await this.#usePlainCopy(entry, release, signal);
      const checked = await this.#verify(entry);
      await this.#entries.put({ ...entry, checked, lastUsedAtMs: this.#now() });
      return { path: this.#blob(entry), sha256, loaded: async () => undefined, release };
    } catch (error) {
      await release();
      throw error;
    }
  }

  async #usePlainCopy(entry: Entry, unmark: () => Promise<void>, signal?: AbortSignal): Promise<UsedModel> {
    const { sha256, sizeBytes } = entry;
    const blob = this.#blob(entry);
    await stat(blob).catch((cause: unknown) => {
      throw gone(entry, cause);
    });
    const key = await this.#key.privateKey();
    const folder = await makePlainFolder(sizeBytes, join(this.#folder, "open"), this.#options.memoryFolders);
    const path = join(folder.path, `${sha256}.gguf`);
    try {
      await openSealed(blob, path, sha256, key, signal);
      await chmod(path, 0o400);
      await this.#entries.put({ ...entry, lastUsedAtMs: this.#now() });
    } catch (error) {
      await folder.remove();
      throw error;
    }
    // Where a mapped file cannot be removed, it goes when it is released.
    const loaded = process.platform === "win32" ? async (): Promise<void> => undefined : folder.remove;
    const release = async (): Promise<void> => {
      await folder.remove();
      await unmark();
    };
    return { path, sha256, loaded, release };
  }

  /** What a source would bring, where that can be known without bringing it: the digest in hex, and its size. Throws EngineError. */
  async peek(
    text: string,
    signal?: AbortSignal,
  ): Promise<{ sha256: string | undefined; sizeBytes: number | undefined }> {
    const source = parseSource(text);
    if (source.kind === "file") throw new EngineError("bad-request", `${text} is no web address.`);
    const { fetchFile = fetch, stallMs = peekMs } = this.#options.network ?? {};
    const limit = AbortSignal.timeout(stallMs);
    const { response, statedSha256 } = await requestFile(fetchFile, source.url, {
      ...{ from: 0, validator: undefined },
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    });
    await response.body?.cancel();
    if (!response.ok) throw new EngineError("model-not-found", `${source.url} answered ${response.status}.`);
    return { sha256: statedSha256, sizeBytes: extentOf(response).totalBytes };
  }

  /** Removes a model with all its names. Throws EngineError `bad-request` while a process uses it. */
  async remove(entry: Entry): Promise<void> {
    const { sha256, names } = entry;
    const [holder] = await this.#uses.holders(sha256);
    if (holder !== undefined) {
      throw new EngineError("bad-request", `Process ${holder} uses ${names[0] ?? sha256}; stop it first.`);
    }
    // The entry goes first: a file without one is a leftover, an entry without a file would be a promise.
    await this.#entries.remove(sha256);
    await rm(this.#blob(entry), { force: true });
  }

  #blob({ sha256, isSealed }: Pick<Entry, "sha256" | "isSealed">): string {
    return join(this.#folder, "blobs", blobName(sha256, isSealed === true));
  }

  /** Encrypts a model that came before there was a wallet, unless somebody has it open. */
  async #sealAlso(entry: Entry, signal?: AbortSignal): Promise<Entry> {
    const { sha256 } = entry;
    if (entry.isSealed === true || (await this.#uses.holders(sha256)).length > 0) return entry;
    const key = await this.#key.publicKey();
    if (key === undefined) return entry;
    // Two that encrypt one file in place would leave nothing that anybody can open.
    const lock = await new Marks(join(this.#folder, "parts")).lock(sha256);
    if (typeof lock === "number") return entry;
    try {
      const now = (await this.#entries.get(sha256)) ?? entry;
      if (now.isSealed === true) return now;
      await this.#verify(now);
      const plain = this.#blob(now);
      await chmod(plain, 0o600);
      const sealed = { ...now, isSealed: true };
      await sealFile(plain, { sha256, sizeBytes: now.sizeBytes }, key, signal);
      await rename(plain, this.#blob(sealed));
      return await this.#enter(sealed);
    } finally {
      await lock();
    }
  }

  /** Makes an entry for a blob that has just come to its place. */
  async #enter(entry: Entry): Promise<Entry> {
    const blob = this.#blob(entry);
    await chmod(blob, 0o400);
    const { size: sizeBytes, mtimeMs } = await stat(blob);
    const checked = { ...entry, checked: { sizeBytes, mtimeMs } };
    await this.#entries.put(checked);
    return checked;
  }

  /** What was added from the same place under the same name. */
  async #sameSource(source: Source, name: string): Promise<Entry | undefined> {
    if (source.kind === "file") return undefined;
    const entries = await this.#entries.all();
    return entries.find((entry) => entry.source === source.url && entry.names.includes(name));
  }

  /** What is here already gets the new name too. Whoever adds a guest by hand keeps it. */
  async #known(entry: Entry, { name, guest, signal }: AddOptions & { name: string }): Promise<Entry> {
    const { isGuest, ...kept } = await this.#nameAlso(entry, name);
    if (isGuest === true && guest === undefined) await this.#entries.put(kept);
    return this.#sealAlso({ ...kept, ...(isGuest === true && guest !== undefined && { isGuest }) }, signal);
  }

  async #nameAlso(entry: Entry, name: string): Promise<Entry> {
    if (entry.names.includes(name)) return entry;
    await this.#requireFree(name, entry.sha256);
    const named = { ...entry, names: [...entry.names, name] };
    await this.#entries.put(named);
    return named;
  }

  async #requireFree(name: string, sha256: string): Promise<void> {
    const other = (await this.#entries.all()).find((entry) => entry.names.includes(name) && entry.sha256 !== sha256);
    if (other === undefined) return;
    const sentence = `${name} is another model already (${other.sha256.slice(0, 12)}); give --name, or remove that one.`;
    throw new EngineError("bad-request", sentence);
  }

  async #take(source: Source, part: string, options: AddOptions & { name: string }): Promise<Entry> {
    const { sha256, sizeBytes } = await this.#bring(source, part, options);
    const known = await this.#entries.get(sha256);
    if (known !== undefined) {
      await forget(part);
      return this.#known(known, options);
    }
    await this.#requireFree(options.name, sha256);
    const { title, architecture } = await describe(part);
    const key = await this.#key.publicKey();
    const now = this.#now();
    const entry: Entry = {
      ...{ sha256, sizeBytes, names: [options.name], title, architecture },
      source: source.kind === "url" ? source.url : resolve(source.path),
      ...{ addedAtMs: now, lastUsedAtMs: now, checked: { sizeBytes, mtimeMs: 0 } },
      ...(key !== undefined && { isSealed: true }),
      ...(options.guest !== undefined && { isGuest: true }),
    };
    await mkdir(join(this.#folder, "blobs"), { recursive: true, mode: 0o700 });
    if (key === undefined) {
      await finish(part, this.#blob(entry));
    } else {
      // Half sealed it is the beginning of nothing, and must not be taken for that of a download.
      const sealing = `${part}.sealing`;
      await finish(part, sealing);
      await chmod(sealing, 0o600);
      await sealFile(sealing, { sha256, sizeBytes }, key, options.signal);
      await rename(sealing, this.#blob(entry));
    }
    return this.#enter(entry);
  }

  /** The file in `parts`, with its digest. */
  async #bring(source: Source, part: string, options: AddOptions): Promise<{ sha256: string; sizeBytes: number }> {
    const { onProgress, signal, sha256: expected } = options;
    const onSize = (missing: number | undefined): Promise<number> => this.#makeRoom(missing ?? 0, part, options);
    if (source.kind === "url") {
      return download(source.url, part, { ...this.#options.network, onProgress, onSize, signal, sha256: expected });
    }
    const { size: sizeBytes } = await stat(source.path).catch((cause: unknown) => {
      throw new EngineError("model-not-found", `The model file ${source.path} does not exist.`, { cause });
    });
    const sha256 = await sha256Of(source.path, signal);
    if (expected !== undefined && expected !== sha256) {
      throw new EngineError("model-corrupt", `${source.path} has the sha256 ${sha256}, not ${expected} as it should.`);
    }
    // What is here already needs no room.
    if ((await this.#entries.get(sha256)) !== undefined) return { sha256, sizeBytes };
    await onSize(sizeBytes);
    // Where the file system can, the copy shares its blocks with the original.
    await copyFile(source.path, part, constants.COPYFILE_FICLONE);
    if ((await sha256Of(part, signal)) === sha256) return { sha256, sizeBytes };
    await forget(part);
    throw new EngineError("model-corrupt", `${source.path} changed while it was copied.`);
  }

  async #makeRoom(bytes: number, part: string, { onRemoved, guest }: AddOptions): Promise<number> {
    const mostBytes = guest?.mostBytes ?? Infinity;
    if (bytes > mostBytes) {
      const megabytes = (count: number): string => `${(count / 1e6).toFixed(1)} MB`;
      const sentence = `${megabytes(bytes)} are more than the ${megabytes(mostBytes)} that may come by themselves.`;
      throw new EngineError("no-space", sentence);
    }
    const { reserveBytes = usualReserve, capBytes, freeBytes } = this.#options;
    const entries = await this.#entries.all();
    const known = new Set(entries.map(({ sha256, isSealed }) => blobName(sha256, isSealed === true)));
    const own = part.split(/[/\\]/).at(-1) ?? "";
    const victims: Victim[] = [
      ...(await leftovers(join(this.#folder, "blobs"), this.#now() - hour, (name) => known.has(name))),
      ...(await leftovers(join(this.#folder, "parts"), this.#now() - week, (name) => name.startsWith(own))),
    ];
    const wanted = await this.wanted();
    const byUse = leastRecentFirst(entries);
    // Two rounds: what clients ask for earns, and would only be downloaded again.
    const inOrder = [false, true].flatMap((is) => byUse.filter(({ sha256 }) => wanted.has(sha256) === is));
    for (const entry of guest === undefined ? inOrder : []) {
      const { sha256, sizeBytes, names } = entry;
      if ((await this.#uses.holders(sha256)).length > 0) continue;
      victims.push({ label: names[0] ?? sha256, bytes: sizeBytes, isModel: true, remove: () => this.remove(entry) });
    }
    const taken = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const free = freeBytes ?? ((): Promise<number> => freeBytesAt(this.#folder));
    const { removed, roomBytes } = await makeRoom(bytes, taken, victims, { capBytes, reserveBytes, freeBytes: free });
    if (removed.length > 0) onRemoved?.(removed);
    return Math.min(roomBytes, mostBytes);
  }

  async #verify(entry: Entry): Promise<Entry["checked"]> {
    const { sha256, checked, names } = entry;
    const path = this.#blob(entry);
    const { size: sizeBytes, mtimeMs } = await stat(path).catch((cause: unknown) => {
      throw gone(entry, cause);
    });
    if (sizeBytes === checked.sizeBytes && mtimeMs === checked.mtimeMs) return checked;
    if ((await sha256Of(path)) === sha256) return { sizeBytes, mtimeMs };
    throw new EngineError("model-corrupt", `The file of ${names[0] ?? sha256} is damaged; remove it and add it again.`);
  }
}

const blobName = (sha256: string, isSealed: boolean): string => `${sha256}.${isSealed ? "sealed" : "gguf"}`;

function gone({ names, sha256 }: Entry, cause: unknown): EngineError {
  return new EngineError("model-not-found", `The file of ${names[0] ?? sha256} is gone; add it again.`, { cause });
}

/** Over an open line anybody could put another model in; on this machine nobody else can. */
function requireSafe(source: Source, sha256: string | undefined): void {
  if (source.kind === "file" || sha256 !== undefined) return;
  const { protocol, hostname } = new URL(source.url);
  if (protocol === "https:" || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)) return;
  throw new EngineError("bad-request", `${source.url} is not secure: say with --sha256 which file it has to be.`);
}

/** What a file says about itself; a file that is no model does not enter the store. */
async function describe(path: string): Promise<{ title: string; architecture: string }> {
  try {
    const { metadata } = readGguf(path);
    const text = (key: string): string => {
      const value = metadata.get(key);
      // A stranger's words, which end in a terminal.
      return typeof value === "string" ? value.slice(0, 100).replace(/\p{C}/gu, " ") : "unknown";
    };
    return { title: text("general.name"), architecture: text("general.architecture") };
  } catch (cause) {
    await forget(path);
    if (cause instanceof GgufError) throw new EngineError("model-corrupt", `The file ${cause.message}.`, { cause });
    throw cause;
  }
}
