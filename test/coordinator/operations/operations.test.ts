import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEdge, type Edge } from "../edge/edge.ts";
import { readStream } from "../edge/stream.ts";
import { pieces } from "../openai/client.ts";
import { startCollector, type Collector, type SeenSpan } from "./collector.ts";

const canary = "canary-8831";
const traceId = "0af7651916cd43dd8448eb211c80319c";
const parentId = "b7ad6b7169203331";
const traceparent = `00-${traceId}-${parentId}-01`;

let edge: Edge;
let collector: Collector;
beforeAll(async () => {
  collector = await startCollector();
  edge = await openEdge({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_TRACES_SAMPLER_ARG: "0",
    LOG_LEVEL: "info",
  });
  await edge.miner({ script: pieces(`A ${canary} word`) });
});
afterAll(async () => {
  await edge.stop();
  await collector.close();
});

const ask = (more: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  edge.chat({ messages: [{ role: "user", content: canary }], ...more }, { headers });

const text = async (url: string): Promise<string> => (await edge.app.inject({ url })).body;

describe("OpenAPI", () => {
  it("is valid to a linter that is not ours", async () => {
    const document = JSON.parse(await text("/docs/json")) as { info: { title?: string } };
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
    // The same document with one thing wrong is not.
    const broken = structuredClone(document);
    delete broken.info.title;
    expect((await new Validator().validate(broken)).valid).toBe(false);
  });

  it("says of every operation which key it needs, also none, and has a name for each, as stricter linters ask", async () => {
    interface Described {
      readonly servers: readonly { url: string }[];
      readonly info: { readonly license?: { name: string } };
      readonly paths: Readonly<Record<string, Readonly<Record<string, { operationId?: string; security?: unknown }>>>>;
    }
    const { servers, info, paths } = JSON.parse(await text("/docs/json")) as Described;
    expect([servers.length, info.license?.name]).toEqual([1, "MIT"]);
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
    expect(operations.filter(({ security }) => !Array.isArray(security))).toEqual([]);
    const names = operations.map(({ operationId = "" }) => operationId);
    expect(names.filter((name) => !/^[a-z][A-Za-z0-9]+$/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
    expect(paths["/v1/models/{model}"]?.["get"]?.operationId).toBe("getV1ModelsByModel");
    expect(paths["/health"]?.["get"]?.security).toEqual([]);
  });
});

const promtool = spawnSync("promtool", ["--version"]).status === 0;
const reason = promtool ? "" : ": skipped, promtool is not installed (Debian's package prometheus)";

describe("metrics", () => {
  it.skipIf(!promtool)(`pass promtool check metrics${reason}`, async () => {
    expect((await ask({ stream: true })).status).toBe(200);
    const checked = promtoolOn(await text("/metrics"));
    expect(await checked).toEqual({ code: 0, said: "" });
  });

  it("are all that the Grafana dashboard asks for, with the labels that it names", async () => {
    expect((await ask({})).status).toBe(200);
    edge.app.metrics.failover("silent");
    const known = samplesOf(await text("/metrics"));
    const file = join(import.meta.dirname, "..", "..", "..", "coordinator", "dashboards", "grafana.json");
    const dashboard = JSON.parse(readFileSync(file, "utf8")) as {
      panels: { title: string; targets: { expr: string }[] }[];
    };
    const asked = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).flatMap(selectorsOf);
    expect(asked.length).toBeGreaterThan(10);
    for (const { name, labels } of asked) {
      expect(known.has(name), name).toBe(true);
      // Prometheus adds where a sample came from; `le` is a histogram's own.
      const own = labels.filter((label) => label !== "instance" && label !== "le");
      expect(
        own.filter((label) => known.get(name)?.has(label) !== true),
        name,
      ).toEqual([]);
    }
  });
});

/** Each metric with every label that some sample of it has. */
function samplesOf(metrics: string): Map<string, Set<string>> {
  const known = new Map<string, Set<string>>();
  for (const [, name = "", labels = ""] of metrics.matchAll(/^([a-z0-9_]+)(?:\{(.*)\})? /gm)) {
    const all = known.get(name) ?? new Set();
    for (const [, label = ""] of labels.matchAll(/([a-z_]+)="/g)) all.add(label);
    known.set(name, all);
  }
  return known;
}

/** The metrics that an expression reads, with the labels that it selects by or groups by. */
function selectorsOf(expr: string): { name: string; labels: string[] }[] {
  const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = ""]) =>
    list.split(",").map((l) => l.trim()),
  );
  return [...expr.matchAll(/\b([a-z]+_[a-z0-9_]+)\{([^}]*)\}/g)].map(([, name = "", selector = ""]) => ({
    name,
    labels: [...grouped, ...[...selector.matchAll(/([a-z_]+)=~?"/g)].map(([, label = ""]) => label)],
  }));
}

function promtoolOn(metrics: string): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    const child = execFile("promtool", ["check", "metrics"], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, said: `${stdout}${stderr}` }),
    );
    child.stdin?.end(metrics);
  });
}

