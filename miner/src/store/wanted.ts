import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

interface Announced {
  readonly atMs: number;
  /** sha256 in hex. */
  readonly digests: readonly string[];
}

/** A market that was silent for this long says nothing about today. */
const staleMs = 7 * 24 * 3600 * 1000;
/** As many markets as anybody serves; the oldest word goes first. */
const mostMarkets = 32;
const mostDigests = 64;

/**
 * The models that markets ask for, by market, in one file: it outlives the daemon, because room is made by `lode model add`. A market's word decides only
 * which of the models that are here stays longest; it brings nothing here and removes nothing.
 */
export class WantedModels {
  readonly #file: string;
  readonly #now: () => number;

  constructor(file: string, now: () => number) {
    this.#file = file;
    this.#now = now;
  }

  /** Takes in a market's latest list, which replaces its former one. */
  async announce(market: string, digests: readonly string[]): Promise<void> {
    const others = Object.entries(await this.#read()).filter(([name]) => name !== market);
    const newest = others.toSorted(([, a], [, b]) => b.atMs - a.atMs).slice(0, mostMarkets - 1);
    const own: Announced = { atMs: this.#now(), digests: digests.map(plain).slice(0, mostDigests) };
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
    const fresh = `${this.#file}.${randomBytes(4).toString("hex")}`;
    await writeFile(fresh, JSON.stringify(Object.fromEntries([...newest, [market, own]])), { mode: 0o600 });
    await rename(fresh, this.#file);
  }

  /** Digests that any market asks for now. */
  async digests(): Promise<ReadonlySet<string>> {
    const since = this.#now() - staleMs;
    return new Set(Object.values(await this.#read()).flatMap(({ atMs, digests }) => (atMs < since ? [] : digests)));
  }

  /** A file that is missing or damaged is a market that is silent. */
  async #read(): Promise<Record<string, Announced>> {
    try {
      const read = JSON.parse(await readFile(this.#file, "utf8")) as Record<string, Partial<Announced>>;
      const isGood = (entry: [string, Partial<Announced>]): entry is [string, Announced] =>
        typeof entry[1].atMs === "number" && Array.isArray(entry[1].digests);
      return Object.fromEntries(Object.entries(read).filter(isGood));
    } catch {
      return {};
    }
  }
}

const plain = (digest: string): string => digest.replace(/^0x/i, "").toLowerCase();
