import { randomBytes } from "node:crypto";

/** JSON values only; never a text, a key or an address of a person. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A stretch of work. One that is not sampled costs nothing and goes nowhere. */
export interface Span {
  /** A stretch within this one. */
  child(name: string, attributes?: Attributes): Span;
  set(attributes: Attributes): void;
  /** @param problem a short code when it failed */
  end(problem?: string): void;
  /** What a log line names it by; undefined when it is not sampled. */
  readonly traceId: string | undefined;
}

export const noSpan: Span = { child: () => noSpan, set: () => undefined, end: () => undefined, traceId: undefined };

export interface TracerOptions {
  /** Base URL of an OpenTelemetry collector that takes OTLP over HTTP. */
  readonly endpoint: string;
  readonly serviceName: string;
  /** Share of requests that are traced unless their caller decides, 0..1. */
  readonly ratio: number;
  readonly version: string;
  readonly warn: (message: string) => void;
}

interface Finished {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly object[];
  readonly status: { readonly code: number; readonly message?: string };
}

/** Spans that wait for the collector; a collector that is away loses what comes beyond. */
const maximumWaiting = 4096;
const flushMs = 1000;
const exportMs = 5000;
const warnEveryMs = 60_000;
const kinds = { internal: 1, server: 2 } as const;
const traceparent = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const nobody = /^0+$/;

/** Sends spans to an OpenTelemetry collector in batches (OTLP, JSON over HTTP). A collector that fails fails nobody else. */
export class Tracer {
  readonly #options: TracerOptions;
  readonly #timer: NodeJS.Timeout;
  #waiting: Finished[] = [];
  #exporting = Promise.resolve();
  #warnedAtMs = -Infinity;

  constructor(options: TracerOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.flush(), flushMs);
    this.#timer.unref();
  }

  /** Begins a request's span. @param parent its W3C `traceparent` header, which decides whether it is traced */
  request(name: string, parent: unknown, attributes: Attributes): Span {
    const [, traceId = "", spanId = "", flags = ""] =
      typeof parent === "string" ? (traceparent.exec(parent) ?? []) : [];
    if (traceId === "" || nobody.test(traceId) || nobody.test(spanId)) {
      if (Math.random() >= this.#options.ratio) return noSpan;
      return this.#start({ traceId: randomBytes(16).toString("hex"), name, kind: kinds.server }, attributes);
    }
    if ((Number.parseInt(flags, 16) & 1) === 0) return noSpan;
    return this.#start({ traceId, parentSpanId: spanId, name, kind: kinds.server }, attributes);
  }

  /** Resolves when what ended so far is with the collector or lost. */
  flush(): Promise<void> {
    return (this.#exporting = this.#exporting.then(() => this.#export()));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  #start(of: Pick<Finished, "traceId" | "name" | "kind"> & { parentSpanId?: string }, attributes: Attributes): Span {
    const spanId = randomBytes(8).toString("hex");
    const startedNs = nowNs();
    let all = attributes;
    let isOver = false;
    return {
      traceId: of.traceId,
      child: (name, more = {}) =>
        this.#start({ traceId: of.traceId, parentSpanId: spanId, name, kind: kinds.internal }, more),
      set: (more) => {
        all = { ...all, ...more };
      },
      end: (problem) => {
        if (isOver || this.#waiting.length >= maximumWaiting) return;
        isOver = true;
        this.#waiting.push({
          ...of,
          spanId,
          startTimeUnixNano: startedNs.toString(),
          endTimeUnixNano: nowNs().toString(),
          attributes: Object.entries(all).map(([key, value]) => ({ key, value: valueOf(value) })),
          status: problem === undefined ? { code: 1 } : { code: 2, message: problem },
        });
      },
    };
  }

  async #export(): Promise<void> {
    const spans = this.#waiting;
    if (spans.length === 0) return;
    this.#waiting = [];
    const { endpoint, serviceName, version } = this.#options;
    const resource = { attributes: [{ key: "service.name", value: valueOf(serviceName) }] };
    const scopeSpans = [{ scope: { name: "lode-coordinator", version }, spans }];
    try {
      const answer = await fetch(`${endpoint.replace(/\/+$/, "")}/v1/traces`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans }] }),
        signal: AbortSignal.timeout(exportMs),
      });
      await answer.body?.cancel();
      if (!answer.ok) this.#warn(`status ${answer.status}`, spans.length);
    } catch (error) {
      this.#warn(error instanceof Error ? error.message : String(error), spans.length);
    }
  }

  #warn(reason: string, lost: number): void {
    const now = performance.now();
    if (now - this.#warnedAtMs < warnEveryMs) return;
    this.#warnedAtMs = now;
    this.#options.warn(`${lost} spans are lost: the collector did not take them (${reason})`);
  }
}

function nowNs(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
}

function valueOf(value: string | number | boolean): object {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
