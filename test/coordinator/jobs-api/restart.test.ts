import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LodeError } from "@lode/sdk/errors";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JobFiles } from "../../../coordinator/src/plugins/app/jobs/job-files.ts";
import { Jobs, type JobsOptions, type WorkHooks } from "../../../coordinator/src/plugins/app/jobs/jobs.ts";
import type { JobRecord } from "../../../coordinator/src/plugins/app/jobs/record.ts";
import { JobFailedError } from "../../../coordinator/src/plugins/app/relay/errors.ts";
import { ApiError } from "../../../coordinator/src/errors.ts";
import { until } from "../../helpers/books.ts";
import { client, temporaryHome } from "../fixture.ts";

const secret = "canary-of-a-prompt";
let folder: ReturnType<typeof temporaryHome>;
let key: Buffer;
let clock: number;
let state: "free" | "open" | "settled";
/** How often a process asked what is billed. */
let asked: number;
const open: Jobs[] = [];
beforeEach(() => {
  folder = temporaryHome();
  key = randomBytes(32);
  clock = 1_790_000_000_000;
  state = "free";
  asked = 0;
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
  createdMs: clock,
  startedMs: undefined,
  finishedMs: undefined,
  expiresMs: clock + 60_000,
  outputChars: 0,
  webhook: undefined,
  metadata: {},
  ...change,
});

/** A process over the folder; opening another one without stopping this is a crash. */
async function process(work: JobsOptions["work"], options: Partial<JobsOptions> = {}): Promise<Jobs> {
  const jobs = new Jobs({
    files: new JobFiles(join(folder.home, "jobs"), key),
    ledger: {
      jobState: () => {
        asked += 1;
        return state;
      },
    },
    nowMs: () => clock,
    livedMs: () => clock,
    concurrency: 4,
    work,
    tell: async () => 200,
    retryMs: 1000,
    log: () => undefined,
    ...options,
  });
  open.push(jobs);
  await jobs.start();
  return jobs;
}

const never = new Promise<never>(() => undefined);
const statusOf = (jobs: Jobs, { id }: JobRecord): string | undefined => jobs.get(client.address, id)?.status;
const reaches = (jobs: Jobs, one: JobRecord, status: string): Promise<void> =>
  until(`the job is ${status}`, async () => statusOf(jobs, one) === status);

/** Work that says something and is then in the middle until the process dies. */
function talking(hooks: WorkHooks): Promise<never> {
  hooks.onText(0, "said so far");
  return new Promise<never>((_, reject) => {
    hooks.onDrain(() => undefined);
    hooks.signal.addEventListener("abort", () => reject(new ApiError(502, "upstream_failed", "cut")));
  });
}

