import { EngineError } from "../../errors.ts";

/** Processor time of this process, shared among the jobs that have a slot. */
export interface CpuMeter {
  /** Counts a job from now on; `exceed` comes once, with the reason. Returns what ends the counting. */
  watch(capMs: number, exceed: (reason: EngineError) => void): () => void;
}

/** Between two looks. A job is ended that much late, at most. */
const stepMs = 50;

/** `cpuMs`: processor time of all threads of this process so far. */
export function createCpuMeter(cpuMs: () => number = processCpuMs): CpuMeter {
  const jobs = new Set<{ usedMs: number; capMs: number; exceed: (reason: EngineError) => void }>();
  let timer: NodeJS.Timeout | undefined;
  let last = 0;
  const look = (): void => {
    const now = cpuMs();
    const share = (now - last) / Math.max(1, jobs.size);
    last = now;
    for (const job of jobs) {
      job.usedMs += share;
      if (job.usedMs < job.capMs) continue;
      jobs.delete(job);
      const sentence = `The job has used the ${job.capMs / 1000} s of processor time that it may.`;
      job.exceed(new EngineError("cpu-limit", sentence));
    }
  };
  return {
    watch(capMs, exceed) {
      if (jobs.size === 0) last = cpuMs();
      // What was used until now belongs to those who were here.
      else look();
      const job = { usedMs: 0, capMs, exceed };
      jobs.add(job);
      timer ??= setInterval(look, stepMs);
      return () => {
        look();
        jobs.delete(job);
        if (jobs.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}

function processCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
