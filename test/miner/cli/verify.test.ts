import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { embeddedModel } from "../../../miner/models/index.ts";
import { cpuLibraries, openEngine } from "../../../miner/src/engines/index.ts";
import { readCalibration, writeTranscript, type Transcript } from "../../../miner/src/verify/index.ts";
import { reclaim, serve, story } from "../../../scripts/bench/verify/served-job.ts";
import { isSentence, runLode } from "./run-lode.ts";

// Opening an engine takes seconds where others compute too, and one test opens eight.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

/** Runs on every processor of its kind. */
const library = ["x64", "armv8.0_1"].find((name) => cpuLibraries().has(name));
const folder = mkdtempSync(join(tmpdir(), "lode-verify-"));
const env = { LODE_HOME: folder };
const file = (name: string): string => join(folder, name);
const keep = (name: string, value: unknown): string => {
  writeFileSync(file(name), JSON.stringify(value));
  return file(name);
};
const fast = { modelPath: embeddedModel, contextTokens: 512, tuning: { threads: 1, batchSize: 512 } };

describe("lode verify", () => {
  let honest: Transcript;
  let elsewhere: Transcript;

  beforeAll(async () => {
    const engine = await openEngine({ modelPath: embeddedModel, contextTokens: 512 });
    honest = await serve({ engine, request: story() });
    await engine.close();
    const other = await openEngine(fast);
    elsewhere = await serve({ engine: other, request: story() });
    await other.close();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("says right, with the exit code 0", async () => {
    const { code, out } = await runLode(["verify", "job", keep("right.json", writeTranscript(honest)), "--json"], env);
    expect(JSON.parse(out)).toMatchObject({ verdict: "right", class: "A-prefill", reasons: [] });
    expect(code).toBe(0);
  });

  it("says wrong, with the exit code 6", async () => {
    const outputIds = honest.outputIds.map((id, at) => (at === 9 ? id + 1 : id));
    const wrong = keep("wrong.json", writeTranscript(reclaim(honest, { outputIds })));
    const { code, out, err } = await runLode(["verify", "job", wrong], env);
    expect(out).toContain("wrong: computed again in one pass, bit for bit");
    expect(out).toContain("other-token");
    expect(isSentence(err)).toBe(true);
    expect(code).toBe(6);
  });

  it("says undecided, with the exit code 7, for another engine's job", async () => {
    const { code, out } = await runLode(["verify", "job", keep("other.json", writeTranscript(elsewhere))], env);
    expect(out).toContain("other-engine");
    expect(code).toBe(7);
  });

  it("calibrates, and tests other engines' jobs one after the other", async () => {
    const against = `same=${embeddedModel}`;
    const args = [
      "--against",
      against,
      ...(library === undefined ? [] : ["--honest", library]),
      "--tokens",
      "120",
      "--out",
      file("c.json"),
      "--picture",
      file("c.svg"),
    ];
    const made = await runLode(["verify", "calibrate", ...args], env);
    expect(made.err).toBe("");
    const calibration = readCalibration(JSON.parse(readFileSync(file("c.json"), "utf8")));
    expect(calibration.honest.map(({ name }) => name)).toEqual([library ?? "own"]);
    expect(calibration.alternatives[0]!.tallies.drawn!.tokens).toBeGreaterThan(20);
    expect(readFileSync(file("c.svg"), "utf8")).toMatch(/^<svg [^]*<\/svg>\n$/);

    const { engineClass } = elsewhere.assignment;
    const fitting = keep("fitting.json", { ...calibration, honest: [{ ...calibration.honest[0], engineClass }] });
    const job = keep("other.json", writeTranscript(elsewhere));
    const options = ["--calibration", fitting, "--history", file("history.json"), "--json"];
    for (const jobs of [1, 2]) {
      const { code, out } = await runLode(["verify", "job", job, ...options], env);
      expect(code).toBe(7);
      expect(JSON.parse(out)).toMatchObject({
        class: "B",
        reasons: [{ code: "few-tokens" }],
        evidence: { sequential: { jobs } },
      });
    }
    const unfit = await runLode(["verify", "job", job, "--calibration", file("c.json")], env);
    expect(unfit.out).toContain("uncalibrated");
  });

  it.each([
    ["a missing file", ["verify", "job", "nothing.json"]],
    ["a transcript that lacks its salt", ["verify", "job", file("odd.json")]],
    ["a history without a calibration", ["verify", "job", file("right.json"), "--history", file("h.json")]],
    ["an alternative without a file", ["verify", "calibrate", "--against", "q4", "--out", file("x.json")]],
    ["too few tokens", ["verify", "calibrate", "--against", "a=b", "--out", file("x.json"), "--tokens", "3"]],
  ])("refuses %s in a sentence", async (_, args) => {
    keep("right.json", writeTranscript(honest));
    keep("odd.json", { ...writeTranscript(honest), jobSalt: undefined });
    const { code, err } = await runLode(args, env);
    expect(isSentence(err)).toBe(true);
    expect(code).toBe(2);
  });
});
