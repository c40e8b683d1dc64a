import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEther } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureCompiled } from "../../scripts/deploy/compile.ts";
import type { FraudOutcome } from "../../scripts/dev/fraud/story.ts";
import { root } from "../../scripts/root.ts";
import { processesMentioning } from "../helpers/process-table.ts";

describe("npm run demo:fraud", { timeout: 900_000 }, () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "lode-fraud-test-"));
    await ensureCompiled();
  }, 1_800_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("finds a miner that serves Q4_0 as Q8_0, convicts it, and pays everybody by itself", async () => {
    const launcher = [join(root, "scripts/bootstrap.mjs"), "scripts/dev/fraud.ts", "--json", "--folder", folder];
    const child = spawn(process.execPath, launcher, { stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const [code] = (await once(child, "close")) as [number | null];
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(processesMentioning(folder)).toEqual([]);

    const told = JSON.parse(stdout.trim().split("\n").at(-1)!) as FraudOutcome;
    expect(told.verdict).toBe("wrong");
    expect(told.reason).toMatch(/tokens come out differently/);
    expect(told.auditFindings).toBe(0);
    const [judged] = told.auditVerdicts;
    expect(judged).toMatchObject({ verdict: "wrong" });
    // A draw may name a second receipt of the same miner. Each case takes half of what is staked then, of which a tenth is the
    // challenger's, and the client has the jobs' whole price back.
    const cases = BigInt(told.auditVerdicts.length);
    const takenWei = BigInt(told.stakeBeforeWei) - BigInt(told.stakeAfterWei);
    expect(BigInt(told.stakeAfterWei)).toBe(BigInt(told.stakeBeforeWei) / 2n ** cases);
    expect(BigInt(told.challengerRewardWei)).toBe(takenWei / 10n);
    expect(BigInt(told.refundWei)).toBeGreaterThan(0n);
    for (const fee of told.jurorFeesWei) expect(BigInt(fee)).toBe(cases * parseEther("2"));
    expect(told.jurorFeesWei.length).toBeGreaterThanOrEqual(cases === 1n ? 5 : 4);
    const goneWei = [told.refundWei, told.challengerRewardWei, told.burnedWei].map(BigInt);
    expect(goneWei.reduce((sum, wei) => sum + wei, cases * parseEther("10"))).toBe(takenWei);
    expect(told.steps.map(({ step }) => step)).toEqual([
      "Chain",
      "People",
      "Market",
      "Verifiers",
      "Client",
      "Jobs",
      "Jury",
      "Audit",
      "Paid",
    ]);
  });
});
