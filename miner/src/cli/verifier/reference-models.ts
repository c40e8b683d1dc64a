import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Hex } from "@lode/sdk/hash";
import { memoryBudget, servedBytes, usualContext } from "../../daemon/index.ts";
import {
  cpuLibraries,
  openEngine,
  readGguf,
  type Engine,
  type EngineOptions,
  type Sandbox,
} from "../../engines/index.ts";
import { detectHere, plannedModel, type Hardware } from "../../hardware/index.ts";
import { resolveModel, type ModelFile } from "../../store/index.ts";
import type { Context } from "../context.ts";

export interface ReferenceOptions {
  /** As in lode miner start. */
  readonly names: readonly string[];
  readonly context: Context;
  readonly sandbox: Sandbox;
  readonly signal: AbortSignal;
  /** The machine as it is now; what is found here unless given. */
  readonly hardware?: () => Promise<Pick<Hardware, "platform" | "cpu" | "memory">>;
  /** Told in a sentence when a job is too long for this machine. */
  readonly warn: (sentence: string) => void;
}

interface Opened {
  /** As they were asked for: a model takes no more than it was trained for. */
  readonly contextTokens: number;
  readonly engine: Promise<Engine>;
}

/** Contexts beyond the usual one grow in such steps, so that few jobs open their engine anew. */
const contextStep = 4096;
const mebibyte = 2 ** 20;

/** The models that a verifier can judge; each engine opens when it is first needed. */
export class ReferenceModels {
  readonly #options: ReferenceOptions;
  readonly #files = new Map<Hex, ModelFile>();
  /** By model and wanted class. */
  readonly #engines = new Map<string, Opened>();

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

  /**
   * An engine of a model, of the wanted class where this processor can run its library, whose context holds so many tokens or all
   * that the model was trained for. It replaces a shorter one, on which nobody may compute any more. Undefined when the model is not
   * here, or has no room for so long a job.
   */
  async engine(digest: Hex, engineClass: Hex, contextTokens = usualContext): Promise<Engine | undefined> {
    const file = this.#files.get(digest);
    if (file === undefined) return undefined;
    const key = `${digest} ${engineClass}`;
    const wanted = Math.max(usualContext, Math.ceil(contextTokens / contextStep) * contextStep);
    const known = this.#engines.get(key);
    if (known !== undefined && known.contextTokens >= wanted) return known.engine;
    const memoryBytes = wanted === usualContext ? undefined : await this.#roomFor(file.path, wanted, known);
    if (memoryBytes === 0) return undefined;
    if (known !== undefined) {
      this.#engines.delete(key);
      await known.engine.then((one) => one.close()).catch(() => undefined);
    }
    const options = { modelPath: file.path, sandbox: this.#options.sandbox, memoryBytes, contextTokens: wanted };
    const engine = this.#open(options, engineClass);
    const opened = { contextTokens: wanted, engine };
    this.#engines.set(key, opened);
    // One that died, or did not open, is opened again the next time.
    const forget = (): void => {
      if (this.#engines.get(key) === opened) this.#engines.delete(key);
    };
    engine.then(({ stopped }) => stopped).then(forget, forget);
    return engine;
  }

  async close(): Promise<void> {
    for (const { engine } of [...this.#engines.values()])
      await engine.then((one) => one.close()).catch(() => undefined);
    for (const file of this.#files.values()) await file.release();
  }

  /** Bytes that a longer context may take, the engine that it replaces counted as gone; 0 where that is too little. */
  async #roomFor(path: string, wanted: number, replaced: Opened | undefined): Promise<number> {
    const { hardware = detectHere, warn } = this.#options;
    const machine = await hardware();
    const model = plannedModel(readGguf(path), machine.cpu.features);
    const bytesOf = (tokens: number): number => {
      const contextTokens = Math.min(tokens, model?.shape.contextTokens ?? Infinity);
      return servedBytes(path, machine, { contextTokens, sequences: 1, sizeBytes: statSync(path).size });
    };
    const freed = replaced === undefined ? 0 : bytesOf(replaced.contextTokens);
    const [needed, room] = [bytesOf(wanted), memoryBudget(machine) + freed];
    if (needed <= room) return room;
    const inMb = (bytes: number): string => `${Math.ceil(bytes / mebibyte)} MB`;
    const name = model?.title ?? "The model";
    warn(
      `${name} needs ${inMb(needed)} for a job of up to ${wanted} tokens, and ${inMb(room)} may be taken: it is not judged.`,
    );
    return 0;
  }

  /** The best library for this processor first: most miners use theirs. None is bit-equal with another. */
  async #open(options: EngineOptions, engineClass: Hex): Promise<Engine> {
    const usual = await openEngine(options);
    if (usual.info.engineClass === engineClass) return usual;
    for (const cpu of cpuLibraries().keys()) {
      // A library for another processor does not open here.
      const other = await openEngine({ ...options, cpu }).catch(() => undefined);
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
