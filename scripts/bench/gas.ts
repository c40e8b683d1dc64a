/**
 * What the contracts cost: the whole gas of transactions, from their receipts on a fresh chain with the repository's
 * deployment. Each figure is the receipt's `gasUsed`: 21,000, calldata and execution, less refunds.
 */
import { Processes } from "../processes/processes.ts";
import { measureBacklog } from "./gas/backlog.ts";
import { makeBed } from "./gas/bed.ts";
import { measureSingles } from "./gas/single.ts";
import { gasTable } from "./gas/table.ts";
import { measureWorkload } from "./gas/workload.ts";
import { measureZk } from "./gas/zk.ts";
import { flatten, type GasFigures } from "./gas/result.ts";

/** Prints a table for people and hands back every figure by name. */
export async function gas(): Promise<Record<string, unknown>> {
  const figures = await measureGas();
  console.log(gasTable(figures));
  return { bench: "gas", ...figures };
}

/** Measures everything; the same contracts give the same figures on every machine. */
export async function measureGas(): Promise<GasFigures> {
  const processes = new Processes();
  try {
    const bed = await makeBed(processes);
    const singles = await measureSingles(bed);
    const backlog = await measureBacklog(bed);
    const workload = await measureWorkload(bed);
    return { ...flatten(singles, backlog, workload), ...(await measureZk(bed)) };
  } finally {
    await processes.stopAll();
  }
}
