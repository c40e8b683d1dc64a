import { execFile, execFileSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../helpers/books.ts";
import { openEdge, type Edge } from "../edge/edge.ts";
import { openRealMiner, type RealMiner } from "../edge/real-miner.ts";

interface Check {
  readonly check: string;
  readonly ok: boolean;
  readonly problem?: string;
}

const run = promisify(execFile);
const program = join(import.meta.dirname, "clients.mjs");

/** Every Node on the PATH besides the one that runs the tests, the system's among them, one of each version. */
function nodes(): { version: string; path: string }[] {
  const folders = (process.env["PATH"] ?? "").split(":").concat("/usr/local/bin", "/usr/bin");
  const found = new Map([[process.version, process.execPath]]);
  for (const folder of folders) {
    const path = join(folder, "node");
    try {
      const version = execFileSync(path, ["--version"], { stdio: ["ignore", "pipe", "ignore"] })
        .toString()
        .trim();
      if (!found.has(version)) found.set(version, path);
    } catch {
      // No Node there.
    }
  }
  return [...found].map(([version, path]) => ({ version, path }));
}

let edge: Edge;
let miner: RealMiner;
beforeAll(async () => {
  edge = await openEdge();
  edge.chain.funds = { ...edge.chain.funds, balanceWei: 10n ** 9n, signerCapWei: 10n ** 9n };
  miner = await openRealMiner(edge);
  await until("the miner is ready", async () => edge.app.hub.models().has("demo"));
}, 180_000);
afterAll(async () => {
  await miner.close();
  await edge.stop();
});

describe("the public client libraries", () => {
  it.each(nodes())("work on Node $version", { timeout: 240_000 }, async ({ path }) => {
    const { stdout } = await run(path, [program, edge.url, edge.key, "demo"]);
    const checks = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Check);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks.length).toBeGreaterThanOrEqual(20);
    // Nothing that a client left behind holds its money: what was delivered is receipted, the rest is free.
    await until("all jobs have ended", async () => edge.app.relay.running === 0);
    expect(edge.ledger.openAttempts).toBe(0);
    expect(miner.problems).toEqual([]);
  });
});
