import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { circuitOf, filesOf } from "@lode/zk-circuits";
import { groth16, type Groth16Proof, type VerificationKey } from "snarkjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageMiner, type PackagedMiner } from "../../../scripts/package/miner.ts";

const folder = mkdtempSync(join(tmpdir(), "lode-package-"));
let packaged: PackagedMiner;
beforeAll(async () => {
  packaged = await packageMiner(join(folder, "miner"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The packaged command, with nothing of the checkout in sight. */
async function lode(...args: string[]): Promise<string> {
  const env = { PATH: process.env["PATH"], LODE_HOME: join(folder, "home") };
  const { stdout } = await promisify(execFile)(process.execPath, [join(packaged.folder, "lode.js"), ...args], {
    cwd: folder,
    env,
  });
  return stdout.trim();
}

describe("the packaged miner", () => {
  it("takes at most 150 MB, nearly all of it the engine's", () => {
    expect(packaged.bytes).toBeLessThan(150e6);
    expect(packaged.parts.engine).toBeGreaterThan(packaged.bytes / 2);
    expect(Object.values(packaged.parts).reduce((sum, part) => sum + part, 0)).toBe(packaged.bytes);
  });

  it("holds no TypeScript and no variants for GPUs", () => {
    const files = readdirSync(packaged.folder, { recursive: true, encoding: "utf8" });
    expect(files.filter((file) => /\.tsx?$/.test(file))).toEqual([]);
    expect(files.filter((file) => /cuda|vulkan/i.test(file) && /\.(so|dll|dylib|node)$/.test(file))).toEqual([]);
  });

  it("runs by itself: the command, its wallet, the engine's process and the look at accelerators", async () => {
    expect(await lode("--version")).toMatch(/^\d+\.\d+\.\d+$/);
    expect(await lode("wallet", "--help")).toContain("keystore");
    const { runs } = JSON.parse(
      await lode("bench", "--requests", "1", "--concurrency", "1", "--tokens", "4", "--json"),
    ) as { runs: { outputTokens: number }[] };
    expect(runs.map(({ outputTokens }) => outputTokens)).toEqual([4]);
  });

  it("proves classifications with the key that is beside it", async () => {
    const holds = (file: string, words: string): boolean =>
      /^(?!chunk).*\.js$/.test(file) && readFileSync(join(packaged.folder, file), "utf8").includes(words);
    const place = (words: string): string =>
      JSON.stringify(`./${readdirSync(packaged.folder).find((file) => holds(file, words)) ?? "none"}`);
    const program = join(packaged.folder, "prove.mjs");
    writeFileSync(
      program,
      `const { circuitOf, proverOf } = await import(${place(" as SnarkjsProver")});
      const { classifierInput, classifyFeatures, featuresOf } = await import(${place(" as classifierInput")});
      const features = featuresOf("translate this to Greek: good morning");
      const input = classifierInput(features, 5n, { answer: classifyFeatures(features), binding: 3n });
      const { proof, publicSignals } = await proverOf(undefined).prove(circuitOf("classifier"), input);
      console.log(JSON.stringify({ proof, signals: publicSignals.map(String) }));`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, [program], { cwd: folder });
    const { proof, signals } = JSON.parse(stdout) as { proof: Groth16Proof; signals: string[] };
    const { verificationKey } = filesOf(circuitOf("classifier"));
    const key = JSON.parse(readFileSync(verificationKey, "utf8")) as VerificationKey;
    expect(await groth16.verify(key, signals, proof)).toBe(true);
    expect(signals.slice(1)).toEqual(["4", "3"]);
  });

  it("is not written over files that are there already", async () => {
    await expect(packageMiner(packaged.folder)).rejects.toThrow(/is not empty/);
  });
});
