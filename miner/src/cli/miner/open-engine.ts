import type { Hex } from "@lode/sdk/hash";
import { cardLoad, memoryBudget, openServing, servedBytes, usualContext } from "../../daemon/index.ts";
import {
  openBenchEngine,
  openEngine,
  openPool,
  openUpstream,
  EngineError,
  Shelf,
  type CardUse,
  type ControlGroups,
  type Engine,
  type EngineOptions,
  type Sandbox,
} from "../../engines/index.ts";
import { exitCode, MinerError } from "../../errors.ts";
import { cardBudget, placementSentence, placeModel, type Hardware, type Placement } from "../../hardware/index.ts";
import { resolveModel, type Entry, type ModelFile } from "../../store/index.ts";
import { usage } from "../arguments.ts";
import type { Context } from "../context.ts";
import { isWebUrl } from "../settings.ts";
import { chosenGroups, chosenSandbox } from "./sandbox.ts";
import { accelerationOf, modelsOf, type ServingNumbers, type StartOptions } from "./start-options.ts";

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
  /** Whether a model of this miner's is computed on a card. */
  readonly usesCard: () => boolean;
  /** So many bytes are left of the machine's memory and of its card's: where that is little, a model without work leaves. Absent where there is one model. */
  readonly relieve?: (left: { readonly memoryBytes: number; readonly cardBytes: number }) => Promise<void>;
  /** Opens a model of the store beside the others; absent where only what was named is served. Throws EngineError. */
  readonly openMore?: (entry: Entry) => Promise<Engine>;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly context: Context;
  readonly options: StartOptions;
  readonly serving: ServingNumbers;
  readonly hardware: Hardware;
  /** What the engine can compute with beside processors; asked only where there is a card. */
  readonly backends: () => Promise<readonly string[]>;
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
    const { engine, model, cardBytes } = await openFile(first, start, shut);
    const usesCard = (): boolean => cardBytes > 0;
    // A lost worker is opened again from the same file.
    if (workers === 1) await model.loaded();
    return { ...only(engine, false), usesCard, close: async () => engine.close().finally(model.release) };
  }
  return openShelf(names, start, shut);
}

/** Each is loaded once, to see that it can be and what it takes; the one named first stays. */
async function openShelf(names: readonly string[], start: OpenOptions, shut: Shut): Promise<Opened> {
  const { hardware, serving, warn, onModel, onRoom } = start;
  const budgetBytes = memoryBudget(hardware, serving.maxMemoryMb);
  let isOpen = false;
  let usesCard = false;
  const shelf = new Shelf({
    ...{ budgetBytes, cardBytes: cardBudget(hardware.gpus), warn, onRoom },
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
      const { engine, model, again, loadMs, cardBytes } = await openFile(name, start, shut);
      files.push(model);
      usesCard ||= cardBytes > 0;
      const { contextTokens, sequences, sizeBytes } = engine.info;
      const each = { contextTokens, sequences: sequences / serving.workers, sizeBytes };
      const bytes = serving.workers * servedBytes(model.path, hardware, each);
      engines.unshift(await shelf.add(engine, { bytes, cardBytes, loadMs, open: again }));
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
          const { engine, again, loadMs, cardBytes } = await openResolved(file, title, start, shut);
          usesCard ||= cardBytes > 0;
          taken.push(file);
          files.push(file);
          const { info } = engine;
          const each = { contextTokens: info.contextTokens, sequences: info.sequences / workers, sizeBytes };
          const bytes = workers * servedBytes(file.path, hardware, each);
          return { engine, shelving: { bytes, cardBytes, loadMs, open: again } };
        });
      } finally {
        if (taken.length === 0) await file.release();
      }
    };
    const relieve: Opened["relieve"] = async ({ memoryBytes, cardBytes }) => {
      if (memoryBytes < scarceBytes && (await shelf.relieve())) warn("Memory is short: a model without work leaves.");
      else if (usesCard && cardBytes < scarceBytes && (await shelf.relieve("card")))
        warn("The card's memory is short: a model without work leaves it.");
    };
    const stays = { isServer: false, stopped: shelf.stopped, usesCard: () => usesCard, prefer, relieve, close };
    return { engines: [head, ...others], ...stays, ...(start.isOpenEnded && { openMore }) };
  } catch (error) {
    await close();
    throw error;
  }
}

