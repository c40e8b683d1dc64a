import type { AbiEvent } from "viem";
import { MappingError } from "./errors.ts";
import { Heap, type MappingExports } from "./heap.ts";
import { makeImports, type Surroundings } from "./imports.ts";
import { writeEvent, type Trigger } from "./trigger.ts";
import { webAssembly, type CompiledModule } from "./webassembly.ts";

/** An instance is replaced when its memory has grown to this: the stub runtime frees nothing. */
const MEMORY_LIMIT = 4 * 1024 * 1024;

interface Running {
  readonly heap: Heap;
  readonly exports: MappingExports & Record<string, unknown>;
}

/**
 * A compiled mapping. Like graph-node it keeps nothing from one handler to the next: an instance serves several only to
 * save its making, and mappings have no globals that change.
 */
export class MappingModule {
  readonly #module: CompiledModule;
  readonly #name: string;
  #running: Running | undefined;
  #around: Surroundings | undefined;

  /** @throws {MappingError} for imports that this host does not have */
  constructor(name: string, wasm: Uint8Array) {
    this.#name = name;
    this.#module = new webAssembly.Module(wasm);
    const known = makeImports(notRunning, notRunning);
    for (const { module, name: item } of webAssembly.Module.imports(this.#module)) {
      if (known[module]?.[item] === undefined) {
        throw new MappingError(
          "mapping_import",
          `The mapping ${name} imports ${item}, which this indexer does not have.`,
        );
      }
    }
  }

  /**
   * Runs a handler for a log.
   * @throws {MappingError} when the mapping fails; whatever `around` throws passes through
   */
  run(handler: string, event: AbiEvent, trigger: Trigger, around: Surroundings): void {
    const running = (this.#running ??= this.#start());
    const handle = running.exports[handler];
    if (typeof handle !== "function") {
      throw new MappingError("mapping_handler", `The mapping ${this.#name} has no ${handler}.`);
    }
    this.#around = around;
    try {
      (handle as (pointer: number) => void)(writeEvent(running.heap, event, trigger));
    } catch (error) {
      // A handler that ended in the middle may leave anything behind.
      this.#running = undefined;
      if (!(error instanceof webAssembly.RuntimeError)) throw error;
      throw new MappingError("mapping_trapped", `The mapping ${this.#name} failed in ${handler}: ${error.message}.`, {
        cause: error,
      });
    } finally {
      this.#around = undefined;
    }
    if (running.heap.size > MEMORY_LIMIT) this.#running = undefined;
  }

  #start(): Running {
    const made: { heap?: Heap } = {};
    const around = (): Surroundings => this.#around ?? notRunning();
    const imports = makeImports(() => made.heap ?? notRunning(), around);
    const { exports } = new webAssembly.Instance(this.#module, imports);
    const known = exports as MappingExports & Record<string, unknown>;
    made.heap = new Heap(known);
    known._start?.();
    return { heap: made.heap, exports: known };
  }
}

function notRunning(): never {
  throw new MappingError("mapping_idle", "A mapping called its host outside a handler.");
}
