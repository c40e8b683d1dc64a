import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exitCode, MinerError } from "../../errors.ts";

export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves `GET /metrics`. Throws MinerError `port_taken` when it cannot listen. */
export async function serveMetrics(
  { host, port }: { host: string; port: number },
  text: () => string,
): Promise<MetricsServer> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    const path = (request.url ?? "").split("?")[0];
    if (path !== "/metrics") return void response.writeHead(404).end("There is only /metrics.\n");
    if (request.method !== "GET" && request.method !== "HEAD") {
      return void response.writeHead(405, { allow: "GET, HEAD" }).end();
    }
    const body = Buffer.from(text());
    response.writeHead(200, {
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
      "content-length": body.length,
      "cache-control": "no-store",
    });
    response.end(request.method === "HEAD" ? undefined : body);
  });
  server.maxConnections = 32;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  }).catch((cause: unknown) => {
    const message = `The metrics cannot be served at ${host}:${port}; name another with --metrics-port.`;
    throw new MinerError("port_taken", message, { cause, exitCode: exitCode.port });
  });
  // Nobody is told of a later failure of a socket: Prometheus asks again.
  server.on("error", () => undefined);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
