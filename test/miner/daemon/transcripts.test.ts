import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hex } from "@lode/sdk/hash";
import { RecordLog } from "@lode/sdk/record-log";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JobState } from "../../../miner/src/daemon/index.ts";
import { Transcripts, type AskedFor } from "../../../miner/src/daemon/transcripts.ts";

const dayMs = 86_400_000;
const digest: Hex = `0x${"d1".repeat(32)}`;
const asked: AskedFor = {
  jobSalt: `0x${"01".repeat(32)}`,
  promptSalt: `0x${"02".repeat(32)}`,
  prompt: { messages: [{ role: "user", content: "Say something that only a juror may read." }] },
  sampler: { kind: "inverse-cdf-v1", temperature: 1, topK: 40, topP: 1 },
  stop: ["END"],
  prefixIds: [7],
};

describe("a miner's transcripts", () => {
  let home: string;
  let now: number;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "lode-transcripts-"));
    now = 100 * dayMs + 5;
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const jobOf = (outputTokens: number, startedAtMs = now, finishedAtMs = now): JobState =>
    ({
      digest,
      receipt: { outputTokens, startedAtMs: BigInt(startedAtMs), finishedAtMs: BigInt(finishedAtMs) },
    }) as JobState;

  it("give back what was asked and told, also of a job that ran over midnight, and from another process", async () => {
    const transcripts = new Transcripts(home, () => now);
    now = 101 * dayMs - 1;
    const started = now;
    await transcripts.asked(digest, asked);
    await transcripts.asked(`0x${"d2".repeat(32)}`, { ...asked, prefixIds: [] });
    now += 2;
    await transcripts.told(digest, { inputIds: [1, 2], outputIds: [3, 4, 5] });
    await transcripts.close();
    expect(readdirSync(join(home, "jobs", "transcripts")).filter((name) => !name.endsWith(".lock"))).toEqual([
      "100",
      "101",
    ]);
    const other = new Transcripts(home, () => now);
    expect(await other.find(jobOf(3, started, now))).toEqual({ ...asked, inputIds: [1, 2], outputIds: [3, 4, 5] });
  });

  it("fall back on acknowledged tokens after a crash, and cut them to the receipt", async () => {
    const records = await RecordLog.open(join(home, "jobs", "records"), () => undefined);
    await records.append({ kind: "started", digest, inputIds: [1, 2] });
    await records.append({ kind: "acked", digest, ids: [3, 4] });
    await records.append({ kind: "acked", digest: `0x${"d2".repeat(32)}`, ids: [99] });
    await records.append({ kind: "acked", digest, ids: [5, 6] });
    await records.close();
    const transcripts = new Transcripts(home, () => now);
    await transcripts.asked(digest, asked);
    expect(await transcripts.find(jobOf(3))).toMatchObject({ inputIds: [1, 2], outputIds: [3, 4, 5] });
    expect(await transcripts.find({ ...jobOf(3), digest: `0x${"d3".repeat(32)}` })).toBeUndefined();
    await transcripts.close();
  });

  it("go after seven days and not before", async () => {
    const transcripts = new Transcripts(home, () => now);
    await transcripts.asked(digest, asked);
    await transcripts.told(digest, { inputIds: [1], outputIds: [2] });
    const job = jobOf(1);
    now += 7 * dayMs;
    await transcripts.asked(`0x${"d2".repeat(32)}`, asked);
    expect(await transcripts.find(job)).toMatchObject({ outputIds: [2] });
    now += dayMs;
    await transcripts.asked(`0x${"d3".repeat(32)}`, asked);
    expect(await transcripts.find(job)).toBeUndefined();
    await transcripts.close();
  });
});