describe("a job after a crash", () => {
  it("that had not begun begins, with what it was asked", async () => {
    const one = record();
    const first = await process(() => never, { concurrency: 0 });
    await first.create(one, { prompt: secret });
    const inputs: unknown[] = [];
    const second = await process(async (_record, input) => {
      inputs.push(input);
      return { text: "done" };
    });
    await reaches(second, one, "succeeded");
    expect(inputs).toEqual([{ prompt: secret }]);
    expect(await second.content(one)).toEqual({ result: { text: "done" } });
  });

  it("in the middle begins anew when nothing of it is billed, and waits while something may be", async () => {
    const one = record();
    const first = await process((_record, _input, hooks) => talking(hooks));
    await first.create(one, {});
    await until("something is said", async () => first.get(client.address, one.id)!.outputChars > 0);
    state = "open";
    asked = 0;
    const second = await process(async () => "anew");
    await until("it looked at the books twice", async () => asked > 1);
    expect(statusOf(second, one)).toBe("running");
    state = "free";
    await until("it is queued", async () => statusOf(second, one) !== "running");
    clock += 1000;
    await reaches(second, one, "succeeded");
  });

  it("that is billed fails, and keeps what came", async () => {
    const one = record();
    const first = await process((_record, _input, hooks) => talking(hooks));
    await first.create(one, {});
    await until("something is said", async () => first.get(client.address, one.id)!.outputChars > 0);
    // Behind it what is said is on the disk.
    await first.content(one);
    state = "settled";
    const second = await process(async () => "twice");
    await reaches(second, one, "failed");
    expect(await second.content(one)).toMatchObject({ texts: ["said so far"], error: { code: "interrupted" } });
  });

  it("that has ended is as it was, until its day is over", async () => {
    const one = record();
    const first = await process(async () => ({ text: secret }));
    await first.create(one, {});
    await reaches(first, one, "succeeded");
    const second = await process(() => never);
    expect(await second.content(one)).toEqual({ result: { text: secret } });
    clock += 24 * 3_600_000;
    await until("it is forgotten", async () => second.get(client.address, one.id) === undefined);
    await until("its file is gone", async () => readdirSync(join(folder.home, "jobs")).length === 0);
  });

  it("still tells its webhook", async () => {
    const webhook = { url: "x", secret: "s", state: "waiting", attempts: 0, nextMs: 0, lastStatus: undefined } as const;
    const one = record({ webhook });
    const first = await process(async () => 1, { tell: async () => 500 });
    await first.create(one, {});
    await until("it was tried", async () => first.get(client.address, one.id)?.webhook?.attempts === 1);
    await first.stop();
    const told: number[] = [];
    const second = await process(() => never, {
      tell: async ({ attempts }) => {
        told.push(attempts);
        return told.length < 3 ? 503 : 200;
      },
    });
    for (const waitMs of [1000, 4000, 16_000]) {
      clock += waitMs;
      const before = told.length;
      await until("it was tried again", async () => told.length === before + 1);
      await until(
        "that is noted",
        async () => second.get(client.address, one.id)!.webhook!.attempts === told.length + 1,
      );
    }
    expect(second.get(client.address, one.id)!.webhook).toMatchObject({ state: "delivered", lastStatus: 200 });
    expect(told).toEqual([1, 2, 3]);
  });

  const passing = new LodeError("webhook_unreachable", "away", { retryable: true });
  const refused = new LodeError("webhook_refused", "inside");
  it.each<[string, () => Promise<number>, string, number]>([
    ["a success", async () => 299, "delivered", 1],
    ["a redirect, which is followed nowhere", async () => 302, "failed", 8],
    ["an error of its server", async () => 500, "failed", 8],
    ["410, which is its wish", async () => 410, "failed", 1],
    ["nothing", async () => Promise.reject(passing), "failed", 8],
    ["an address inside", async () => Promise.reject(refused), "failed", 1],
  ])("is told to a webhook that answers with %s, as often as that is worth it", async (_name, tell, state, tries) => {
    const webhook = { url: "x", secret: "s", state: "waiting", attempts: 0, nextMs: 0, lastStatus: undefined } as const;
    const one = record({ webhook });
    const jobs = await process(async () => 1, { tell });
    await jobs.create(one, {});
    for (let attempt = 1; attempt <= tries; attempt++) {
      const now = () => jobs.get(client.address, one.id)!.webhook!;
      await until("it was tried", async () => now().attempts === attempt);
      expect(now().state).toBe(attempt === tries ? state : "waiting");
      // Four times as long apart each.
      expect(now().nextMs).toBe(clock + 1000 * 4 ** (attempt - 1));
      clock = now().nextMs;
    }
  });

  it("cannot be read from the disk without the home's key, and a damaged one does not stop the others", async () => {
    const [one, other] = [record({ metadata: { note: secret } }), record()];
    const first = await process(() => never, { concurrency: 0 });
    await first.create(one, { prompt: secret });
    await first.create(other, { prompt: secret });
    const file = join(folder.home, "jobs", one.id);
    expect(readFileSync(file).includes(secret)).toBe(false);
    const bytes = readFileSync(file);
    bytes[40]! ^= 1;
    writeFileSync(file, bytes);
    const second = await process(() => never, { concurrency: 0 });
    expect(second.list(client.address).map(({ id }) => id)).toEqual([other.id]);
  });
});

