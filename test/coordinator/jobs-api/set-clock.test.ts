import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JobFiles } from "../../../coordinator/src/plugins/app/jobs/job-files.ts";
import { Jobs, type JobsOptions } from "../../../coordinator/src/plugins/app/jobs/jobs.ts";
import type { JobRecord } from "../../../coordinator/src/plugins/app/jobs/record.ts";
import { until } from "../../helpers/books.ts";
import { client, temporaryHome } from "../fixture.ts";

const [minute, day] = [60_000, 86_400_000];
let folder: ReturnType<typeof temporaryHome>;
let key: Buffer;
/** The wall clock, which is set, and the other one. */
let clocks: { nowMs: number; livedMs: number };
/** Moments that the queue looked at: whatever was due at one is on its way when the next is asked for. */
let rounds: number[];
const open: Jobs[] = [];
beforeEach(() => {
  folder = temporaryHome();
  key = randomBytes(32);
  clocks = { nowMs: 1_790_000_000_000, livedMs: 1_790_000_000_000 };
  rounds = [];
});
afterEach(async () => {
  for (const jobs of open.splice(0)) await jobs.stop();
  folder.remove();
});

const record = (change: Partial<JobRecord> = {}): JobRecord => ({
  id: `job_${randomBytes(12).toString("hex")}`,
  account: client.address,
  key: "12345678",
  workload: "text",
  model: "demo",
  request: "hash",
  status: "queued",
  createdMs: clocks.nowMs,
  startedMs: undefined,
  finishedMs: undefined,
  expiresMs: clocks.nowMs + minute,
  outputChars: 0,
  webhook: undefined,
  metadata: {},
  ...change,
});

async function start(options: Partial<JobsOptions> = {}): Promise<Jobs> {
  const jobs = new Jobs({
    files: new JobFiles(join(folder.home, "jobs"), key),
    ledger: { jobState: () => "free" },
    nowMs: () => clocks.nowMs,
    livedMs: () => {
      rounds.push(clocks.livedMs);
      return clocks.livedMs;
    },
    concurrency: 4,
    work: async () => ({ text: "done" }),
    tell: async () => 500,
    retryMs: 1000,
    log: () => undefined,
    ...options,
  });
  open.push(jobs);
  await jobs.start();
  return jobs;
}

const statusOf = (jobs: Jobs, { id }: JobRecord): string | undefined => jobs.get(client.address, id)?.status;
const reaches = (jobs: Jobs, one: JobRecord, status: string): Promise<void> =>
  until(`the job is ${status}`, async () => statusOf(jobs, one) === status);
/** Resolves when the queue has looked, with the clocks as they are, at everything that is there. */
const aRound = async (): Promise<void> => {
  const before = rounds.length;
  await until("a round of the queue", async () => rounds.length > before + 1);
};

describe("a wall clock that is set", () => {
  it.each([
    ["forward", day],
    ["back", -day],
  ])("%s takes no result away, and keeps none for longer", async (_way, byMs) => {
    const one = record();
    const jobs = await start();
    await jobs.create(one, {});
    await reaches(jobs, one, "succeeded");
    clocks.nowMs += byMs;
    clocks.livedMs += day - 1;
    await aRound();
    expect(await jobs.content(one)).toEqual({ result: { text: "done" } });
    clocks.livedMs += 1;
    await until("it is forgotten", async () => statusOf(jobs, one) === undefined);
  });

  it.each([
    ["forward", day],
    ["back", -day],
  ])("%s lets a job wait for as long as its client said", async (_way, byMs) => {
    const one = record();
    const jobs = await start({ concurrency: 0 });
    await jobs.create(one, {});
    clocks.nowMs += byMs;
    clocks.livedMs += minute - 1;
    await aRound();
    expect(statusOf(jobs, one)).toBe("queued");
    clocks.livedMs += 1;
    await reaches(jobs, one, "expired");
  });

  it("back tries a webhook again as if nothing had happened", async () => {
    const webhook = { url: "x", secret: "s", state: "waiting", attempts: 0, nextMs: 0, lastStatus: undefined } as const;
    const one = record({ webhook });
    const jobs = await start();
    await jobs.create(one, {});
    const isTried = (times: number): Promise<void> =>
      until("it was tried", async () => jobs.get(client.address, one.id)!.webhook!.attempts === times);
    await isTried(1);
    clocks.nowMs -= day;
    clocks.livedMs += 1000;
    await isTried(2);
  });
});

describe("a start", () => {
  it.each([
    ["a day later", day],
    ["with a clock set back", -day],
  ])("%s keeps a result for what is left of its day", async (_name, byMs) => {
    const one = record();
    const first = await start();
    await first.create(one, {});
    await reaches(first, one, "succeeded");
    clocks.livedMs += day / 2;
    await first.stop();
    clocks.nowMs += byMs;
    const second = await start();
    clocks.livedMs += day / 2 - 1;
    await aRound();
    expect(await second.content(one)).toEqual({ result: { text: "done" } });
    clocks.livedMs += 1;
    await until("it is forgotten", async () => statusOf(second, one) === undefined);
  });

  it("begins no job whose client wanted it until an hour that is over", async () => {
    const one = record();
    const first = await start({ concurrency: 0 });
    await first.create(one, {});
    await first.stop();
    clocks.nowMs += minute;
    const second = await start();
    await reaches(second, one, "expired");
  });

  it("with a clock set back lets a job wait no longer than its client said", async () => {
    const one = record();
    const first = await start({ concurrency: 0 });
    await first.create(one, {});
    await first.stop();
    clocks.nowMs -= day;
    const second = await start({ concurrency: 0 });
    clocks.livedMs += minute;
    await reaches(second, one, "expired");
  });

  it("keeps a result no longer than a day when how long was lived is lost", async () => {
    const one = record();
    const first = await start();
    await first.create(one, {});
    await reaches(first, one, "succeeded");
    await first.stop();
    clocks.livedMs -= 365 * day;
    const second = await start();
    clocks.livedMs += day;
    await until("it is forgotten", async () => statusOf(second, one) === undefined);
  });
});
