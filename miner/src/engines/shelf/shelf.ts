import type { Hex } from "@lode/sdk/hash";
import type { Engine, GenerateRequest } from "../engine.ts";
import { EngineError } from "../errors.ts";

export interface ShelfOptions {
  /** Memory that all loaded models may take together. */
  budgetBytes: number;
  /** Memory of a card that they may take together; without bound unless given. */
  cardBytes?: number;
  /** What each model on the card may have of it beside what is told, for its driver's own state; nothing unless given. */
  driverBytes?: number;
  /** Told in a sentence when a model's process was lost. */
  warn: (sentence: string) => void;
  /** Told when a model was loaded, or left to make room. */
  onChange: (modelDigest: Hex, isLoaded: boolean) => void;
  /** Told when there is room for other models than before. */
  onRoom?: () => void;
  /** Milliseconds, only for differences. */
  now?: () => number;
}

export interface Shelving {
  /** What it takes when it is loaded. */
  bytes: number;
  /** What it takes of a card's memory; nothing unless given. */
  cardBytes?: number;
  /** How long it took to load, milliseconds. */
  loadMs: number;
  /** Loads it again, to serve just as it did the first time. */
  open: () => Promise<Engine>;
}

/** Memory that a model takes; see `Shelving`. */
export interface Room {
  readonly bytes: number;
  readonly cardBytes?: number | undefined;
}

type Left = Readonly<Record<"bytes" | "cardBytes", number>>;

interface Slot extends Shelving {
  readonly info: Engine["info"];
  /** Loaded, or on its way. */
  opened: Promise<Engine> | undefined;
  /** It takes memory. */
  isLoaded: boolean;
  /** The one that was loaded last. */
  engine: Engine;
  /** Jobs that run, or wait for it to be loaded. */
  users: number;
  /** Place in the order of use. */
  usedAt: number;
  /** When its process was lost, within the last while. */
  lostAtMs: number[];
}

/** A model that dies so often within so long will do so again. */
const [mostLosses, lossesMs] = [3, 3_600_000];

/**
 * Several models on one machine, of which as many are loaded as memory allows. A job loads what it needs; the model whose last job is
 * the longest ago leaves for it, one that is wanted after all others, one that works never.
 */
export class Shelf {
  /** Resolves when a model is lost for good: with the reason; with nothing after `close`. */
  readonly stopped: Promise<EngineError | undefined>;
  readonly #options: ShelfOptions;
  readonly #slots: Slot[] = [];
  readonly #stop: (error: EngineError | undefined) => void;
  /** Digests, the most wanted first. */
  #wanted: readonly string[] = [];
  /** One model is loaded at a time: two would count the same room. */
  #turn: Promise<unknown> = Promise.resolve();
  #uses = 0;
  /** Which models had room when `onRoom` was told last. */
  #rooms = "";
  /** Of the card's memory, for all loaded models together; less where somebody else has taken of it. */
  #cardBytes: number;
  #isMoving = false;
  #isClosed = false;

  constructor(options: ShelfOptions) {
    this.#options = options;
    this.#cardBytes = options.cardBytes ?? Infinity;
    const { promise, resolve } = Promise.withResolvers<EngineError | undefined>();
    [this.stopped, this.#stop] = [promise, resolve];
  }

  /** Takes a model that is loaded, at the moment alone. Its digest must be new here. */
  async add(engine: Engine, shelving: Shelving): Promise<Engine> {
    const { info } = engine;
    if (this.#slots.some((slot) => slot.info.modelDigest === info.modelDigest)) {
      await engine.close();
      throw new EngineError("bad-request", `The model ${info.modelName} is named twice.`);
    }
    const slot: Slot = {
      ...{ ...shelving, info, engine, opened: Promise.resolve(engine), isLoaded: true, users: 0, lostAtMs: [] },
      usedAt: (this.#uses += 1),
    };
    this.#slots.push(slot);
    this.#watch(slot, engine);
    return this.#shelved(slot, engine.count !== undefined);
  }

  /**
   * Takes another model while those that are here serve: room is made for it as for a job's.
   * @param bytes what it will take; `open` says what it does take
   * Throws EngineError `out-of-memory` where the models that work leave too little, and what `open` throws.
   */
  async takeIn(
    { name, bytes, cardBytes }: { name: string } & Room,
    open: () => Promise<{ engine: Engine; shelving: Shelving }>,
  ): Promise<Engine> {
    return this.#inTurn(async () => {
      await this.#makeRoom(name, { bytes, cardBytes });
      const { engine, shelving } = await open();
      return this.add(engine, shelving);
    });
  }

