import { EngineError } from "../engines/errors.ts";
import type { Entry } from "./entries.ts";
import { leastRecentFirst } from "./room.ts";
import type { ModelStore } from "./store.ts";

/** Where a model may be fetched from, and its digest where the owner gave it. */
export interface GuestSource {
  readonly text: string;
  /** In hex. */
  readonly sha256: string | undefined;
}

export interface GuestOptions {
  readonly store: ModelStore;
  /** Nothing else is ever fetched. */
  readonly sources: readonly GuestSource[];
  /** Bytes that all guests may take together. */
  readonly budgetBytes: number;
  /** Milliseconds. */
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
  /** Told in a sentence what could not be fetched, and what had to go. */
  readonly warn: (sentence: string) => void;
}

interface Known {
  readonly sha256: string;
  readonly sizeBytes: number | undefined;
}

/** What failed is not tried again before. */
const restMs = 3600 * 1000;

/**
 * Reads `hf:owner/repo/file.gguf`, whose digest the hub states, or a URL with `#sha256=` and the digest. Throws EngineError
 * `bad-request` where nothing would say which file it has to be.
 */
export function parseGuestSource(text: string): GuestSource {
  const [address = "", sha256] = text.split("#sha256=");
  const isHub = address.startsWith("hf:");
  const isGood = sha256 === undefined ? isHub : /^[0-9a-f]{64}$/i.test(sha256);
  if (isGood && (isHub || /^https?:/i.test(address))) return { text: address, sha256: sha256?.toLowerCase() };
  const sentence = `${text} is no source to fetch from: write hf:owner/repo/file.gguf, or a URL and #sha256= with the file's sha256.`;
  throw new EngineError("bad-request", sentence);
}

/**
 * Models that come by themselves because clients ask for them: from the owner's sources alone, known by their digest before a byte is
 * kept, within a budget of their own. For a new one older guests go that nobody asks for; what the owner added never does.
 */
export class Guests {
  readonly #options: GuestOptions;
  readonly #known = new Map<string, Known>();
  readonly #failedAtMs = new Map<string, number>();

  constructor(options: GuestOptions) {
    this.#options = options;
  }

  /**
   * The model with this digest: what the store holds, else fetched. Undefined where no source has it, or it cannot be had now.
   * @param sha256 in hex @param wanted digests that must not go for it
   */
  async bring(sha256: string, wanted: ReadonlySet<string>): Promise<Entry | undefined> {
    const { store, sources, signal } = this.#options;
    const here = await store.find(sha256);
    if (here !== undefined) return here;
    for (const source of sources) {
      if (signal.aborted) return undefined;
      if (this.#rests(source.text)) continue;
      try {
        const known = await this.#look(source);
        if (known.sha256 !== sha256) continue;
        return await this.#fetch(source.text, known, wanted);
      } catch (error) {
        if (isAborted(signal)) return undefined;
        this.#failedAtMs.set(source.text, this.#options.nowMs());
        this.#options.warn(`${source.text} was not fetched: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return undefined;
  }

  #rests(text: string): boolean {
    const failedAtMs = this.#failedAtMs.get(text);
    return failedAtMs !== undefined && this.#options.nowMs() - failedAtMs < restMs;
  }

  async #look({ text, sha256 }: GuestSource): Promise<Known> {
    const before = this.#known.get(text);
    if (before !== undefined) return before;
    // The owner's word needs no question; only what is wanted is asked about.
    if (sha256 !== undefined) return { sha256, sizeBytes: undefined };
    const { store, signal } = this.#options;
    const stated = await store.peek(text, signal);
    if (stated.sha256 === undefined) throw new EngineError("model-not-found", "The hub states no digest for it.");
    const known = { sha256: stated.sha256, sizeBytes: stated.sizeBytes };
    this.#known.set(text, known);
    return known;
  }

  async #fetch(text: string, { sha256, sizeBytes }: Known, wanted: ReadonlySet<string>): Promise<Entry> {
    const { store, signal, warn } = this.#options;
    const neededBytes = sizeBytes ?? (await store.peek(text, signal)).sizeBytes ?? 0;
    const mostBytes = await this.#makeRoom(neededBytes, wanted);
    const onRemoved = (names: readonly string[]): void => warn(`removed to make room: ${names.join(", ")}`);
    return store.add(text, { sha256, guest: { mostBytes }, onRemoved, signal });
  }

  /** What a new guest may take. Guests that nobody asks for go while that is too little. */
  async #makeRoom(bytes: number, wanted: ReadonlySet<string>): Promise<number> {
    const { store, budgetBytes, warn } = this.#options;
    const guests = leastRecentFirst((await store.list()).filter(({ isGuest }) => isGuest === true));
    let left = budgetBytes - guests.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    if (bytes > budgetBytes) return Math.max(0, left);
    for (const guest of guests) {
      if (left >= bytes) break;
      if (wanted.has(guest.sha256)) continue;
      // One that is served is in use, and stays.
      const isGone = await store.remove(guest).then(
        () => true,
        () => false,
      );
      if (!isGone) continue;
      warn(`removed to make room: ${guest.names[0] ?? guest.sha256}`);
      left += guest.sizeBytes;
    }
    return Math.max(0, left);
  }
}

/** A signal changes while something is awaited, which narrowing does not see. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;
