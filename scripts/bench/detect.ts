/** How long the miner takes to know its machine: every probe, the engine's own included, each time in a fresh process. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../root.ts";
import { median, percentile, round } from "./statistics.ts";

const ROUNDS = 11;

interface Round {
  detectMs: number;
  gpus: number;
  outcomes: Record<string, number>;
  slowest: string;
}

/**
 * @returns `detectMs`: the median of full detections, from the call to the answer; `detectP90Ms`; `withoutEngineMs`: the same
 * without the engine's process, which is most of it; `probes`: how many looks one detection takes, by what came of them
 */
export async function detect(): Promise<Record<string, unknown>> {
  const rounds: Round[] = [];
  const bare: Round[] = [];
  for (let number = 0; number < ROUNDS; number += 1) {
    rounds.push(await runRound("full"));
    bare.push(await runRound("bare"));
  }
  const times = rounds.map(({ detectMs }) => detectMs);
  return {
    bench: "detect",
    rounds: ROUNDS,
    detectMs: round(median(times), 0),
    detectP90Ms: round(percentile(times, 0.9), 0),
    withoutEngineMs: round(median(bare.map(({ detectMs }) => detectMs)), 0),
    slowest: rounds.at(-1)?.slowest,
    gpus: rounds.at(-1)?.gpus,
    probes: rounds.at(-1)?.outcomes,
  };
}

async function runRound(kind: "full" | "bare"): Promise<Round> {
  const script = join(root, "scripts", "bench", "detect-once.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [script, kind], { cwd: root });
  return JSON.parse(stdout) as Round;
}