const attribute = (span: SeenSpan | undefined, key: string): unknown =>
  Object.values(span?.attributes.find((one) => one.key === key)?.value ?? {})[0];

/** Spans of the requests since the last call, when all of them are out. */
async function spans(count: number): Promise<SeenSpan[]> {
  await expect
    .poll(async () => {
      await edge.app.tracer?.flush();
      return collector.spans.length;
    })
    .toBeGreaterThanOrEqual(count);
  return collector.spans.splice(0);
}

describe("traces", () => {
  it("lead from a request to its receipt, below the caller's span", async () => {
    const stream = await readStream(await ask({ stream: true }, { traceparent }));
    const seen = await spans(5);
    const named = (name: string): SeenSpan | undefined => seen.find((span) => span.name === name);
    const request = named("POST /v1/chat/completions");
    const attempt = named("lode.attempt");
    expect(request).toMatchObject({ traceId, parentSpanId: parentId, status: { code: 1 } });
    expect(attempt).toMatchObject({ traceId, parentSpanId: request?.spanId });
    for (const name of ["lode.assign", "lode.generate", "lode.settle"]) {
      expect(named(name), name).toMatchObject({ traceId, parentSpanId: attempt?.spanId });
    }
    expect(attribute(attempt, "lode.assignment")).toBe(stream.last?.lode?.receipts[0]);
    expect(attribute(request, "http.response.status_code")).toBe("200");
    const order = ["lode.assign", "lode.generate", "lode.settle"].map((name) => BigInt(named(name)!.startTimeUnixNano));
    expect(order).toEqual(order.toSorted((a, b) => (a < b ? -1 : 1)));
  });

  it("hold nothing of what was asked or answered, and no key", async () => {
    await readStream(await ask({ stream: true }, { traceparent }));
    await spans(5);
    const all = collector.bodies.join("\n");
    expect(all).toContain("lode.attempt");
    expect(all).not.toContain(canary);
    expect(all).not.toContain(edge.key.slice(-20));
  });

  it("are not made for a request whose caller does not trace it, nor beyond the ratio", async () => {
    await readStream(await ask({ stream: true }, { traceparent: `00-${traceId}-${parentId}-00` }));
    await readStream(await ask({ stream: true }));
    await readStream(await ask({ stream: true }, { traceparent: `00-${"0".repeat(32)}-${parentId}-01` }));
    await readStream(await ask({ stream: true, max_tokens: 41 }, { traceparent }));
    const seen = await spans(5);
    expect(seen.filter(({ name }) => name === "lode.attempt")).toHaveLength(1);
  });

  it("that nobody takes cost nobody an answer", async () => {
    collector.status = 503;
    const stream = await readStream(await ask({ stream: true }, { traceparent }));
    await edge.app.tracer?.flush();
    collector.status = 200;
    expect(stream.isDone).toBe(true);
    await expect.poll(() => edge.logged.some((line) => line.includes("spans are lost"))).toBe(true);
  });
});

describe("logs", () => {
  it("are one JSON object a line, with a level, a time and the request's id", async () => {
    await ask({});
    const lines = edge.logged.map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const line of lines) expect(line).toMatchObject({ level: expect.any(Number), time: expect.any(Number) });
    const answered = lines.filter(({ msg }) => msg === "request completed");
    expect(answered.length).toBeGreaterThan(0);
    for (const line of answered)
      expect(line).toMatchObject({ reqId: expect.any(String), responseTime: expect.any(Number) });
  });
});
