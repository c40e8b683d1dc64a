import type { FastifyInstance } from "fastify";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { tierTerms, type LatencyTier } from "../../domain/pricing/tier.ts";
import type { FailureCode } from "../../domain/jobs/failure.ts";
import type { JobResult } from "../app/relay/request.ts";

/** One job's way into the figures. */
export interface JobTrack {
  text(): void;
  done(result: JobResult): void;
  failed(code: string): void;
}

/** What is read from the parts when the figures are asked for. */
export interface LiveFigures {
  readonly miners: () => number;
  readonly cards: () => { powerW: number; hottestC: number };
  readonly jobs: () => number;
  readonly openAttempts: () => number;
  readonly logSize: () => number;
  readonly nodes: () => number;
  readonly hostedLeases: () => number;
  readonly hostedWaiting: () => number;
  readonly isChainAway: () => boolean;
}

/** Gauges of the library under a counter's name, which `promtool check metrics` refuses; they are sums of others. */
const misnamed = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

const secondsBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Every figure that the coordinator exports. Labels come from short lists only: never a key, a client or a text. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #jobs = this.#counter("lode_jobs_total", "Jobs by model and how they ended", ["model", "outcome"]);
  readonly #tokens = this.#counter("lode_tokens_total", "Tokens read or delivered, by model and side", [
    "model",
    "side",
  ]);
  readonly #billed = this.#counter("lode_billed_lode_total", "LODE debited to clients", []);
  readonly #failovers = this.#counter("lode_failovers_total", "Jobs that moved to another miner, by reason", [
    "reason",
  ]);
  readonly #clouds = this.#counter("lode_cloud_jobs_total", "Jobs that a cloud did for want of miners, by their end", [
    "outcome",
  ]);
  readonly #hedges = this.#counter("lode_hedged_jobs_total", "Realtime jobs that started twice, by whose output came", [
    "won",
  ]);
  readonly #proofs = this.#counter("lode_hosted_proofs_total", "What polling miners handed in, and what came of it", [
    "workload",
    "outcome",
  ]);
  readonly #slabVouchers = this.#counter("lode_slab_vouchers_total", "Slab vouchers that were accepted", []);
  readonly #slabTurns = this.#counter("lode_slab_turns_total", "Settlements of slabs by what came of them", [
    "outcome",
  ]);
  readonly #slabSettled = this.#counter("lode_slab_settled_lode_total", "LODE that settlements of slabs collected", []);
  readonly #jobsEnded = this.#counter("lode_async_jobs_total", "Asynchronous jobs by workload and how they ended", [
    "workload",
    "status",
  ]);
  readonly #webhooks = this.#counter("lode_webhooks_total", "Webhooks that answered, by what came of it", ["outcome"]);
  readonly #firstText = this.#histogram("lode_first_text_seconds", "From a request to its first text", ["model"]);
  readonly #firstTokens = this.#histogram(
    "lode_first_token_seconds",
    "From a job to its first token, by latency tier",
    ["latency"],
  );
  readonly #slaMisses = this.#counter("lode_sla_misses_total", "Jobs whose first token was later than their tier", [
    "latency",
  ]);
  readonly #requests = this.#histogram("lode_http_request_seconds", "Requests by route and status", [
    "method",
    "route",
    "status",
  ]);

  constructor(live: LiveFigures) {
    collectDefaultMetrics({ register: this.#registry });
    for (const name of misnamed) this.#registry.removeSingleMetric(name);
    this.#gauge("lode_miners_connected", "Miners with an open, proven link", live.miners);
    this.#gauge("lode_miners_gpu_power_watts", "What connected miners' cards draw", () => live.cards().powerW);
    this.#gauge("lode_miners_gpu_hottest_celsius", "Of connected miners' cards", () => live.cards().hottestC);
    this.#gauge("lode_jobs_running", "Jobs between request and receipt", live.jobs);
    this.#gauge("lode_attempts_open", "Assignments that hold a reservation", live.openAttempts);
    this.#gauge("lode_log_entries", "Receipts in the log", live.logSize);
    this.#gauge("lode_nodes_online", "Machines that speak over HTTP and are not offline", live.nodes);
    this.#gauge("lode_hosted_leases", "Jobs that polling miners have now", live.hostedLeases);
    this.#gauge("lode_hosted_waiting", "Jobs that wait for a miner that polls", live.hostedWaiting);
    this.#gauge("lode_chain_away", "1 while the chain does not answer", () => Number(live.isChainAway()));
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

  firstToken(latency: LatencyTier, ms: number): void {
    this.#firstTokens.observe({ latency }, ms / 1000);
    if (ms >= tierTerms[latency].budgetMs) this.#slaMisses.inc({ latency });
  }

  failover(reason: FailureCode): void {
    this.#failovers.inc({ reason });
  }

  cloudJob(outcome: string): void {
    this.#clouds.inc({ outcome });
  }

  hedge(isWon: boolean): void {
    this.#hedges.inc({ won: isWon ? "second" : "first" });
  }

  jobEnded(workload: string, status: string): void {
    this.#jobsEnded.inc({ workload, status });
  }

  webhook(outcome: "delivered" | "refused"): void {
    this.#webhooks.inc({ outcome });
  }

  watchJobs(count: (status: "queued" | "running") => number): void {
    this.#gauge("lode_async_jobs_queued", "Asynchronous jobs that wait", () => count("queued"));
    this.#gauge("lode_async_jobs_running", "Asynchronous jobs that run", () => count("running"));
  }

  proof(workload: string, outcome: string): void {
    this.#proofs.inc({ workload, outcome });
  }

  slabVoucher(): void {
    this.#slabVouchers.inc();
  }

  slabSettled(totalWei: bigint): void {
    this.#slabTurns.inc({ outcome: "settled" });
    this.#slabSettled.inc(Number(totalWei) / 1e18);
  }

  slabFailed(): void {
    this.#slabTurns.inc({ outcome: "failed" });
  }

  watchSlabs(figures: () => { readonly channels: number; readonly unsettledWei: bigint }): void {
    this.#gauge("lode_slab_channels", "Open channels of ZkSettlement with vouchers", () => figures().channels);
    this.#gauge(
      "lode_slab_unsettled_lode",
      "LODE that vouchers on open channels promise beyond what is settled",
      () => {
        return Number(figures().unsettledWei) / 1e18;
      },
    );
  }

  request(labels: { method: string; route: string; status: number }, seconds: number): void {
    this.#requests.observe(labels, seconds);
  }

  #counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #histogram<L extends string>(name: string, help: string, labelNames: readonly L[]): Histogram<L> {
    return new Histogram({ name, help, labelNames, buckets: secondsBuckets, registers: [this.#registry] });
  }

  #gauge(name: string, help: string, read: () => number): void {
    // A gauge that nobody sets reads its figure when it is asked for.
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }
}

/** Times every request under its route's pattern; what meets no route shares one label. */
export function useRequestMetrics(app: FastifyInstance, metrics: Metrics): void {
  app.addHook("onResponse", ({ method, routeOptions }, reply, done) => {
    const route = routeOptions.url ?? "none";
    metrics.request({ method, route, status: reply.raw.statusCode }, reply.elapsedTime / 1000);
    done();
  });
}
