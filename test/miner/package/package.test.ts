import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageMiner, type PackagedMiner } from "../../../scripts/package/miner.ts";

const folder = mkdtempSync(join(tmpdir(), "lode-package-"));
let packaged: PackagedMiner;
beforeAll(async () => {
  packaged = await packageMiner(join(folder, "miner"));
}, 60_000);
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

describe("the packaged miner", { timeout: 60_000 }, () => {
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

  it("is not written over files that are there already", async () => {
    await expect(packageMiner(packaged.folder)).rejects.toThrow(/is not empty/);
  });
});
