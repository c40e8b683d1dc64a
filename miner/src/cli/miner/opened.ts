import type { Hex } from "@lode/sdk/hash";
import type { ControlGroups, Engine, EngineError, EngineOptions, Sandbox } from "../../engines/index.ts";
import type { Hardware } from "../../hardware/index.ts";
import type { Entry } from "../../store/index.ts";
import type { Context } from "../context.ts";
import type { ServingNumbers, StartOptions } from "./start-options.ts";

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
  /** Who made the cards that models of this miner's are computed on; none where processors do it. */
  readonly cardVendors: () => ReadonlySet<string>;
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
  /** Opens a model file in a process of its own; the engine's own way unless given. */
  readonly openModel?: ((options: EngineOptions) => Promise<Engine>) | undefined;
  readonly warn: (sentence: string) => void;
  /** Told when one of several models was loaded, or left to make room. */
  readonly onModel: (modelDigest: Hex, isLoaded: boolean) => void;
  /** Told when there is room for other models than before. */
  readonly onRoom: () => void;
}

/** What the engine's processes are shut in by. */
export interface Shut {
  readonly sandbox: Sandbox;
  readonly groups: ControlGroups;
}
