/** How well class B tells models apart on prompts and seeds that its calibration has not seen. */
import { openEngine, type Engine } from "@lode/miner/engines";
import {
  areaUnder,
  calibrate,
  createSequentialTest,
  observe,
  probeOf,
  separate,
  usualPrompts,
  windowsOf,
  type Calibration,
  type Candidate,
  type Curve,
  type Mark,
} from "@lode/miner/verify";
import { median } from "../statistics.ts";
import { toplocScores } from "./toploc.ts";

/** None of them is among those of the calibration. */
const heldOut = [
  "Tell me a very long story about a dog.",
  "Write a story with three children.",
  "Please tell a story before I sleep.",
  "Write about a walk in the forest.",
  "What happened at school today? Tell me everything.",
  "Tell the story of a lost kite.",
  "Write a long text about a house by the sea.",
  "Make up a story about two friends and a boat.",
];
const never = new AbortController().signal;

/** One job, as the tests see it. */
interface Job {
  readonly tokens: number;
  /** Without fingerprints: a claim of no proof bytes. */
  readonly bare: readonly Mark[];
  readonly withFingerprints: readonly Mark[];
  readonly toploc: readonly number[];
}

export interface Matchup {
  /** Serves what is promised, on engines of other classes than the reference's. */
  readonly honest: readonly Candidate[];
  readonly cheat: Candidate;
  readonly reference: string;
  readonly calibrationTokens: number;
  /** A calibration to take as it is; measured anew where there is none. */
  readonly calibration?: Calibration | undefined;
  readonly window: number;
  readonly windows: number;
}

export interface MatchupFigures {
  readonly auc: number;
  readonly aucWithFingerprints: number;
  readonly aucToploc: number;
  /** Share of the cheat's tokens that come out differently, and of the honest ones'. */
  readonly offShare: number;
  readonly honestOffShare: number;
  /** Median tokens until the sequential test accuses. */
  readonly tokensToDetect: number;
  readonly tokensToDetectWithFingerprints: number;
  readonly windows: number;
  /** Of claims without proof bytes, for windows of some lengths. */
  readonly curves: readonly Curve[];
  readonly calibration: Calibration;
}

async function jobsOf(candidate: Candidate, reference: Engine, salt: string, tokens: number): Promise<Job[]> {
  const prover = await candidate.open();
  try {
    const jobs: Job[] = [];
    let seen = 0;
    for (let number = 0; seen < tokens; number += 1) {
      // Only jobs as clients send them when they say nothing: temperature 1, the best forty.
      if (number % 10 < 2) continue;
      const found = await observe(probeOf(heldOut, salt, number), { prover, reference, top: 128, signal: never });
      if (found === undefined) continue;
      const { marks, served, checked, outputIds } = found;
      seen += outputIds.length;
      jobs.push({
        tokens: outputIds.length,
        bare: marks.filter(({ kind }) => kind !== "fingerprint"),
        withFingerprints: marks,
        toploc: toplocScores(served.tokens, checked.tokens),
      });
    }
    return jobs;
  } finally {
    await prover.close();
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

export async function play(matchup: Matchup, note: (line: string) => void): Promise<MatchupFigures> {
  const { honest, cheat, window, windows, calibrationTokens } = matchup;
  const reference = await openEngine({ modelPath: matchup.reference, cpu: "haswell" });
  try {
    const common = { reference, honest, prompts: usualPrompts, tokens: calibrationTokens, salt: "calibration" };
    const calibration =
      matchup.calibration ?? (await calibrate({ ...common, alternatives: [cheat], note, signal: never }));
    const test = createSequentialTest(calibration);
    const each = Math.ceil((window * windows) / honest.length);
    const fair: Job[][] = [];
    for (const candidate of honest) fair.push(await jobsOf(candidate, reference, `held out ${candidate.name}`, each));
    const other = await jobsOf(cheat, reference, "held out cheat", window * windows);
    note(`held out: ${fair.flat().length} honest jobs, ${other.length} of ${cheat.name}`);

    const score = (marks: readonly Mark[]): number => test.evidence(marks)[0] ?? 0;
    const scores = (jobs: readonly Job[], key: "bare" | "withFingerprints"): number[] => {
      // A window of so many tokens: with fingerprints each has two marks.
      const size = key === "bare" ? window : 2 * window;
      return windowsOf(
        jobs.flatMap((job) => job[key]),
        size,
      ).map(score);
    };
    const chunks = Math.floor(window / 32);
    const toploc = (jobs: readonly Job[]): number[] =>
      windowsOf(
        jobs.flatMap((job) => job.toploc),
        chunks,
      ).map(mean);
    const area = (of: (jobs: readonly Job[]) => number[]): number =>
      areaUnder({ honest: fair.flatMap(of), other: of(other) });
    const offShare = (jobs: readonly Job[]): number =>
      mean(jobs.flatMap(({ bare }) => bare.map(({ distance }) => (distance > 0 ? 1 : 0))));
    return {
      auc: area((jobs) => scores(jobs, "bare")),
      aucWithFingerprints: area((jobs) => scores(jobs, "withFingerprints")),
      aucToploc: area(toploc),
      offShare: offShare(other),
      honestOffShare: offShare(fair.flat()),
      tokensToDetect: detect(test, other, "bare"),
      tokensToDetectWithFingerprints: detect(test, other, "withFingerprints"),
      curves: [50, 100, 300, 1000].flatMap((size) => {
        const bare = (jobs: readonly Job[]): Mark[] => jobs.flatMap((job) => job.bare);
        const found = separate(calibration, 0, { honest: fair.map(bare), other: bare(other) }, size);
        if (found === undefined) return [];
        return [{ label: `${size} tokens: AUC ${found.auc.toFixed(4)}`, points: found.curve }];
      }),
      windows: Math.floor(other.reduce((sum, { tokens }) => sum + tokens, 0) / window),
      calibration,
    };
  } finally {
    await reference.close();
  }
}

/** Runs the test over the jobs, from the beginning after each accusation. Whole jobs: that is what is drawn. */
function detect(
  test: ReturnType<typeof createSequentialTest>,
  jobs: readonly Job[],
  key: "bare" | "withFingerprints",
): number {
  const lengths: number[] = [];
  let [state, tokens] = [test.start, 0];
  for (const job of jobs) {
    state = test.next(state, job[key]);
    tokens += job.tokens;
    if (test.standing(state) !== "guilty") continue;
    lengths.push(tokens);
    [state, tokens] = [test.start, 0];
  }
  return lengths.length === 0 ? Infinity : median(lengths);
}