  /** Whether a model would fit beside those that work now. */
  couldHold(room: Room): boolean {
    return isWithin(this.#left(this.#slots.filter(({ users }) => users > 0)), room);
  }

  /** A model is being loaded, or leaves for one. */
  get isMoving(): boolean {
    return this.#isMoving;
  }

  /** Of the card's memory, for all loaded models together, as far as was seen. */
  get cardBytes(): number {
    return this.#cardBytes;
  }

  /** @param freeBytes what is free of the card now, less what stays free: with what loaded models have of it, all that they may take */
  seeCard(freeBytes: number): void {
    // While a model comes or goes nobody knows whose memory it is.
    if (this.#isMoving) return;
    // What our own drivers have is nobody else's: it goes with the models that leave.
    this.#cardBytes = Math.min(this.#options.cardBytes ?? Infinity, freeBytes + this.#onCard(this.#loaded()));
    this.#tellRoom();
  }

  /**
   * The machine, or only its card, is short of memory: lets go of the model there that will be missed least, and says whether one
   * without work was loaded.
   */
  async relieve(what: "memory" | "card" = "memory"): Promise<boolean> {
    return this.#inTurn(async () => {
      const [least] = this.#leastMissed().filter((slot) => what === "memory" || isOnCard(slot));
      if (least === undefined) return false;
      await this.#unload(least);
      return true;
    });
  }

  /** Lets every model go that has no work, so that another can be looked at alone. */
  async clear(): Promise<void> {
    for (const slot of this.#slots) if (slot.users === 0) await this.#unload(slot);
  }

  /** What is asked for stays longer, and is loaded by itself while nothing has to leave for it. Digests, the most wanted first. */
  async prefer(digests: readonly string[]): Promise<void> {
    this.#wanted = digests;
    for (const digest of digests) {
      const slot = this.#slots.find(({ info }) => info.modelDigest === digest);
      if (slot === undefined || slot.opened !== undefined || !this.#fits(slot)) continue;
      // One that cannot be loaded now is tried again for its next job.
      await this.#take(slot).then(
        () => this.#release(slot),
        () => undefined,
      );
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#turn.catch(() => undefined);
    await Promise.all(this.#slots.map((slot) => this.#unload(slot)));
    this.#stop(undefined);
  }

  #shelved(slot: Slot, doesCount: boolean): Engine {
    const take = (signal: AbortSignal): Promise<Engine> => this.#takeFor(slot, signal);
    const release = (): void => this.#release(slot);
    const hasRoom = (): boolean => this.#hasRoom(slot);
    const close = (): Promise<void> => this.#unload(slot);
    // What nobody pays for loads nothing, and makes nothing leave.
    const count = async (prompt: GenerateRequest["prompt"], signal: AbortSignal): Promise<number> => {
      const engine = slot.isLoaded ? await slot.opened : undefined;
      if (engine?.count === undefined) throw new EngineError("busy", "The model is not loaded now.");
      return engine.count(prompt, signal);
    };
    return {
      info: slot.info,
      stopped: this.stopped,
      get isLoaded() {
        return slot.isLoaded && slot.engine.isLoaded !== false;
      },
      get loadMs() {
        return slot.loadMs;
      },
      get hasRoom() {
        return hasRoom();
      },
      async *start(request, signal) {
        const engine = await take(signal);
        try {
          yield* engine.start(request, signal);
        } finally {
          release();
        }
      },
      async embed(request, signal) {
        const engine = await take(signal);
        try {
          return await engine.embed(request, signal);
        } finally {
          release();
        }
      },
      ...(doesCount && { count }),
      close,
    };
  }

  /** The loaded engine, for one job. An abort is answered at once, while the model goes on loading for the next job. */
  async #takeFor(slot: Slot, signal: AbortSignal): Promise<Engine> {
    const aborted = (): EngineError =>
      new EngineError("aborted", "The job was aborted while its model was loaded.", { cause: signal.reason });
    if (signal.aborted) throw aborted();
    const taken = this.#take(slot);
    const { promise, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(aborted());
    signal.addEventListener("abort", onAbort);
    try {
      return await Promise.race([taken, promise]);
    } catch (error) {
      // A failed take has released it.
      if (isAborted(signal)) taken.then(() => this.#release(slot)).catch(() => undefined);
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  async #take(slot: Slot): Promise<Engine> {
    slot.users += 1;
    slot.usedAt = this.#uses += 1;
    this.#tellRoom();
    try {
      return await (slot.opened ??= this.#load(slot));
    } catch (error) {
      slot.opened = undefined;
      this.#release(slot);
      throw error;
    }
  }

  #release(slot: Slot): void {
    slot.users -= 1;
    this.#tellRoom();
  }

  #hasRoom(slot: Slot): boolean {
    // Loaded, it may be of several processes that are all being opened again.
    if (slot.isLoaded && slot.engine.hasRoom === false) return false;
    return slot.opened !== undefined || this.couldHold(slot);
  }

  #tellRoom(): void {
    const rooms = this.#slots.map((slot) => (this.#hasRoom(slot) ? "1" : "0")).join("");
    if (rooms === this.#rooms) return;
    this.#rooms = rooms;
    this.#options.onRoom?.();
  }

  async #load(slot: Slot): Promise<Engine> {
    return this.#inTurn(async () => {
      await this.#makeRoom(slot.info.modelName, slot, slot);
      const startedMs = this.#now();
      const engine = await this.#open(slot);
      [slot.engine, slot.isLoaded] = [engine, true];
      slot.loadMs = this.#now() - startedMs;
      this.#watch(slot, engine);
      this.#options.onChange(slot.info.modelDigest, true);
      return engine;
    });
  }

