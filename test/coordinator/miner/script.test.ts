import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../../scripts/root.ts";
import { openEdge, type Edge } from "../edge/edge.ts";
import { host, person, temporaryHome } from "../fixture.ts";
import { Poller } from "./poller.ts";

const script = join(root, "miner/examples/simple-miner.sh");
const missing = ["sh", "curl", "jq", "sha256sum"].filter((name) => spawnSync("which", [name]).status !== 0);
const reason = missing.length === 0 ? "" : ` (skipped: no ${missing.join(", ")} here)`;
const wallet = person("script miner");
let edge: Edge;
const folder = temporaryHome();
beforeAll(async () => {
  edge = await openEdge({}, { host });
});
afterAll(async () => {
  await edge.stop();
  folder.remove();
});

describe("the example of a miner in a shell script", () => {
  it("has at most 100 lines", () => {
    expect(readFileSync(script, "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(100);
  });

  it.skipIf(missing.length > 0)(`earns with a text and a benchmark${reason}`, { timeout: 120_000 }, async () => {
    const key = await edge.login("miner", wallet);
    const env = {
      PATH: process.env["PATH"],
      COORD_URL: edge.url,
      API_KEY: key,
      WALLET_ADDR: wallet.address,
      MINER_ID: "shell-1",
      WORK_DIR: folder.home,
      JOB_POLL_SECS: "0.1",
      HEARTBEAT_SECS: "1",
      TEXT_COMMAND: "tr a-z A-Z",
      MAX_JOBS: "2",
    };
    const client = new Poller(edge, edge.key);
    // The clock stands still here: a job that found nobody would wait for ever.
    await new Poller(edge, key, "shell-1").heartbeat();
    const input = { model: "hosted/text", prompt: "grüße \"quoted\" \\ 'and'\nlines\n" };
    const made = await client.call("POST", "/v1/jobs", { workload: "text", input });
    await client.call("POST", "/v1/jobs", { workload: "benchmark", input: {} });
    const child = spawn(script, { env, stdio: ["ignore", "pipe", "pipe"] });
    let [said, complained] = ["", ""];
    child.stdout.on("data", (data: Buffer) => (said += data.toString()));
    child.stderr.on("data", (data: Buffer) => (complained += data.toString()));
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(complained).toBe("");
    expect(said.match(/"status":"accepted"/g)).toHaveLength(2);
    const { body } = await client.call("GET", `/v1/jobs/${(made.body as { id: string }).id}`);
    expect(JSON.stringify(body)).toContain("QUOTED");
    const balance = await new Poller(edge, key).call("GET", "/v1/wallet/balance");
    expect(BigInt((balance.body as { creditedWei: string }).creditedWei)).toBeGreaterThan(0n);
  });
});
