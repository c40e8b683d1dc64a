import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Hex } from "@lode/sdk/hash";
import { finishReason, fromWire, type HostedWork, type Receipt, type WireStruct } from "@lode/sdk/typed-data";
import type { SignedProgress } from "@lode/protocol";

/** What a polling miner handed in, as far as a receipt for it needs it: neither the prompt nor the text. JSON values only. */
export interface HandIn {
  /** For all of it, unsigned. */
  readonly receipt: WireStruct<"Receipt">;
  readonly outputPriceWei: string;
  readonly hosted: HostedWork;
  /** The coordinator's own word for what of it reached the client; undefined before any did. */
  readonly ack?: SignedProgress;
}

const name = /^0x[0-9a-f]{64}$/;

/**
 * A file for each job whose work was handed in and whose receipt is not in the log yet: what of it reached the client is owed to its
 * wallet, also when this process ends in between. What is written is on the disk when it resolves.
 */
export class HandIns {
  readonly #folder: string;
  /** What is to be written next for a job, while something is being written for it. */
  readonly #next = new Map<Hex, HandIn | undefined>();
  readonly #writing = new Map<Hex, Promise<void>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * What an earlier process left. A damaged file stays where it is and is left out. Throws when the system refuses to read:
   * what is there is owed still, and can be read when that is mended.
   */
  async list(warn: (message: string) => void): Promise<HandIn[]> {
    const found: HandIn[] = [];
    for (const file of await this.#files()) {
      if (file.endsWith(".tmp")) await rm(join(this.#folder, file), { force: true });
      if (!name.test(file)) continue;
      const text = await readFile(join(this.#folder, file), "utf8");
      try {
        const read = JSON.parse(text) as HandIn;
        if (fromWire("Receipt", read.receipt).assignment !== file) throw new TypeError("it is another job's");
        found.push(read);
      } catch (error) {
        warn(`the handed-in work ${file} is damaged: ${String(error)}`);
      }
    }
    return found;
  }

  /** Keeps what is known of a job now; of what comes while the disk is written to only the latest is. */
  save(handIn: HandIn): Promise<void> {
    return this.#put(handIn.receipt.assignment, handIn);
  }

  /** Nothing of the job is owed any more, or its receipt is in the log. */
  remove(digest: Hex): Promise<void> {
    return this.#put(digest, undefined);
  }

  /** None before the first one is kept: it makes the folder. */
  async #files(): Promise<string[]> {
    try {
      return await readdir(this.#folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  }

  #put(digest: Hex, handIn: HandIn | undefined): Promise<void> {
    this.#next.set(digest, handIn);
    const writing = this.#writing.get(digest) ?? this.#writeAll(digest);
    this.#writing.set(digest, writing);
    return writing;
  }

  async #writeAll(digest: Hex): Promise<void> {
    try {
      while (this.#next.has(digest)) {
        const handIn = this.#next.get(digest);
        this.#next.delete(digest);
        if (handIn === undefined) await rm(join(this.#folder, digest), { force: true });
        else await this.#write(digest, handIn);
      }
    } finally {
      // In the same turn as the last look: what comes behind it begins anew.
      this.#writing.delete(digest);
    }
  }

  async #write(digest: Hex, handIn: HandIn): Promise<void> {
    const path = join(this.#folder, digest);
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const handle = await open(`${path}.tmp`, "w", 0o600);
    try {
      await handle.writeFile(JSON.stringify(handIn));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(`${path}.tmp`, path);
    const folder = await open(this.#folder);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}

/** The receipt for what is acknowledged of a hand-in; undefined when nothing is. Throws TypeError when it is damaged. */
export function receiptOf({ receipt: whole, outputPriceWei, ack }: HandIn): Receipt | undefined {
  if (ack === undefined) return undefined;
  const receipt = fromWire("Receipt", whole);
  const { count, prefixRoot } = fromWire("Progress", ack.progress);
  if (count === receipt.outputTokens) return receipt;
  return {
    ...receipt,
    outputCommitment: prefixRoot,
    outputTokens: count,
    amountWei: receipt.amountWei - BigInt(receipt.outputTokens - count) * BigInt(outputPriceWei),
    finishReason: finishReason.cancelled,
  };
}
