import type { Hex } from "@lode/sdk/hash";
import type { Signer } from "@lode/sdk/keys";
import type { Auditor, RoundReport } from "../auditor.ts";
import type { HeadBook, WitnessedHead } from "../gossip/head-book.ts";
import { takeHeads, type Signers } from "../gossip/exchange.ts";
import { auditMetrics } from "./metrics.ts";
import { serveWitness, type WitnessServer } from "./server.ts";
import type { Webhook } from "./webhook.ts";

export interface WitnessOptions {
  readonly auditor: Auditor;
  readonly heads: HeadBook;
  readonly coordinator: Hex;
  /** Countersigns heads that were proved right; nobody does without it. */
  readonly signer: Signer | undefined;
  readonly webhook: Webhook | undefined;
  readonly everyMs: number;
  readonly nowMs: () => number;
  /** Told of every round that ended, with what it found or what it could not check. */
  readonly onRound: (round: { readonly report: RoundReport } | { readonly failure: unknown }) => void;
}

/** Audits a coordinator over and over, shows what it saw, and tells of what is wrong. */
export class Witness {
  readonly #options: WitnessOptions;
  #report: RoundReport | undefined;
  #lastRoundMs: number | undefined;
  #rounds = 0;
  #failures = 0;

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  /** Serves until the signal, with a round every so often; a round that takes longer delays the next. */
  async run(at: { host: string; port: number }, signers: () => Signers, signal: AbortSignal): Promise<void> {
    const server = await this.serve(at, signers);
    try {
      while (!signal.aborted) {
        await this.round(signal);
        await pause(this.#options.everyMs, signal);
      }
    } finally {
      await server.close();
    }
  }

  /** @param signers who signs for the coordinator, by the last round's reading of the chain */
  serve(at: { host: string; port: number }, signers: () => Signers): Promise<WitnessServer> {
    const { auditor, heads, coordinator, nowMs } = this.#options;
    return serveWitness(at, {
      coordinator,
      heads,
      nowMs,
      copy: () => auditor.copy,
      metrics: () => this.metrics(),
      report: () => this.#report ?? null,
      take: (shown: readonly WitnessedHead[]) => takeHeads(heads, shown, signers()),
    });
  }

  async round(signal: AbortSignal): Promise<void> {
    const { auditor, heads, signer, webhook, nowMs, onRound } = this.#options;
    try {
      const report = await auditor.round();
      this.#report = report;
      if (signer !== undefined && isRight(report)) heads.countersign(report.head, signer);
      onRound({ report });
      await webhook?.tell(report.coordinator, report.findings, signal);
    } catch (failure) {
      this.#failures += 1;
      onRound({ failure });
    }
    this.#rounds += 1;
    this.#lastRoundMs = nowMs();
  }

  metrics(): string {
    return auditMetrics({
      report: this.#report,
      lastRoundMs: this.#lastRoundMs,
      rounds: this.#rounds,
      failures: this.#failures,
      heads: this.#options.heads.all.length,
      untold: this.#options.webhook?.untold ?? 0,
    });
  }
}

/** Kinds of findings under which a head is not what its log adds up to: nobody countersigns it. */
const denied = new Set<string>([
  "head_signature_invalid",
  "log_incomplete",
  "log_root_wrong",
  "log_shrank",
  "log_forked",
  "split_view",
]);

function isRight({ findings }: RoundReport): boolean {
  return !findings.some(({ kind }) => denied.has(kind));
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    if (signal.aborted) done();
    else signal.addEventListener("abort", done);
  });
}
