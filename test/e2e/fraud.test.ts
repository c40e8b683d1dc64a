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
    // Half of the stake, of which a tenth is the challenger's, and the client has the job's whole price back.
    expect(BigInt(told.stakeAfterWei)).toBe(BigInt(told.stakeBeforeWei) / 2n);
    expect(BigInt(told.challengerRewardWei)).toBe(BigInt(told.stakeBeforeWei) / 20n);
    expect(BigInt(told.refundWei)).toBeGreaterThan(0n);
    expect(told.jurorFeesWei).toEqual(Array.from({ length: 5 }, () => parseEther("2").toString()));
    const goneWei = [told.refundWei, told.challengerRewardWei, told.burnedWei, ...told.jurorFeesWei].map(BigInt);
    expect(goneWei.reduce((sum, wei) => sum + wei, 0n)).toBe(BigInt(told.stakeBeforeWei) / 2n);
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
