import type { FastifyInstance, FastifyRequest } from "fastify";
import { noSpan, type Span, type Tracer } from "./tracing.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The request's span; null when nobody collects any. */
    span: Span | null;
    /** What work on its behalf hangs below. */
    trace(): Span;
  }
}

/**
 * A span for every request that could lead to work. It ends when the answer is out, so that with a stream it holds the whole
 * of it. The path is the route's pattern: ids and texts of a request are in no span.
 */
export function useTracing(app: FastifyInstance, tracer: Tracer | undefined): void {
  app.decorateRequest("span", null);
  app.decorateRequest("trace", function (this: FastifyRequest) {
    return this.span ?? noSpan;
  });
  if (tracer === undefined) return;
  app.addHook("onRequest", async (request) => {
    const { url, config } = request.routeOptions;
    if (url === undefined || config.isProbe === true) return;
    const { method, headers } = request;
    const attributes = { "http.request.method": method, "http.route": url };
    request.span = tracer.request(`${method} ${url}`, headers.traceparent, attributes);
  });
  app.addHook("onResponse", async ({ span }, reply) => {
    const status = reply.raw.statusCode;
    span?.set({ "http.response.status_code": status });
    span?.end(status >= 500 ? String(status) : undefined);
  });
  app.addHook("onClose", () => tracer.close());
}
