import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { JobResult } from "../app/relay/run-job.ts";

/** One job's way into the figures. */
export interface JobTrack {
  text(): void;
  done(result: JobResult): void;
  failed(code: string): void;
}

/** Every figure that the coordinator exports. Labels come from short lists only: never a key, a client or a text. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #jobs = new Counter({
    name: "lode_jobs_total",
    help: "Jobs by model and how they ended",
    labelNames: ["model", "outcome"],
    registers: [this.#registry],
  });
  readonly #tokens = new Counter({
    name: "lode_tokens_total",
    help: "Tokens delivered or read, by model and side",
    labelNames: ["model", "side"],
    registers: [this.#registry],
  });
  readonly #billed = new Counter({
    name: "lode_billed_lode_total",
    help: "LODE debited to clients",
    registers: [this.#registry],
  });
  readonly #firstText = new Histogram({
    name: "lode_first_text_seconds",
    help: "Seconds from a request to its first text",
    labelNames: ["model"],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [this.#registry],
  });

  constructor(live: { miners(): number; openAttempts(): number; logSize(): number }) {
    collectDefaultMetrics({ register: this.#registry });
    const gauge = (name: string, help: string, read: () => number): Gauge =>
      new Gauge({
        name,
        help,
        registers: [this.#registry],
        collect() {
          this.set(read());
        },
      });
    gauge("lode_miners_connected", "Miners with an open, proven link", () => live.miners());
    gauge("lode_attempts_open", "Assignments that hold a reservation", () => live.openAttempts());
    gauge("lode_log_entries", "Receipts in the log", () => live.logSize());
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** @param model the id of a model that exists: it becomes a label */
  jobStarted(model: string): JobTrack {
    const end = this.#firstText.startTimer({ model });
    let isFirst = true;
    return {
      text: () => {
        if (isFirst) end();
        isFirst = false;
      },
      done: (result) => {
        this.#jobs.inc({ model, outcome: result.finish });
        this.#tokens.inc({ model, side: "input" }, result.inputTokens);
        this.#tokens.inc({ model, side: "output" }, result.outputTokens);
        this.#billed.inc(Number(result.amountWei) / 1e18);
      },
      failed: (code) => this.#jobs.inc({ model, outcome: code }),
    };
  }
}
