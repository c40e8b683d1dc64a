/**
 * Verification: error rates on held-out prompts, honest jobs that must not be called wrong, and what checking costs.
 *
 *   npm run -s bench -- verify [--jobs 400] [--windows 10] [--sizes 12M,50M] [--parts rates,honest,cost] [--minutes 20] [--fresh] [--reuse] [--write]
 *
 * `--jobs 10000` is the long run over honest jobs of few tokens. `--sizes` names models for the cost (486M and 1100M take minutes). `--write`
 * keeps the calibrations and their curves in `miner/src/verify/calibrations`; `--reuse` takes those instead of measuring anew. With parts left out, their figures are left out too.
 *
 * A run ends after `--minutes` (an hour unless given) and says `unfinished`; the same command goes on from what is kept in `.cache/bench-verify/kept`, which `--fresh` forgets.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openEngine } from "@lode/miner/engines";
import { calibrate, drawRoc, readCalibration, usualPrompts, type Candidate } from "@lode/miner/verify";
import { root } from "../root.ts";
import { round } from "./statistics.ts";
import { measureCost, shapes } from "./verify/cost.ts";
import { play } from "./verify/held-out.ts";
import { forgetKept, keptOnce, limitOf, OutOfTimeError, type Limit } from "./verify/kept.ts";
import { countFalse, usableLibraries } from "./verify/honest-jobs.ts";
import { demoFiles } from "./verify/models.ts";
import { toplocBytesPerToken } from "./verify/toploc.ts";

const folder = join(root, "miner", "src", "verify", "calibrations");
const never = new AbortController().signal;
const note = (line: string): void => console.error(line);

/** @returns one object of figures; see BENCHMARKS.md */
export async function verify(): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      jobs: { type: "string", default: "400" },
      windows: { type: "string", default: "10" },
      "calibration-tokens": { type: "string", default: "1000" },
      sizes: { type: "string", default: "12M" },
      parts: { type: "string", default: "rates,honest,cost" },
      write: { type: "boolean", default: false },
      reuse: { type: "boolean", default: false },
      fresh: { type: "boolean", default: false },
      minutes: { type: "string", default: "60" },
    },
  });
  if (values.fresh) forgetKept();
  const limit = limitOf(Number(values.minutes));
  const parts = values.parts.split(",");
  const files = await demoFiles();
  const libraries = await usableLibraries(files.Q8_0);
  note(`processor libraries: ${libraries.join(", ")}`);
  const common = { windows: Number(values.windows), calibrationTokens: Number(values["calibration-tokens"]), limit };
  const figures: Record<string, unknown> = {
    bench: "verify",
    proofBytesPerToken: 0,
    load: round(loadavg()[0] ?? 0, 1),
  };
  const add = (more: Record<string, unknown>): unknown => Object.assign(figures, more);
  try {
    if (parts.includes("rates")) add(await rates(files, libraries, common, values));
    if (parts.includes("honest")) add(await honest(files.Q8_0, files.Q4_0, libraries, Number(values.jobs), common));
    if (parts.includes("cost")) await costs(values.sizes.split(","), limit, add);
  } catch (error) {
    if (!(error instanceof OutOfTimeError)) throw error;
    add({ unfinished: `${error.message}; the same command without --fresh goes on` });
  }
  return figures;
}

async function costs(sizes: readonly string[], limit: Limit, add: (more: Record<string, unknown>) => unknown) {
  const verifyVsGenerate: Record<string, unknown> = {};
  for (const name of sizes.filter((size) => size !== "")) {
    const shape = shapes[name];
    if (shape === undefined) throw new Error(`--sizes takes ${Object.keys(shapes).join(", ")}`);
    const how = { tokens: 256, rounds: 3, threads: 2 };
    verifyVsGenerate[name] = await keptOnce("cost", [name, how], () => {
      limit.check();
      return measureCost(shape, how);
    });
    add({ verifyVsGenerate });
    note(`${name}: ${JSON.stringify(verifyVsGenerate[name])}`);
  }
}

const served = (name: string, options: Parameters<typeof openEngine>[0]): Candidate => ({
  name,
  open: () => openEngine(options),
});

/** Libraries that differ most from each other among those that run here. */
const spread = (libraries: readonly string[]): string[] =>
  ["zen4", "icelake", "skylakex", "sandybridge", "x64"].filter((name) => libraries.includes(name)).slice(-4);

