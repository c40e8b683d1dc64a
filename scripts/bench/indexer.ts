/**
 * The embedded indexer: how fast it catches up with a chain that is there, and how far it is behind one that grows. In this
 * process, on a fresh chain, with the database in memory.
 */
import { setTimeout as pause } from "node:timers/promises";
import { startIndexer } from "../../subgraph/indexer/start.ts";
import { Processes } from "../processes/processes.ts";
import { ensureSubgraphBuilt } from "../subgraph/build.ts";
import { depositPool } from "./gas/acts.ts";
import { makeBed, type Bed } from "./gas/bed.ts";
import { percentile } from "./statistics.ts";

const DEPOSITS = 500;
const LAG_SAMPLES = 30;
const POLL_MS = 50;

/** Prints nothing but its figures: events handled per second while catching up, milliseconds from a block to its index. */
export async function indexer(): Promise<Record<string, unknown>> {
  await ensureSubgraphBuilt();
  const processes = new Processes();
  try {
    return await measure(await makeBed(processes));
  } finally {
    await processes.stopAll();
  }
}

async function measure(bed: Bed): Promise<Record<string, unknown>> {
  const person = await bed.person("depositor");
  for (let index = 0; index < DEPOSITS; index++) await depositPool(bed, person, BigInt(index + 1));
  const rpcUrl = bed.client.transport.url;
  if (rpcUrl === undefined) throw new Error("the chain has no address");
  const options = {
    rpcUrl,
    addresses: bed.addresses,
    folder: undefined,
    port: 0,
    pollMs: POLL_MS,
    note: () => undefined,
  };
  const running = await startIndexer(options);
  try {
    const started = performance.now();
    const reach = async (block: bigint): Promise<void> => {
      while ((running.indexer.head?.number ?? -1n) < block) await Promise.race([pause(1), running.ended]);
    };
    await reach(await bed.client.getBlockNumber({ cacheTime: 0 }));
    const catchUpMs = performance.now() - started;
    const events = running.indexer.handled;
    const lags: number[] = [];
    for (let sample = 0; sample < LAG_SAMPLES; sample++) {
      await depositPool(bed, person, 1n);
      const mined = performance.now();
      await reach(await bed.client.getBlockNumber({ cacheTime: 0 }));
      lags.push(performance.now() - mined);
    }
    return {
      bench: "indexer",
      events,
      eventsPerS: Math.round(events / (catchUpMs / 1_000)),
      pollMs: POLL_MS,
      lagP50Ms: Math.round(percentile(lags, 0.5)),
      lagP95Ms: Math.round(percentile(lags, 0.95)),
      rssMb: Math.round(process.memoryUsage().rss / 1e6),
    };
  } finally {
    await running.stop();
  }
}
