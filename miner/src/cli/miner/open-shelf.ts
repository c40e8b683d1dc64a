import { memoryBudget, servedBytes, usualContext } from "../../daemon/index.ts";
import { Shelf, type Engine } from "../../engines/index.ts";
import { cardBudget, cardBudgetOf, placementSentence, type Serving } from "../../hardware/index.ts";
import type { Entry, ModelFile } from "../../store/index.ts";
import { fileOf, openFile, openResolved, placementOf, type OpenedFile } from "./open-file.ts";
import type { Opened, OpenOptions, Shut } from "./opened.ts";
import { accelerationOf } from "./start-options.ts";

/** Twice of what jobs are refused below: a model that leaves in time keeps the others working. */
const scarceBytes = 256 * 2 ** 20;
/** What a driver has of a card for each process that computes there: CUDA's context takes 300 to 500 MB. */
const driverBytes = 512 * 2 ** 20;

/** Each is loaded once, to see that it can be and what it takes; the one named first stays. */
export async function openShelf(names: readonly string[], start: OpenOptions, shut: Shut): Promise<Opened> {
  const { hardware, serving, warn, onModel, onRoom } = start;
  const budgetBytes = memoryBudget(hardware, serving.maxMemoryMb);
  let isOpen = false;
  const cardVendors = new Set<string>();
  const shelf = new Shelf({
    ...{ budgetBytes, cardBytes: cardBudget(hardware.gpus), driverBytes: serving.workers * driverBytes, warn, onRoom },
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
      const { engine, model, again, loadMs, cardBytes, cardVendor } = await openFile(name, start, shut);
      files.push(model);
      if (cardVendor !== undefined) cardVendors.add(cardVendor);
      const { contextTokens, sequences, sizeBytes } = engine.info;
      const each = { contextTokens, sequences: sequences / serving.workers, sizeBytes };
      const bytes = serving.workers * servedBytes(model.path, hardware, each);
      engines.unshift(await shelf.add(engine, { bytes, cardBytes, loadMs, open: () => again() }));
    }
    const [head, ...others] = engines;
    if (head === undefined) throw new Error("no model is named");
    isOpen = true;
    const prefer = (digests: readonly string[]): Promise<void> => shelf.prefer(digests);
    const openMore = async (entry: Entry): Promise<Engine> => {
      const file = await fileOf(entry.sha256, start);
      const taken: ModelFile[] = [];
      try {
        return await takeIn(shelf, { file, entry, budgetBytes, start, shut }, (opened) => {
          if (opened.cardVendor !== undefined) cardVendors.add(opened.cardVendor);
          taken.push(file);
          files.push(file);
        });
      } finally {
        if (taken.length === 0) await file.release();
      }
    };
    const relieve: Opened["relieve"] = async ({ memoryBytes, cardBytes }) => {
      shelf.seeCard(cardBudgetOf(cardBytes));
      if (memoryBytes < scarceBytes && (await shelf.relieve())) warn("Memory is short: a model without work leaves.");
      else if (cardVendors.size > 0 && cardBytes < scarceBytes && (await shelf.relieve("card")))
        warn("The card's memory is short: a model without work leaves it.");
    };
    const stays = { isServer: false, stopped: shelf.stopped, cardVendors: () => cardVendors, prefer, relieve, close };
    return { engines: [head, ...others], ...stays, ...(start.isOpenEnded && { openMore }) };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Guest {
  readonly file: ModelFile;
  readonly entry: Entry;
  readonly budgetBytes: number;
  readonly start: OpenOptions;
  readonly shut: Shut;
}

/** Opens a model beside the others: what it takes is known before it is loaded, so that they make room for it, on a card too. */
async function takeIn(
  shelf: Shelf,
  { file, entry: { sizeBytes, title }, budgetBytes, start, shut }: Guest,
  onOpened: (opened: OpenedFile) => void,
): Promise<Engine> {
  const { hardware, serving, context } = start;
  const { sequences, workers, contextTokens = usualContext } = serving;
  const bytesOf = (each: Serving): number => workers * servedBytes(file.path, hardware, { ...each, sizeBytes });
  let placement = await placementOf(file.path, title, start, shelf.cardBytes);
  const isFlexible = accelerationOf(context.env) !== "gpu";
  if (placement.on === "card" && isFlexible && !shelf.couldHold({ bytes: 0, cardBytes: placement.bytes })) {
    placement = { on: "processor", reason: "the models that work leave no room on the card" };
    context.note(`${title}: ${placementSentence(placement)}`);
  }
  const planned = {
    bytes: Math.min(bytesOf({ sequences, contextTokens }), budgetBytes),
    cardBytes: placement.on === "card" ? placement.bytes : 0,
  };
  return shelf.takeIn({ name: title, ...planned }, async () => {
    const opened = await openResolved(file, title, start, shut, placement);
    onOpened(opened);
    const { engine, again, loadMs, cardBytes } = opened;
    const { info } = engine;
    const bytes = bytesOf({ contextTokens: info.contextTokens, sequences: info.sequences / workers });
    return { engine, shelving: { bytes, cardBytes, loadMs, open: () => again() } };
  });
}
