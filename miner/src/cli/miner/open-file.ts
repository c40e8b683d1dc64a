import { cardLoad, openServing } from "../../daemon/index.ts";
import {
  openEngine,
  openPool,
  EngineError,
  type CardUse,
  type Engine,
  type EngineOptions,
} from "../../engines/index.ts";
import { exitCode, MinerError } from "../../errors.ts";
import { cardsWithin, placementSentence, placeModel, type Placement } from "../../hardware/index.ts";
import { resolveModel, type ModelFile } from "../../store/index.ts";
import type { OpenOptions, Shut } from "./opened.ts";
import { accelerationOf } from "./start-options.ts";

/** What no card that comes back can mend. */
const ofFile: ReadonlySet<string> = new Set(["model-not-found", "model-corrupt", "model-unsupported"]);

/** A model file that an engine has open. */
export interface OpenedFile {
  readonly engine: Engine;
  readonly model: ModelFile;
  /** What it takes of a card's memory. */
  readonly cardBytes: number;
  /** Who made that card; undefined where processors compute all of it. */
  readonly cardVendor: string | undefined;
  /** How long opening it took, milliseconds. */
  readonly loadMs: number;
  /** Opens it once more, to serve just as much: from the same place unless another is given. */
  readonly again: (path?: string, signal?: AbortSignal) => Promise<Engine>;
}

/** Finds what a name stands for and opens it. Throws MinerError, EngineError. */
export async function openFile(name: string, start: OpenOptions, shut: Shut): Promise<OpenedFile> {
  const model = await fileOf(name, start);
  try {
    return await openResolved(model, name, start, shut);
  } catch (error) {
    await model.release();
    throw error;
  }
}

/** The file that a name stands for, until it is released. Throws EngineError. */
export function fileOf(name: string, { context, warn }: OpenOptions): Promise<ModelFile> {
  return resolveModel(name, context.models(), {
    signal: context.io.signal,
    onRemoved: (names) => warn(`removed to make room: ${names.join(", ")}`),
  });
}

/** Opens a file that is here. The caller releases it when that fails. */
export async function openResolved(
  model: ModelFile,
  name: string,
  start: OpenOptions,
  shut: Shut,
  placed?: Placement,
): Promise<OpenedFile> {
  const { serving, hardware, warn, onRoom, openModel = openEngine } = start;
  const { sequences, workers, contextTokens, maxMemoryMb, maxJobMemoryMb } = serving;
  const openShut = (wanted: EngineOptions): Promise<Engine> => openModel({ ...wanted, ...shut });
  const open = (one: EngineOptions): Promise<Engine> =>
    workers === 1 ? openShut(one) : openPool({ workers, open: (signal) => openShut({ ...one, signal }), warn, onRoom });
  let engine: Engine | undefined;
  let startedMs = performance.now();
  try {
    let opened: EngineOptions = { modelPath: model.path };
    const openOn = (card: CardUse | undefined): Promise<Engine> =>
      openServing({
        ...{ modelPath: model.path, contextTokens, sequences, workers, maxMemoryMb, maxJobMemoryMb, hardware, warn },
        open: (one) => open((opened = { ...one, card })),
      });
    const placement = placed ?? (await placementOf(model.path, name, start));
    let cardBytes = 0;
    let cardVendor: string | undefined;
    if (placement.on === "card") {
      engine = await openOnCard(placement, name, start, openOn);
      if (engine !== undefined) ({ bytes: cardBytes, vendor: cardVendor } = placement);
      else startedMs = performance.now();
    }
    engine ??= await openOn(undefined);
    const { modelDigest } = engine.info;
    const loadMs = performance.now() - startedMs;
    const refuse = (): MinerError =>
      new MinerError("model-corrupt", `The file of ${name} changed.`, { exitCode: exitCode.model });
    // What the engine has read is what the store verified: nobody changed the file in between.
    if (model.sha256 !== undefined && modelDigest !== `0x${model.sha256}`) throw refuse();
    const again = async (path = model.path, signal?: AbortSignal): Promise<Engine> => {
      const reopened = await open({ ...opened, modelPath: path, signal }).catch((cause: unknown) => {
        // Whoever has the card now gives it back: that says nothing of the job. What is wrong with the file nobody gives back.
        const isOfCard = opened.card !== undefined && cause instanceof EngineError && !ofFile.has(cause.code);
        if (!isOfCard) throw cause;
        throw new EngineError("busy", cause.message, { cause });
      });
      if (reopened.info.modelDigest === modelDigest) return reopened;
      await reopened.close();
      throw refuse();
    };
    return { engine, model, cardBytes, cardVendor, again, loadMs };
  } catch (error) {
    await engine?.close();
    throw error;
  }
}

/**
 * Where a model is to be computed. Throws MinerError where ACCEL_MODE wants a card and none will do.
 * @param cardBytes what models may take of a card now; what was free at the start unless given
 */
export async function placementOf(
  path: string,
  name: string,
  start: OpenOptions,
  cardBytes = Infinity,
): Promise<Placement> {
  const { hardware, serving, context } = start;
  const mode = accelerationOf(context.env);
  const backends = mode === "cpu" || hardware.gpus.length === 0 ? [] : await start.backends();
  const gpus = cardsWithin(hardware.gpus, cardBytes);
  const placement = placeModel({ mode, backends, gpus, load: cardLoad(path, hardware, serving) });
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
    const { backend, layers, device } = placement;
    return await open({ backend, layers, device });
  } catch (error) {
    if (!(error instanceof EngineError) || accelerationOf(context.env) === "gpu") throw error;
    warn(`${placement.card} does not compute ${name}, the processor does: ${error.message}`);
    return undefined;
  }
}
