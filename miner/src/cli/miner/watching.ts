import {
  createProcessorLoad,
  Figures,
  machineMetrics,
  serveMetrics,
  watchConditions,
  type ConditionLimits,
  type MachineMetrics,
  type MetricsServer,
  type MinerEvent,
  type Station,
} from "../../daemon/index.ts";
import type { Engine } from "../../engines/index.ts";
import { availableMemory, freeCardBytes, localMachine, sample, type Hardware } from "../../hardware/index.ts";
import { isDescendant } from "./descendant.ts";

export interface WatchingOptions {
  station: Station;
  hardware: Pick<Hardware, "gpus">;
  limits: ConditionLimits;
  yieldsCard: boolean;
  /** Of `lode_miner_info`. */
  labels: Readonly<Record<string, string>>;
  /** Where figures are served; nowhere unless given. */
  metrics: { host: string; port: number } | undefined;
  engines: readonly Pick<Engine, "drawn">[];
  signal: AbortSignal;
  /** Who made the cards that models are computed on. */
  cardVendors: () => ReadonlySet<string>;
  /** Told at each look how much memory the system and its card could still give, in bytes; Infinity where that is not told. */
  onMemory: (left: { readonly memoryBytes: number; readonly cardBytes: number }) => void;
  emit: (event: MinerEvent) => void;
}

/** The daemon's eyes on its machine, and its figures. */
export interface Watching {
  readonly figures: Figures;
  readonly machineMetrics: () => MachineMetrics;
  /** Waits for the last look, and ends the server. */
  close(): Promise<void>;
}

/** A sensor's tool that takes longer tells of another moment. */
const toolMs = 2000;

export async function startWatching(options: WatchingOptions): Promise<Watching> {
  const { station, hardware, limits, yieldsCard, cardVendors, labels, metrics, engines, signal, onMemory, emit } =
    options;
  const figures = new Figures(station, labels, Date.now(), () => {
    const told = engines.flatMap(({ drawn }) => drawn ?? []);
    return told.length === 0 ? undefined : told.reduce((sum, one) => sum + one, 0);
  });
  const server: MetricsServer | undefined =
    metrics === undefined ? undefined : await serveMetrics(metrics, () => figures.text(Date.now()));
  if (server !== undefined && metrics !== undefined) {
    emit({ event: "metrics", url: `http://${hostInUrl(metrics.host)}:${server.port}/metrics` });
  }
  const machine = localMachine(toolMs);
  const vendors = [...new Set(hardware.gpus.map(({ vendor }) => vendor))];
  const stop = new AbortController();
  const watching = watchConditions({
    ...{ station, limits, yieldsCard, cardVendors, signal: AbortSignal.any([signal, stop.signal]) },
    sample: () => sample({ machine, vendors, usesCard: cardVendors().size > 0, isOurs: isDescendant, nowMs: Date.now }),
    nowMs: Date.now,
    onSample: (seen) => {
      figures.take(seen);
      // macOS calls only untouched pages free, which says nothing there.
      const memoryBytes = process.platform === "darwin" ? Infinity : availableMemory();
      onMemory({ memoryBytes, cardBytes: freeCardBytes(seen.gpus) });
    },
    warn: (message) => emit({ event: "warning", message }),
    onReason: (reason) => emit({ event: "conditions", ...(reason !== undefined && { reason }) }),
  });
  const processorLoad = createProcessorLoad();
  return {
    figures,
    machineMetrics: () =>
      machineMetrics(figures.sample, processorLoad(), {
        joules: figures.energy.joules,
        tokensPerKj: figures.tokensPerKj,
      }),
    async close() {
      stop.abort();
      await watching;
      await server?.close();
    },
  };
}

/** An IPv6 address stands in brackets. */
const hostInUrl = (host: string): string => (host.includes(":") ? `[${host}]` : host);
