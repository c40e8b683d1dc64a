import type { Hex } from "@lode/sdk/hash";
import { memoryBudget, openServing, servedBytes, usualContext } from "../../daemon/index.ts";
import {
  openBenchEngine,
  openEngine,
  openPool,
  openUpstream,
  Shelf,
  type ControlGroups,
  type Engine,
  type EngineError,
  type EngineOptions,
  type Sandbox,
} from "../../engines/index.ts";
import { exitCode, MinerError } from "../../errors.ts";
import type { Hardware } from "../../hardware/index.ts";
import { resolveModel, type Entry, type ModelFile } from "../../store/index.ts";
import { usage } from "../arguments.ts";
import type { Context } from "../context.ts";
import { isWebUrl } from "../settings.ts";
import { chosenGroups, chosenSandbox } from "./sandbox.ts";
import { modelsOf, type ServingNumbers, type StartOptions } from "./start-options.ts";

/** What serves, and what lets go of it. */
export interface Opened {
  /** The models, in the order in which they were named. */
  readonly engines: readonly [Engine, ...Engine[]];
  /** They pass their work to a server. */
  readonly isServer: boolean;
  /** Resolves when nothing is served any more: with the reason if it died. */
  readonly stopped: Promise<EngineError | undefined>;
  /** Told which models are asked for, by digest, the most wanted first. */
  prefer(digests: readonly string[]): Promise<void>;
  /** The machine has so many bytes of memory left: where that is little, a model without work leaves. Absent where there is one model. */
  readonly relieve?: (availableBytes: number) => Promise<void>;
  /** Opens a model of the store beside the others; absent where only what was named is served. Throws EngineError. */
  readonly openMore?: (entry: Entry) => Promise<Engine>;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly context: Context;
  readonly options: StartOptions;
  readonly serving: ServingNumbers;
  readonly hardware: Hardware;
  /** More models may come. */
  readonly isOpenEnded: boolean;
  readonly warn: (sentence: string) => void;
  /** Told when one of several models was loaded, or left to make room. */
  readonly onModel: (modelDigest: Hex, isLoaded: boolean) => void;
  /** Told when there is room for other models than before. */
  readonly onRoom: () => void;
}

/** Twice of what jobs are refused below: a model that leaves in time keeps the others working. */
const scarceBytes = 256 * 2 ** 20;

/** What the engine's processes are shut in by. */
interface Shut {
  readonly sandbox: Sandbox;
  readonly groups: ControlGroups;
}

/** Opens what a start asks for: a server's model, the benchmark's engine, or model files in processes of their own. */
export async function openStarted(start: OpenOptions): Promise<Opened> {
  const { options, serving, warn } = start;
  const { env } = start.context;
  const { sequences, workers, contextTokens } = serving;
  const url = options.upstream ?? env["UPSTREAM_URL"] ?? "";
  if (start.isOpenEnded && url !== "") throw usage("A server's model stands alone: leave out --on-demand and --fetch.");
  if (url !== "") {
    const model = options.upstreamModel ?? env["UPSTREAM_MODEL"] ?? "";
    if (!isWebUrl(url) || model === "") throw upstreamUsage();
    const apiKey = env["UPSTREAM_API_KEY"];
    const kind = upstreamKind(options.upstreamKind ?? env["UPSTREAM_KIND"] ?? "");
    return only(await openUpstream({ url, model, apiKey, kind, sequences: sequences * workers, contextTokens }), true);
  }
  const names = modelsOf(options, env);
  const [first] = names;
  if (names.length === 1 && first === "bench") {
    if (start.isOpenEnded) throw usage("--model bench stands alone: leave out --on-demand and --fetch.");
    return only(openBenchEngine({ sequences: sequences * workers }), false);
  }
  const sandbox = await chosenSandbox(options.sandbox ?? env["SANDBOX"] ?? "auto", warn);
  const shut: Shut = { sandbox, groups: chosenGroups(start.hardware.platform, warn) };
  if (names.length === 1 && first !== undefined && !start.isOpenEnded) {
    const { engine, model } = await openFile(first, start, shut);
    // A lost worker is opened again from the same file.
    if (workers === 1) await model.loaded();
    return { ...only(engine, false), close: async () => engine.close().finally(model.release) };
  }
  return openShelf(names, start, shut);
}

