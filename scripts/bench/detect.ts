/** How long the miner takes to know its machine, each time in a fresh process, and how much of its disk it takes. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageMiner, type PackagedMiner } from "../package/miner.ts";
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
 * without the engine's process, which is most of it; `probes`: how many looks one detection takes, by what came of them;
 * `installMb`: the packaged miner on the disk, without Node and without variants for GPUs; `installParts`: what is in it
 */
export async function detect(): Promise<Record<string, unknown>> {
  const rounds: Round[] = [];
  const bare: Round[] = [];
  for (let number = 0; number < ROUNDS; number += 1) {
    rounds.push(await runRound("full"));
    bare.push(await runRound("bare"));
  }
  const { bytes, parts } = await packaged();
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
    installMb: round(bytes / 1e6, 1),
    installParts: Object.fromEntries(Object.entries(parts).map(([name, size]) => [name, round(size / 1e6, 1)])),
  };
}

async function packaged(): Promise<PackagedMiner> {
  const folder = await mkdtemp(join(tmpdir(), "lode-package-"));
  try {
    return await packageMiner(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function runRound(kind: "full" | "bare"): Promise<Round> {
  const script = join(root, "scripts", "bench", "detect-once.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [script, kind], { cwd: root });
  return JSON.parse(stdout) as Round;
}