interface OpenedFile {
  readonly engine: Engine;
  readonly model: ModelFile;
  /** What it takes of a card's memory. */
  readonly cardBytes: number;
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
async function openResolved(model: ModelFile, name: string, start: OpenOptions, shut: Shut): Promise<OpenedFile> {
  const { serving, hardware, warn } = start;
  const { sequences, workers, contextTokens, maxMemoryMb, maxJobMemoryMb } = serving;
  const openShut = (wanted: EngineOptions): Promise<Engine> => openEngine({ ...wanted, ...shut });
  const open = (one: EngineOptions): Promise<Engine> =>
    workers === 1 ? openShut(one) : openPool({ workers, open: () => openShut(one), warn });
  let engine: Engine | undefined;
  let startedMs = performance.now();
  try {
    let opened: EngineOptions = { modelPath: model.path };
    const openOn = (card: CardUse | undefined): Promise<Engine> =>
      openServing({
        ...{ modelPath: model.path, contextTokens, sequences, workers, maxMemoryMb, maxJobMemoryMb, hardware, warn },
        open: (one) => open((opened = { ...one, card })),
      });
    const placement = await placementOf(model.path, name, start);
    let cardBytes = 0;
    if (placement.on === "card") {
      engine = await openOnCard(placement, name, start, openOn);
      if (engine !== undefined) cardBytes = placement.bytes;
      else startedMs = performance.now();
    }
    engine ??= await openOn(undefined);
    const { modelDigest } = engine.info;
    const loadMs = performance.now() - startedMs;
    const refuse = (): MinerError =>
      new MinerError("model-corrupt", `The file of ${name} changed.`, { exitCode: exitCode.model });
    // What the engine has read is what the store verified: nobody changed the file in between.
    if (model.sha256 !== undefined && modelDigest !== `0x${model.sha256}`) throw refuse();
    const again = async (): Promise<Engine> => {
      const reopened = await open(opened).catch((cause: unknown) => {
        // Whoever has the card now gives it back: that says nothing of the job or the file.
        if (opened.card === undefined || !(cause instanceof EngineError)) throw cause;
        throw new EngineError("busy", cause.message, { cause });
      });
      if (reopened.info.modelDigest === modelDigest) return reopened;
      await reopened.close();
      throw refuse();
    };
    return { engine, model, cardBytes, again, loadMs };
  } catch (error) {
    await engine?.close();
    throw error;
  }
}

/** Where a model is to be computed. Throws MinerError where ACCEL_MODE wants a card and none will do. */
async function placementOf(path: string, name: string, start: OpenOptions): Promise<Placement> {
  const { hardware, serving, context } = start;
  const mode = accelerationOf(context.env);
  const backends = mode === "cpu" || hardware.gpus.length === 0 ? [] : await start.backends();
  const placement = placeModel({ mode, backends, gpus: hardware.gpus, load: cardLoad(path, hardware, serving) });
  if (placement.on === "processor" && mode === "gpu") {
    const sentence = `ACCEL_MODE is gpu, but ${name} stays on the processor: ${placement.reason}.`;
    throw new MinerError("no_gpu_engine", sentence, { exitCode: exitCode.usage });
  }
  context.note(`${name}: ${placementSentence(placement)}`);
  return placement;
}

/** Undefined, with a warning, where the card does not do it after all. */
async function openOnCard(
  placement: Extract<Placement, { on: "card" }>,
  name: string,
  { context, warn }: OpenOptions,
  open: (card: CardUse) => Promise<Engine>,
): Promise<Engine | undefined> {
  try {
    return await open({ backend: placement.backend, layers: placement.layers });
  } catch (error) {
    if (!(error instanceof EngineError) || accelerationOf(context.env) === "gpu") throw error;
    warn(`${placement.card} does not compute ${name}, the processor does: ${error.message}`);
    return undefined;
  }
}

function only(engine: Engine, isServer: boolean): Opened {
  const prefer = (): Promise<void> => Promise.resolve();
  const usesCard = (): boolean => false;
  return { engines: [engine], isServer, usesCard, stopped: engine.stopped, prefer, close: () => engine.close() };
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