  #now(): number {
    return this.#options.now?.() ?? performance.now();
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#turn = promise;
    await before;
    try {
      if (this.#isClosed) throw new EngineError("engine-closed", "The engine was closed.");
      this.#isMoving = true;
      return await work();
    } finally {
      this.#isMoving = false;
      resolve(undefined);
    }
  }

  async #open(slot: Slot): Promise<Engine> {
    try {
      return await slot.open();
    } catch (error) {
      // Memory may be there for the next job; a file that cannot be loaded any more will not get better.
      if (error instanceof EngineError && !error.retryable) this.#lose(slot, error);
      throw error;
    }
  }

  /** Throws EngineError `out-of-memory` where the models that work leave too little, and then nobody leaves in vain. */
  async #makeRoom(name: string, room: Room, but?: Slot): Promise<void> {
    const none = (): EngineError => new EngineError("out-of-memory", `The models that work leave no room for ${name}.`);
    const working = this.#loaded(but).filter(({ users }) => users > 0);
    if (!isWithin(this.#left(working), room)) throw none();
    for (const other of this.#leastMissed(but)) {
      if (this.#fits(room, but)) return;
      // Where the card alone is short, nobody leaves who is not on it.
      const isOfUse = this.#left(this.#loaded(but)).bytes < room.bytes || isOnCard(other);
      // A job may have come for it in the meantime.
      if (isOfUse && other.users === 0) await this.#unload(other);
    }
    if (!this.#fits(room, but)) throw none();
  }

  /** Loaded models without work: those first that nobody asks for, then those whose last job is the longest ago. */
  #leastMissed(but?: Slot): Slot[] {
    const rank = ({ info }: Slot): number => {
      const place = this.#wanted.indexOf(info.modelDigest);
      return place < 0 ? Infinity : place;
    };
    return this.#slots
      .filter((other) => other !== but && other.isLoaded && other.users === 0)
      .sort((a, b) => (rank(a) === rank(b) ? a.usedAt - b.usedAt : rank(b) - rank(a)));
  }

  #fits(room: Room, but?: Slot): boolean {
    return isWithin(this.#left(this.#loaded(but)), room);
  }

  #loaded(but?: Slot): Slot[] {
    return this.#slots.filter((slot) => slot !== but && slot.isLoaded);
  }

  /** What these leave. */
  #left(slots: readonly Slot[]): Left {
    return {
      bytes: this.#options.budgetBytes - sum(slots.map(({ bytes }) => bytes)),
      cardBytes: this.#cardBytes - this.#onCard(slots),
    };
  }

  /** What models have of the card, with the driver of each; what a newcomer's takes is in what stays free. */
  #onCard(slots: readonly Slot[]): number {
    const { driverBytes = 0 } = this.#options;
    return sum(slots.filter(isOnCard).map(({ cardBytes = 0 }) => cardBytes + driverBytes));
  }

  async #unload(slot: Slot): Promise<void> {
    const { opened } = slot;
    // At once: the next job shall load it again, and not get what is about to end.
    slot.opened = undefined;
    const engine = await opened?.catch(() => undefined);
    if (engine === undefined) return;
    await engine.close();
    slot.isLoaded = false;
    if (!this.#isClosed) this.#options.onChange(slot.info.modelDigest, false);
  }

  #watch(slot: Slot, engine: Engine): void {
    void engine.stopped.then((error) => {
      if (error === undefined) return;
      slot.opened = undefined;
      slot.isLoaded = false;
      this.#lose(slot, error);
      if (!this.#isClosed) this.#options.onChange(slot.info.modelDigest, false);
    });
  }

  #lose(slot: Slot, error: EngineError): void {
    const nowMs = this.#now();
    slot.lostAtMs = [...slot.lostAtMs.filter((lostMs) => nowMs - lostMs < lossesMs), nowMs];
    if (slot.lostAtMs.length > mostLosses) this.#stop(error);
    else this.#options.warn(`${slot.info.modelName} was lost and is loaded again for its next job: ${error.message}`);
  }
}

/** A signal changes while something is awaited, which narrowing does not see. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const isOnCard = ({ cardBytes = 0 }: Slot): boolean => cardBytes > 0;

const isWithin = (left: Left, { bytes, cardBytes = 0 }: Room): boolean =>
  left.bytes >= bytes && (cardBytes === 0 || left.cardBytes >= cardBytes);
