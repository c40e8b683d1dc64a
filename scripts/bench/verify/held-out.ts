/** How well class B tells models apart on prompts and seeds that its calibration has not seen. */
import { openEngine, type Engine } from "@lode/miner/engines";
import {
  areaUnder,
  calibrate,
  createScore,
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
import { Kept, keptOnce, type Limit } from "./kept.ts";
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
  /** Its place among the candidate's. */
  readonly number: number;
  readonly tokens: number;
  /** With those of fingerprints; `bare` leaves them out, as a claim of no proof bytes does. */
  readonly marks: readonly Mark[];
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
  readonly limit: Limit;
}

export interface MatchupFigures {
  /** By the likelihood ratio, without and with fingerprints, and by the evidence of the sequential test. */
  readonly auc: number;
  readonly aucOfEvidence: number;
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

const bare = ({ marks }: Job): Mark[] => marks.filter(({ kind }) => kind !== "fingerprint");

async function jobsOf(
  candidate: Candidate,
  reference: Engine,
  { salt, tokens, limit }: { salt: string; tokens: number; limit: Limit },
): Promise<Job[]> {
  const prover = await candidate.open();
  try {
    const { modelDigest, engineClass } = prover.info;
    const kept = new Kept<Job>("held-out", [salt, modelDigest, engineClass, reference.info, heldOut]);
    const jobs: Job[] = [];
    let seen = 0;
    for (const job of kept.results) {
      if (seen >= tokens) break;
      jobs.push(job);
      seen += job.tokens;
    }
    for (let number = (jobs.at(-1)?.number ?? -1) + 1; seen < tokens; number += 1) {
      limit.check();
      // Only jobs as clients send them when they say nothing: temperature 1, the best forty.
      if (number % 10 < 2) continue;
      const found = await observe(probeOf(heldOut, salt, number), { prover, reference, top: 128, signal: never });
      if (found === undefined) continue;
      const { marks, served, checked, outputIds } = found;
      seen += outputIds.length;
      const toploc = toplocScores(served.tokens, checked.tokens);
      const job = { number, tokens: outputIds.length, marks, toploc };
      kept.add(job);
      jobs.push(job);
    }
    return jobs;
  } finally {
    await prover.close();
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

export async function play(matchup: Matchup, note: (line: string) => void): Promise<MatchupFigures> {
  const { honest, cheat, window, windows, calibrationTokens, limit } = matchup;
  const reference = await openEngine({ modelPath: matchup.reference, cpu: "haswell" });
  try {
    const common = { reference, honest, prompts: usualPrompts, tokens: calibrationTokens, salt: "calibration" };
    const of = [reference.info, honest.map(({ name }) => name), cheat.name, calibrationTokens];
    const calibration =
      matchup.calibration ??
      (await keptOnce("calibration", of, () => {
        limit.check();
        return calibrate({ ...common, alternatives: [cheat], note, signal: never });
      }));
    const test = createSequentialTest(calibration);
    const each = Math.ceil((window * windows) / honest.length);
    const fair: Job[][] = [];
    for (const candidate of honest) {
      fair.push(await jobsOf(candidate, reference, { salt: `held out ${candidate.name}`, tokens: each, limit }));
    }
    const other = await jobsOf(cheat, reference, { salt: "held out cheat", tokens: window * windows, limit });
    note(`held out: ${fair.flat().length} honest jobs, ${other.length} of ${cheat.name}`);

    const score = createScore(calibration, 0);
    const evidence = (marks: readonly Mark[]): number => test.evidence(marks)[0] ?? 0;
    // A window of so many tokens: with fingerprints each has two marks.
    const scoresBare = (jobs: readonly Job[], of: (marks: readonly Mark[]) => number): number[] =>
      windowsOf(jobs.flatMap(bare), window).map(of);
    const scoresWith = (jobs: readonly Job[]): number[] =>
      windowsOf(
        jobs.flatMap(({ marks }) => marks),
        2 * window,
      ).map(score);
    const chunks = Math.floor(window / 32);
    const toploc = (jobs: readonly Job[]): number[] =>
      windowsOf(
        jobs.flatMap((job) => job.toploc),
        chunks,
      ).map(mean);
    const area = (of: (jobs: readonly Job[]) => number[]): number =>
      areaUnder({ honest: fair.flatMap(of), other: of(other) });
    const offShare = (jobs: readonly Job[]): number =>
      mean(jobs.flatMap((job) => bare(job).map(({ distance }) => (distance > 0 ? 1 : 0))));
    return {
      auc: area((jobs) => scoresBare(jobs, score)),
      aucOfEvidence: area((jobs) => scoresBare(jobs, evidence)),
      aucWithFingerprints: area(scoresWith),
      aucToploc: area(toploc),
      offShare: offShare(other),
      honestOffShare: offShare(fair.flat()),
      tokensToDetect: detect(test, other, bare),
      tokensToDetectWithFingerprints: detect(test, other, ({ marks }) => marks),
      curves: [50, 100, 300, 1000].flatMap((size) => {
        const all = (jobs: readonly Job[]): Mark[] => jobs.flatMap(bare);
        const found = separate(calibration, 0, { honest: fair.map(all), other: all(other) }, size);
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
  marksOf: (job: Job) => readonly Mark[],
): number {
  const lengths: number[] = [];
  let [state, tokens] = [test.start, 0];
  for (const job of jobs) {
    state = test.next(state, marksOf(job));
    tokens += job.tokens;
    if (test.standing(state) !== "guilty") continue;
    lengths.push(tokens);
    [state, tokens] = [test.start, 0];
  }
  return lengths.length === 0 ? Infinity : median(lengths);
}
