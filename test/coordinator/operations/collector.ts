import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface SeenSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly status: { readonly code: number; readonly message?: string };
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

export interface Collector {
  readonly url: string;
  readonly spans: SeenSpan[];
  /** Everything that came, as text. */
  readonly bodies: string[];
  /** What the next exports are answered with. */
  status: number;
  close(): Promise<void>;
}

interface Export {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly SeenSpan[] }[] }[];
}

/** An OpenTelemetry collector as far as an exporter can see. */
export async function startCollector(): Promise<Collector> {
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (data: string) => (body += data));
    request.on("end", () => {
      response.writeHead(request.url === "/v1/traces" ? collector.status : 404).end();
      collector.bodies.push(body);
      const { resourceSpans } = JSON.parse(body) as Export;
      if (collector.status < 400) {
        collector.spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const collector: Collector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: [],
    bodies: [],
    status: 200,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return collector;
}
