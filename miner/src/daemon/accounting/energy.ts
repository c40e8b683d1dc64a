import { cardWatts, joulesBetween, type Sample } from "../../hardware/index.ts";

/**
 * Energy of the whole machine as its sensors tell it, and what of it falls to one job: between two samples, equal parts to the jobs that
 * run. Undefined where there is no sensor: nothing is made up from data sheets.
 */
export class EnergyMeter {
  #last: Sample | undefined;
  #hasSensors = false;
  #joules = 0;
  /** Joules that one job would have had if it had run all the time. */
  #perJob = 0;
  #wattsPerJob = 0;

  /** @param running jobs at this moment */
  take(sample: Sample, running: number): void {
    const last = this.#last;
    this.#last = sample;
    const watts = cardWatts(sample);
    if (watts === undefined && sample.counters.length === 0) return;
    this.#hasSensors = true;
    if (last === undefined) return;
    const seconds = Math.max(0, sample.atMs - last.atMs) / 1000;
    if (seconds === 0) return;
    // A card tells its power: between two looks it is taken for their mean.
    const meanWatts = watts === undefined ? 0 : (watts + (cardWatts(last) ?? watts)) / 2;
    const joules = joulesBetween(last.counters, sample.counters) + meanWatts * seconds;
    const jobs = Math.max(1, running);
    this.#joules += joules;
    this.#perJob += joules / jobs;
    this.#wattsPerJob = joules / seconds / jobs;
  }

  /** Joules since the start. */
  get joules(): number | undefined {
    return this.#hasSensors ? this.#joules : undefined;
  }

  /** A mark of this moment; two of them tell a job's joules by their difference. Between samples the last power goes on. */
  mark(nowMs: number): number | undefined {
    if (!this.#hasSensors || this.#last === undefined) return undefined;
    return this.#perJob + (Math.max(0, nowMs - this.#last.atMs) / 1000) * this.#wattsPerJob;
  }
}

/** Output tokens for a thousand joules. */
export function tokensPerKilojoule(tokens: number, joules: number | undefined): number | undefined {
  return joules === undefined || joules <= 0 ? undefined : (tokens * 1000) / joules;
}
