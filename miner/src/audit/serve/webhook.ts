import { createHash, createHmac } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Finding } from "@lode/sdk/audit";

export interface WebhookOptions {
  readonly url: URL;
  /** Signs each call: HMAC-SHA256 of `time.body`. */
  readonly secret: string;
  /** Keeps which findings were told, over restarts. */
  readonly file: string;
  readonly nowMs: () => number;
  readonly timeoutMs?: number;
  /** Waits between two tries; given so that tests need not wait. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Findings in one call, and tries of one call in a row. */
const mostInCall = 100;
const tries = 5;

const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });

/**
 * Tells somebody of findings, each at least once: a finding counts as told when the webhook answered 2xx, and that is on the
 * disk before the next one goes out.
 */
export class Webhook {
  readonly #options: WebhookOptions;
  readonly #told: Set<string>;
  #untold = 0;

  constructor(options: WebhookOptions) {
    this.#options = options;
    this.#told = new Set(existsSync(options.file) ? readTold(options.file) : []);
  }

  /** Findings that could not be told yet. */
  get untold(): number {
    return this.#untold;
  }

  /** Tells what was not told. Tries five times, waiting 1, 2, 4, 8 s; what is left then waits for the next round. */
  async tell(coordinator: string, findings: readonly Finding[], signal: AbortSignal): Promise<void> {
    const fresh = [...new Map(findings.map((finding) => [idOf(finding), finding]))].filter(
      ([id]) => !this.#told.has(id),
    );
    this.#untold = fresh.length;
    for (let start = 0; start < fresh.length; start += mostInCall) {
      const group = fresh.slice(start, start + mostInCall);
      const body = JSON.stringify({
        type: "audit.findings",
        coordinator,
        findings: group.map(([id, finding]) => ({ id, ...finding })),
      });
      if (!(await this.#call(body, signal))) return;
      for (const [id] of group) this.#told.add(id);
      this.#untold -= group.length;
      this.#keep();
    }
  }

  async #call(body: string, signal: AbortSignal): Promise<boolean> {
    const { pause = sleep } = this.#options;
    for (let attempt = 0; attempt < tries; attempt++) {
      if (attempt > 0) await pause(1000 * 2 ** (attempt - 1), signal);
      if (signal.aborted) return false;
      if (await this.#post(body, signal)) return true;
    }
    return false;
  }

  async #post(body: string, signal: AbortSignal): Promise<boolean> {
    const { url, secret, nowMs, timeoutMs = 10_000 } = this.#options;
    const time = Math.floor(nowMs() / 1000);
    const mac = createHmac("sha256", secret).update(`${time}.${body}`).digest("hex");
    try {
      const answer = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", "lode-signature": `t=${time},v1=${mac}` },
        body,
        redirect: "error",
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      // What it says is nobody's business, and may be endless.
      await answer.body?.cancel();
      return answer.ok;
    } catch {
      return false;
    }
  }

  #keep(): void {
    const fresh = `${this.#options.file}.new`;
    writeFileSync(fresh, JSON.stringify([...this.#told]), { mode: 0o600, flush: true });
    renameSync(fresh, this.#options.file);
  }
}

/** The same finding has the same id in every round and after a restart. */
export function idOf({ kind, index, message }: Finding): string {
  return createHash("sha256")
    .update(`${kind}\n${index ?? ""}\n${message}`)
    .digest("hex")
    .slice(0, 32);
}

function readTold(file: string): string[] {
  try {
    const told = JSON.parse(readFileSync(file, "utf8")) as unknown;
    return Array.isArray(told) ? told.filter((id) => typeof id === "string") : [];
  } catch {
    // Told twice is better than not at all.
    return [];
  }
}
