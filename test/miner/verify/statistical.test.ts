import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { cpuLibraries, openEngine, type Engine } from "../../../miner/src/engines/index.ts";
import {
  commitFingerprints,
  createSequentialTest,
  readCalibration,
  verifyTranscript,
  type Fingerprint,
  type SequentialState,
  type Transcript,
  type VerdictReport,
} from "../../../miner/src/verify/index.ts";
import { domain, hash, jobSalt, serve, story } from "../../../scripts/bench/verify/served-job.ts";
import { open } from "../engines/engine-helper.ts";
import { changedModels, type ChangedModels } from "./changed-models.ts";

// Opening an engine takes seconds where others compute too.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const file = fileURLToPath(new URL("../../../miner/src/verify/calibrations/lode-demo.Q8_0.json", import.meta.url));
const calibration = readCalibration(JSON.parse(readFileSync(file, "utf8")));
const test = createSequentialTest(calibration);
const mostJobs = 60;

/** The embedded model's published calibration, on the libraries that it was measured with. */
describe.skipIf(!cpuLibraries().has("haswell"))("class B, a miner whose processor has another library", () => {
  let models: ChangedModels;
  let reference: Engine;
  let honest: Engine;

  beforeAll(async () => {
    models = changedModels();
    reference = await open("demo", { contextTokens: 512, cpu: "haswell" });
    honest = await open("demo", { contextTokens: 512, cpu: "x64" });
  });
  afterAll(async () => {
    await reference.close();
    await honest.close();
    models.remove();
  });

  const job = (engine: Engine, number: number): Promise<Transcript> =>
    serve({
      engine,
      promised: honest.info,
      request: story({
        seed: hash(`statistical ${number}`),
        sampler: { kind: "inverse-cdf-v1", temperature: 1, topK: 40, topP: 1 },
      }),
    });
  const check = (transcript: Transcript, history?: SequentialState): Promise<VerdictReport> =>
    verifyTranscript(transcript, { domain, engine: reference, statistical: { calibration, history } });

  it("stays clear over honest jobs, each of which decides nothing", async () => {
    let history: SequentialState | undefined;
    for (let number = 0; number < 12; number += 1) {
      const { verdict, class: checkClass, reasons, evidence } = await check(await job(honest, number), history);
      expect({ verdict, checkClass }).toEqual({ verdict: "undecided", checkClass: "B" });
      expect(reasons.map(({ code }) => code)).toEqual(["few-tokens"]);
      history = evidence.sequential!;
    }
    expect(history!.jobs).toBe(12);
    expect(history!.nats).toBeLessThan(test.bound / 3);
  });

  it("is not found serving Q4_0 by one job, and found over many", async () => {
    const cheat = await openEngine({ modelPath: models.pathOf("Q4_0"), contextTokens: 512, cpu: "x64" });
    try {
      expect((await check(await job(cheat, 0))).verdict).toBe("undecided");
      let history: SequentialState | undefined;
      let found: VerdictReport | undefined;
      for (let number = 0; number < mostJobs && found?.verdict !== "wrong"; number += 1) {
        found = await check(await job(cheat, number), history);
        history = found.evidence.sequential;
      }
      expect(found!.verdict).toBe("wrong");
      expect(found!.reasons.map(({ code }) => code)).toContain("improbable");
      expect(history!.jobs).toBeGreaterThan(1);
    } finally {
      await cheat.close();
    }
  });

  it("is found with invented fingerprints in one job, and clear with its own", async () => {
    const transcript = await job(honest, 3);
    const { inputIds, outputIds, sampler, assignment } = transcript;
    const again = await honest.recheck!(
      {
        ...{ promptTokens: inputIds, prefixTokens: [], tokens: outputIds, sampler, seed: assignment.seed },
        ...{ stop: [], maxTokens: 96, way: "prefill", top: 8 },
      },
      new AbortController().signal,
    );
    const own = again.tokens.map(({ top, logSum }) =>
      top.map(([id, logit]) => [id, Math.fround(logit - logSum)] as const),
    );
    const committed = (fingerprints: Fingerprint[]): Transcript => ({
      ...transcript,
      fingerprints,
      receipt: { ...transcript.receipt, fingerprintCommitment: commitFingerprints(jobSalt, fingerprints) },
    });
    expect((await check(committed(own))).verdict).not.toBe("wrong");
    const invented = own.map((fingerprint) =>
      fingerprint.map(([id, logprob], rank) => [id, logprob - 0.5 * rank] as const),
    );
    expect((await check(committed(invented))).verdict).toBe("wrong");
  });
});