describe("a job", () => {
  it.each(["no_miner", "returning"])("that nobody can begin (%s) waits, and expires", async (code) => {
    const one = record();
    const nobody = new ApiError(503, code, "nobody");
    const jobs = await process(async () => Promise.reject(nobody));
    await jobs.create(one, {});
    await until("it was tried and waits", async () => statusOf(jobs, one) === "queued" && jobs.count("running") === 0);
    clock += 60_000;
    await reaches(jobs, one, "expired");
  });

  it("that full miners took in vain is tried ever more rarely", async () => {
    const one = record({ expiresMs: clock + 3_600_000 });
    const other = record({ account: `0x${"77".repeat(20)}` });
    let tries = 0;
    const begun: string[] = [];
    class SeenFiles extends JobFiles {
      override content(id: string): ReturnType<JobFiles["content"]> {
        begun.push(id);
        return super.content(id);
      }
    }
    const work = async ({ id }: JobRecord): Promise<object> => {
      if (id === other.id) return {};
      tries += 1;
      throw new JobFailedError("busy");
    };
    const jobs = await process(work, { files: new SeenFiles(join(folder.home, "jobs"), key) });
    const reachesTry = (count: number): Promise<void> =>
      until(
        `try ${count}`,
        async () => tries === count && statusOf(jobs, one) === "queued" && jobs.count("running") === 0,
      );
    await jobs.create(one, {});
    await reachesTry(1);
    clock += 1000;
    await reachesTry(2);
    clock += 1999;
    // A round of the queue in which another one begins, and this one would have before it.
    await jobs.create(other, {});
    await until("a round of the queue", async () => begun.includes(other.id));
    expect(begun.filter((id) => id === one.id)).toHaveLength(2);
    clock += 1;
    await reachesTry(3);
  });

  it("that full miners took in vain is tried as rarely after nobody was there for a moment, and after a restart", async () => {
    const one = record({ expiresMs: clock + 3_600_000 });
    let tries = 0;
    const work = async (): Promise<object> => {
      tries += 1;
      throw tries === 3 ? new ApiError(503, "no_miner", "nobody") : new JobFailedError("busy");
    };
    const jobs = await process(work);
    const waits = (queue: Jobs, count: number): Promise<void> =>
      until(`try ${count}`, async () => {
        const { status, tries: inVain } = queue.get(client.address, one.id)!;
        return tries === count && status === "queued" && inVain === count - Number(count > 2);
      });
    await jobs.create(one, {});
    await waits(jobs, 1);
    clock += 1000;
    await waits(jobs, 2);
    clock += 2000;
    await waits(jobs, 3);
    clock += 500;
    await waits(jobs, 4);
    await jobs.stop();
    const again = await process(work);
    expect(again.get(client.address, one.id)).toMatchObject({ status: "queued", tries: 3 });
    await waits(again, 5);
  });

  it("keeps what came of it until a full disk takes it", async () => {
    const one = record();
    let refused = 0;
    class FullFiles extends JobFiles {
      override async save(...given: Parameters<JobFiles["save"]>): Promise<void> {
        if (given[0].status === "succeeded" && ++refused < 3) throw new Error("no space left");
        return super.save(...given);
      }
    }
    const work = async (): Promise<object> => {
      state = "settled";
      return { text: "paid for" };
    };
    const jobs = await process(work, { files: new FullFiles(join(folder.home, "jobs"), key) });
    await jobs.create(one, {});
    await until("the job has ended", async () => !["queued", "running"].includes(statusOf(jobs, one)!));
    expect(statusOf(jobs, one)).toBe("succeeded");
    expect(await jobs.content(one)).toEqual({ result: { text: "paid for" } });
    expect(refused).toBe(3);
  });

  it("does not keep whoever cancels it waiting for a full disk, and says once that it is full", async () => {
    const one = record();
    let isFull = true;
    let refused = 0;
    class FullFiles extends JobFiles {
      override async save(...given: Parameters<JobFiles["save"]>): Promise<void> {
        if (given[0].status !== "running" && given[0].status !== "queued" && isFull) {
          refused += 1;
          throw new Error("no space left");
        }
        return super.save(...given);
      }
    }
    const warnings: string[] = [];
    const work = async (): Promise<object> => {
      state = "settled";
      return { text: "paid for" };
    };
    const jobs = await process(work, {
      files: new FullFiles(join(folder.home, "jobs"), key),
      log: (_level, _fields, message) => void warnings.push(message),
    });
    await jobs.create(one, {});
    await until("its end was refused twice", async () => refused > 1);
    expect((await jobs.cancel(jobs.get(client.address, one.id)!)).status).toBe("running");
    expect(warnings).toHaveLength(1);
    isFull = false;
    await reaches(jobs, one, "succeeded");
    expect(await jobs.content(one)).toEqual({ result: { text: "paid for" } });
  });

  it("that is cancelled in the middle keeps what came", async () => {
    const one = record();
    const jobs = await process((_record, _input, hooks) => talking(hooks));
    await jobs.create(one, {});
    await until("something is said", async () => jobs.get(client.address, one.id)!.outputChars > 0);
    expect((await jobs.cancel(jobs.get(client.address, one.id)!)).status).toBe("cancelled");
    expect(await jobs.content(one)).toEqual({ texts: ["said so far"] });
  });

  it("that ends while its text is on the way to the disk keeps what came of it", async () => {
    const one = record();
    const jobs = await process(async (_record, _input, { onText, onDrain }) => {
      onText(0, "said");
      onDrain(() => undefined);
      return { text: "said" };
    });
    await jobs.create(one, {});
    await reaches(jobs, one, "succeeded");
    // A checkpoint that was asked for later than the first one's: by then that one was due.
    const later = record();
    const second = await process((_record, _input, hooks) => talking(hooks));
    await second.create(later, {});
    await until(
      "the next one's text is on the disk",
      async () => second.get(client.address, later.id)!.outputChars > 0,
    );
    expect(await jobs.content(one)).toEqual({ result: { text: "said" } });
  });

  it("tells whoever comes late what the others were told, and each piece once", async () => {
    const one = record();
    const { promise: isLate, resolve: late } = Promise.withResolvers<undefined>();
    let hasMore = false;
    const jobs = await process(async (_record, _input, { onText, onDrain }) => {
      onText(0, "said first");
      await new Promise<void>((resolve) => onDrain(resolve));
      onText(0, ", then more");
      hasMore = true;
      await isLate;
      await new Promise<void>((resolve) => onDrain(resolve));
      return {};
    });
    await jobs.create(one, {});
    await until("there is more than was told", async () => hasMore);
    let heard = jobs.textSoFar(one);
    jobs.listen(one, ({ delta }) => (heard += delta));
    late(undefined);
    await reaches(jobs, one, "succeeded");
    expect(heard).toBe("said first, then more");
  });

  it("that is forgotten while its webhook is told stays forgotten", async () => {
    const webhook = { url: "x", secret: "s", state: "waiting", attempts: 0, nextMs: 0, lastStatus: undefined } as const;
    const one = record({ webhook });
    const { promise: reading, resolve: read } = Promise.withResolvers<undefined>();
    let isRead = false;
    class SlowFiles extends JobFiles {
      override async content(id: string): ReturnType<JobFiles["content"]> {
        const content = await super.content(id);
        if (isTold) {
          isRead = true;
          await reading;
        }
        return content;
      }
    }
    let isTold = false;
    const tell = async (): Promise<number> => {
      isTold = true;
      return 200;
    };
    const jobs = await process(async () => ({ text: secret }), {
      tell,
      files: new SlowFiles(join(folder.home, "jobs"), key),
    });
    await jobs.create(one, {});
    await until("what it holds is read once more", async () => isRead);
    await jobs.remove(one);
    read(undefined);
    await jobs.stop();
    expect(readdirSync(join(folder.home, "jobs"))).toEqual([]);
  });

  it("that is cancelled while it waits never begins, however long its file takes", async () => {
    const { promise: disk, resolve: spin } = Promise.withResolvers<undefined>();
    const [one, other] = [record(), record()];
    class SlowFiles extends JobFiles {
      override async content(id: string): ReturnType<JobFiles["content"]> {
        if (id === one.id) await disk;
        return super.content(id);
      }
    }
    const begun: string[] = [];
    const work = async ({ id }: JobRecord): Promise<object> => {
      begun.push(id);
      return {};
    };
    state = "free";
    const jobs = await process(work, { files: new SlowFiles(join(folder.home, "jobs"), key) });
    await jobs.create(one, {});
    // What may still be billed is not cancelled.
    state = "open";
    const cancelled = jobs.cancel(one);
    state = "free";
    const really = jobs.cancel(one);
    await jobs.create(other, {});
    await reaches(jobs, other, "succeeded");
    spin(undefined);
    expect((await cancelled).status).toBe("queued");
    expect((await really).status).toBe("cancelled");
    await jobs.create(record({ id: `job_${"0".repeat(24)}` }), {});
    await until("another turn came", async () => begun.length === 2);
    expect(begun).not.toContain(one.id);
    expect(statusOf(jobs, one)).toBe("cancelled");
  });

  it("is one of at most a hundred, of which parallel requests take no more", async () => {
    const jobs = await process(() => never, { concurrency: 0 });
    const made = await Promise.allSettled(Array.from({ length: 103 }, () => jobs.create(record(), {})));
    expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(100);
    const refused = made.filter((one) => one.status === "rejected");
    expect(refused.map(({ reason }) => (reason as ApiError).code)).toEqual(Array(3).fill("too_many_jobs"));
  });

  it("begins before those that came later, and one of each account a turn", async () => {
    const begun: string[] = [];
    const own = [record(), record(), record()];
    const other = record({ account: `0x${"77".repeat(20)}` });
    const files = {
      list: async () => [...own, other],
      save: async () => undefined,
      content: async () => ({ input: {} }),
    } as unknown as JobFiles;
    await process(async ({ id }) => begun.push(id), { files, concurrency: 8 });
    await until("all have begun", async () => begun.length === 4);
    const [first, second, third] = own.map(({ id }) => id);
    expect(begun.slice(0, 2).sort()).toEqual([first, other.id].sort());
    expect(begun.slice(2)).toEqual([second, third]);
  });

  it("that ended first is forgotten first, when its account has a thousand", async () => {
    const ended = { status: "succeeded", finishedMs: clock, expiresMs: clock + 1000 } as const;
    const all = Array.from({ length: 1000 }, (_, i) => record({ ...ended, createdMs: clock - 1000 + i }));
    const kept = new Set(all.map(({ id }) => id));
    const files = {
      list: async () => all,
      save: async ({ id }: JobRecord) => void kept.add(id),
      remove: async (id: string) => void kept.delete(id),
    } as unknown as JobFiles;
    const jobs = await process(() => never, { files, concurrency: 0 });
    await jobs.create(record(), {});
    expect([all[0]!, all[1]!, all[999]!].map(({ id }) => kept.has(id))).toEqual([false, true, true]);
    expect(jobs.list(client.address)).toHaveLength(1000);
  });

  it("is the same one under the same id, and another request under it is refused", async () => {
    const jobs = await process(() => never, { concurrency: 0 });
    const one = record();
    const made = await Promise.all([jobs.create(one, {}), jobs.create(one, {})]);
    expect(made.map(({ isNew }) => isNew)).toEqual([true, false]);
    await expect(jobs.create({ ...one, request: "other" }, {})).rejects.toMatchObject({ code: "idempotency_mismatch" });
  });
});