async function rates(
  files: Awaited<ReturnType<typeof demoFiles>>,
  libraries: readonly string[],
  common: { windows: number; calibrationTokens: number; limit: Limit },
  { write, reuse }: { write: boolean; reuse: boolean },
): Promise<Record<string, unknown>> {
  const kept = (name: string) =>
    reuse ? readCalibration(JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"))) : undefined;
  const onAll = (modelPath: string): Candidate[] => spread(libraries).map((cpu) => served(cpu, { modelPath, cpu }));
  const q4 = await play(
    {
      ...common,
      reference: files.Q8_0,
      calibration: kept("lode-demo.Q8_0"),
      honest: onAll(files.Q8_0),
      cheat: served("Q4_0", { modelPath: files.Q4_0 }),
      window: 300,
    },
    note,
  );
  const q8 = await play(
    {
      ...common,
      reference: files.F16,
      calibration: kept("lode-demo.F16"),
      honest: onAll(files.F16),
      cheat: served("Q8_0", { modelPath: files.Q8_0 }),
      window: 1000,
    },
    note,
  );
  if (write) {
    for (const [name, against, { calibration, curves }] of [
      ["lode-demo.Q8_0", "Q4_0", q4],
      ["lode-demo.F16", "Q8_0", q8],
    ] as const) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(calibration, null, 2)}\n`);
      writeFileSync(
        join(folder, `${name}.svg`),
        drawRoc(`${name} against ${against}: found against false alarms`, curves),
      );
    }
  }
  return {
    aucQ4VsQ8At300: round(q4.auc, 5),
    aucQ8VsF16At1000: round(q8.auc, 5),
    aucOfEvidence: { q4VsQ8At300: round(q4.aucOfEvidence, 5), q8VsF16At1000: round(q8.aucOfEvidence, 5) },
    tokensToDetectQ4: Number.isFinite(q4.tokensToDetect) ? q4.tokensToDetect : null,
    windows: { q4: q4.windows, q8: q8.windows },
    offShare: {
      q4: round(q4.offShare, 4),
      honestQ8: round(q4.honestOffShare, 4),
      q8: round(q8.offShare, 4),
      honestF16: round(q8.honestOffShare, 4),
    },
    tokensToDetectQ8: Number.isFinite(q8.tokensToDetect) ? q8.tokensToDetect : null,
    withFingerprints: {
      proofBytesPerToken: 64,
      aucQ4VsQ8At300: round(q4.aucWithFingerprints, 5),
      aucQ8VsF16At1000: round(q8.aucWithFingerprints, 5),
      tokensToDetectQ4: q4.tokensToDetectWithFingerprints,
      tokensToDetectQ8: q8.tokensToDetectWithFingerprints,
    },
    toploc: {
      proofBytesPerToken: round(toplocBytesPerToken, 2),
      aucQ4VsQ8At300: round(q4.aucToploc, 5),
      aucQ8VsF16At1000: round(q8.aucToploc, 5),
    },
  };
}

async function honest(
  modelPath: string,
  alternative: string,
  libraries: readonly string[],
  count: number,
  { calibrationTokens, limit }: { calibrationTokens: number; limit: Limit },
): Promise<Record<string, unknown>> {
  const reference = await openEngine({ modelPath, cpu: "haswell" });
  try {
    const options = {
      reference,
      honest: [
        ...libraries.map((cpu) => served(cpu, { modelPath, cpu, sequences: 2 })),
        served("batch 63", { modelPath, tuning: { threads: 1, batchSize: 63 } }),
        served("batch 512", { modelPath, tuning: { threads: 1, batchSize: 512 } }),
        served("2 threads", { modelPath, tuning: { threads: 2, batchSize: 48 } }),
      ],
      alternatives: [served("Q4_0", { modelPath: alternative })],
      prompts: usualPrompts,
      tokens: Math.ceil(calibrationTokens / 4),
      salt: "honest",
      note,
      signal: never,
    };
    const of = ["honest", reference.info, libraries, options.tokens];
    const calibration = await keptOnce("calibration", of, () => {
      limit.check();
      return calibrate(options);
    });
    const found = await countFalse({ modelPath, reference, count, libraries, statistical: { calibration }, limit });
    const { jobs, tokens, wrong, undecided, byEngine } = found;
    return {
      falseSlashes: wrong,
      honestJobs: jobs,
      honestTokens: tokens,
      honestUndecided: undecided,
      falseByEngine: byEngine,
    };
  } finally {
    await reference.close();
  }
}