/** Each is loaded once, to see that it can be and what it takes; the one named first stays. */
async function openShelf(names: readonly string[], start: OpenOptions, shut: Shut): Promise<Opened> {
  const { hardware, serving, warn, onModel, onRoom } = start;
  const budgetBytes = memoryBudget(hardware, serving.maxMemoryMb);
  let isOpen = false;
  const shelf = new Shelf({
    ...{ budgetBytes, warn, onRoom },
    onChange: (digest, isLoaded) => isOpen && onModel(digest, isLoaded),
  });
  const files: ModelFile[] = [];
  const close = async (): Promise<void> => {
    await shelf.close();
    for (const { release } of files) await release();
  };
  try {
    const engines: Engine[] = [];
    for (const name of names.toReversed()) {
      await shelf.clear();
      const { engine, model, again, loadMs } = await openFile(name, start, shut);
      files.push(model);
      const { contextTokens, sequences, sizeBytes } = engine.info;
      const each = { contextTokens, sequences: sequences / serving.workers, sizeBytes };
      const bytes = serving.workers * servedBytes(model.path, hardware, each);
      engines.unshift(await shelf.add(engine, { bytes, loadMs, open: again }));
    }
    const [head, ...others] = engines;
    if (head === undefined) throw new Error("no model is named");
    isOpen = true;
    const prefer = (digests: readonly string[]): Promise<void> => shelf.prefer(digests);
    const openMore = async ({ sha256, sizeBytes, title }: Entry): Promise<Engine> => {
      const file = await resolveModel(sha256, start.context.models(), { signal: start.context.io.signal });
      const taken: ModelFile[] = [];
      try {
        const { sequences, workers, contextTokens = usualContext } = serving;
        const one = servedBytes(file.path, hardware, { sequences, contextTokens, sizeBytes });
        return await shelf.takeIn({ name: title, bytes: Math.min(workers * one, budgetBytes) }, async () => {
          const { engine, again, loadMs } = await openResolved(file, title, start, shut);
          taken.push(file);
          files.push(file);
          const { info } = engine;
          const each = { contextTokens: info.contextTokens, sequences: info.sequences / workers, sizeBytes };
          const bytes = workers * servedBytes(file.path, hardware, each);
          return { engine, shelving: { bytes, loadMs, open: again } };
        });
      } finally {
        if (taken.length === 0) await file.release();
      }
    };
    const relieve = async (availableBytes: number): Promise<void> => {
      if (availableBytes < scarceBytes && (await shelf.relieve()))
        warn("Memory is short: a model without work leaves.");
    };
    const stays = { isServer: false, stopped: shelf.stopped, prefer, relieve, close };
    return { engines: [head, ...others], ...stays, ...(start.isOpenEnded && { openMore }) };
  } catch (error) {
    await close();
    throw error;
  }
}

interface OpenedFile {
  readonly engine: Engine;
  readonly model: ModelFile;
  /** How long opening it took, milliseconds. */
  readonly loadMs: number;
  /** Opens it once more, to serve just as much. */
  readonly again: () => Promise<Engine>;
}

async function openFile(name: string, start: OpenOptions, shut: Shut): Promise<OpenedFile> {
  const { context, warn } = start;
  const model = await resolveModel(name, context.models(), {
    signal: context.io.signal,
    onRemoved: (names) => warn(`removed to make room: ${names.join(", ")}`),
  });
  try {
    return await openResolved(model, name, start, shut);
  } catch (error) {
    await model.release();
    throw error;
  }
}

/** Opens a file that is here. The caller releases it when that fails. */
async function openResolved(
  model: ModelFile,
  name: string,
  { serving, hardware, warn }: OpenOptions,
  shut: Shut,
): Promise<OpenedFile> {
  const { sequences, workers, contextTokens, maxMemoryMb, maxJobMemoryMb } = serving;
  const openShut = (wanted: EngineOptions): Promise<Engine> => openEngine({ ...wanted, ...shut });
  const open = (one: EngineOptions): Promise<Engine> =>
    workers === 1 ? openShut(one) : openPool({ workers, open: () => openShut(one), warn });
  let engine: Engine | undefined;
  const startedMs = performance.now();
  try {
    let opened: EngineOptions = { modelPath: model.path };
    engine = await openServing({
      ...{ modelPath: model.path, contextTokens, sequences, workers, maxMemoryMb, maxJobMemoryMb, hardware, warn },
      open: (one) => open((opened = one)),
    });
    const { modelDigest } = engine.info;
    const loadMs = performance.now() - startedMs;
    const refuse = (): MinerError =>
      new MinerError("model-corrupt", `The file of ${name} changed.`, { exitCode: exitCode.model });
    // What the engine has read is what the store verified: nobody changed the file in between.
    if (model.sha256 !== undefined && modelDigest !== `0x${model.sha256}`) throw refuse();
    const again = async (): Promise<Engine> => {
      const reopened = await open(opened);
      if (reopened.info.modelDigest === modelDigest) return reopened;
      await reopened.close();
      throw refuse();
    };
    return { engine, model, again, loadMs };
  } catch (error) {
    await engine?.close();
    throw error;
  }
}

function only(engine: Engine, isServer: boolean): Opened {
  const prefer = (): Promise<void> => Promise.resolve();
  return { engines: [engine], isServer, stopped: engine.stopped, prefer, close: () => engine.close() };
}

function upstreamKind(text: string): "text" | "image" {
  if (text === "image") return text;
  if (text === "" || text === "text") return "text";
  throw usage("--upstream-kind is text, for a server that writes, or image, for one that makes pictures.");
}

function upstreamUsage(): MinerError {
  const sentence = "Name the server and its model: --upstream http://127.0.0.1:8000 --upstream-model NAME";
  return new MinerError("usage", sentence, { exitCode: exitCode.usage });
}
