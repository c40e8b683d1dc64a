import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Hex } from "@lode/sdk/hash";
import { cpuLibraries, openEngine, type Engine, type Sandbox } from "../../engines/index.ts";
import { resolveModel, type ModelFile } from "../../store/index.ts";
import type { Context } from "../context.ts";

export interface ReferenceOptions {
  /** As in lode miner start. */
  readonly names: readonly string[];
  readonly context: Context;
  readonly sandbox: Sandbox;
  readonly signal: AbortSignal;
}

/** The models that a verifier can judge; each engine opens when it is first needed. */
export class ReferenceModels {
  readonly #options: ReferenceOptions;
  readonly #files = new Map<Hex, ModelFile>();
  /** By model and wanted class. */
  readonly #engines = new Map<string, Promise<Engine>>();

  constructor(options: ReferenceOptions) {
    this.#options = options;
  }

  /** Finds the files and their digests. */
  async read(): Promise<void> {
    const { names, context, signal } = this.#options;
    for (const name of names) {
      const file = await resolveModel(name, context.models(), { signal });
      this.#files.set(file.sha256 === undefined ? await digestOf(file.path) : `0x${file.sha256}`, file);
    }
  }

  /** An engine of a model, of the wanted class where this processor can run its library; undefined when the model is not here. */
  async engine(digest: Hex, engineClass: Hex): Promise<Engine | undefined> {
    const file = this.#files.get(digest);
    if (file === undefined) return undefined;
    const key = `${digest} ${engineClass}`;
    let opening = this.#engines.get(key);
    if (opening === undefined) {
      opening = this.#open(file.path, engineClass);
      this.#engines.set(key, opening);
      // One that died, or did not open, is opened again the next time.
      const forget = (): boolean => this.#engines.delete(key);
      opening.then(({ stopped }) => stopped).then(forget, forget);
    }
    return opening;
  }

  async close(): Promise<void> {
    for (const opening of [...this.#engines.values()]) await opening.then((one) => one.close()).catch(() => undefined);
    for (const file of this.#files.values()) await file.release();
  }

  /** The best library for this processor first: most miners use theirs. None is bit-equal with another. */
  async #open(modelPath: string, engineClass: Hex): Promise<Engine> {
    const { sandbox } = this.#options;
    const usual = await openEngine({ modelPath, sandbox });
    if (usual.info.engineClass === engineClass) return usual;
    for (const cpu of cpuLibraries().keys()) {
      // A library for another processor does not open here.
      const other = await openEngine({ modelPath, sandbox, cpu }).catch(() => undefined);
      if (other?.info.engineClass === engineClass) {
        await usual.close();
        return other;
      }
      await other?.close();
    }
    return usual;
  }
}

async function digestOf(path: string): Promise<Hex> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return `0x${hash.digest("hex")}`;
}
