import type { WantedModel } from "@lode/protocol";
import type { ServedModel } from "../../daemon/index.ts";
import type { Engine } from "../../engines/index.ts";
import { Guests, parseGuestSource, type Entry, type GuestSource, type ModelStore } from "../../store/index.ts";
import { usage } from "../arguments.ts";
import type { Io } from "../io.ts";
import { slug } from "./model-names.ts";
import { whole, type StartOptions } from "./start-options.ts";

/** What the owner allows: see `lode miner start --help`. */
export interface Demand {
  readonly sources: readonly GuestSource[];
  readonly budgetBytes: number;
}

export interface OnDemandOptions {
  readonly demand: Demand;
  readonly store: ModelStore;
  /** What is served; grows. */
  readonly served: ServedModel[];
  /** Most models that may be served. */
  readonly mostServed: number;
  /** Opens a model of the store beside the others. */
  readonly open: (entry: Entry) => Promise<Engine>;
  /** Told that more is served. */
  readonly onServed: (model: ServedModel) => void;
  readonly warn: (sentence: string) => void;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
}

const usualFetchGb = 20;

/** What may be served when clients ask for it; undefined: nothing but what was named. Throws MinerError `usage`. */
export function demandOf(options: StartOptions, env: Io["env"]): Demand | undefined {
  const sources = options.fetch ?? (env["FETCH"] ?? "").split(",").flatMap((text) => text.trim() || []);
  const gigabytes = whole(options.fetchGb ?? env["FETCH_GB"], "--fetch-gb", 1e6) ?? usualFetchGb;
  const isOn = options.onDemand === true || env["ON_DEMAND"] === "yes" || sources.length > 0;
  return isOn ? { sources: sources.map(sourceOf), budgetBytes: gigabytes * 1e9 } : undefined;
}

function sourceOf(text: string): GuestSource {
  try {
    return parseGuestSource(text);
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error), error);
  }
}

/** Serves what clients ask for, one model after the other: the latest list counts. */
export class OnDemand {
  readonly #options: OnDemandOptions;
  readonly #guests: Guests;
  /** By market. */
  readonly #lists = new Map<string, readonly WantedModel[]>();
  #working: Promise<void> | undefined;
  #isStale = false;

  constructor(options: OnDemandOptions) {
    const { store, demand, nowMs, signal, warn } = options;
    this.#options = options;
    this.#guests = new Guests({ store, ...demand, nowMs, signal, warn });
  }

  /** Takes in a market's list, and works on it without anybody waiting. */
  take(market: string, wanted: readonly WantedModel[]): void {
    this.#lists.set(market, wanted);
    this.#isStale = true;
    this.#working ??= this.#work().finally(() => (this.#working = undefined));
  }

  /** Resolves when nothing is fetched or opened any more. */
  async idle(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    while (this.#isStale && !this.#options.signal.aborted) {
      this.#isStale = false;
      for (const model of [...this.#lists.values()].flat()) {
        if (this.#isOver()) break;
        await this.#serve(model);
      }
    }
  }

  /** A newer list came, or nothing is wanted any more. */
  #isOver(): boolean {
    return this.#isStale || this.#options.signal.aborted;
  }

  async #serve({ digest, id }: WantedModel): Promise<void> {
    const { served, mostServed, open, onServed, warn } = this.#options;
    if (served.length >= mostServed || served.some(({ engine }) => engine.info.modelDigest === digest)) return;
    try {
      const entry = await this.#guests.bring(plain(digest), this.#wanted());
      if (entry === undefined) return;
      const engine = await open(entry);
      const isFree = (name: string): boolean => served.every((other) => other.id !== name);
      const names = [id, slug(engine.info.modelName), `${slug(engine.info.modelName)}-${plain(digest).slice(0, 8)}`];
      const name = names.find((one) => one !== undefined && isFree(one));
      if (name === undefined) throw new Error("every name for it is taken");
      const model = { id: name, engine };
      served.push(model);
      onServed(model);
    } catch (error) {
      warn(
        `${id ?? digest} is asked for, but cannot be served: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  #wanted(): ReadonlySet<string> {
    return new Set([...this.#lists.values()].flat().map(({ digest }) => plain(digest)));
  }
}

const plain = (digest: string): string => digest.replace(/^0x/i, "").toLowerCase();
