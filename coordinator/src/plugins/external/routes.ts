import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ApiError } from "../../errors.ts";

/** What a path is served for. */
interface Known {
  readonly methods: Set<string>;
  /** Pages of other origins may call it with a key that their user gives them. */
  isForPages: boolean;
}

/** Seconds that a browser remembers what it may send. */
const preflightSecs = 7200;

/**
 * Answers requests that no route takes: 405 with `Allow` where the path is known, else 404; OPTIONS everywhere. Browsers may
 * call what a client's key opens from any page: keys come in headers and never by themselves, so that no page can use a key that it was not given.
 */
export function useRoutes(app: FastifyInstance): void {
  const known = new Map<string, Known>();
  app.addHook("onRoute", ({ url, method, config }) => {
    const one = known.get(url) ?? { methods: new Set(), isForPages: false };
    for (const name of [method].flat()) one.methods.add(name);
    one.isForPages ||= config?.scopes?.includes("client") === true;
    known.set(url, one);
  });
  app.addHook("onRequest", (request, reply, done) => {
    if (request.routeOptions.config.scopes?.includes("client") === true) allowPages(reply);
    done();
  });
  app.setNotFoundHandler(async (request, reply) => {
    const [path = ""] = request.url.split("?");
    const found = [...known].find(([pattern]) => fits(pattern, path))?.[1];
    if (found === undefined) {
      throw new ApiError(404, "not_found", `There is no ${request.method} ${path.slice(0, 200)}; see /docs.`);
    }
    const allow = [...found.methods, "OPTIONS"].join(", ");
    reply.header("allow", allow);
    if (found.isForPages) allowPages(reply);
    if (request.method === "OPTIONS") return preflight(request, reply, found.isForPages ? allow : undefined);
    const message = `${path.slice(0, 200)} takes ${allow}, not ${request.method}.`;
    throw new ApiError(405, "method_not_allowed", message);
  });
}

function allowPages(reply: FastifyReply): void {
  reply.header("access-control-allow-origin", "*");
  reply.header("access-control-expose-headers", "*");
}

/** @param methods those that a page may use, if any */
function preflight(request: FastifyRequest, reply: FastifyReply, methods: string | undefined): FastifyReply {
  const wanted = request.headers["access-control-request-headers"];
  if (methods !== undefined && request.headers["access-control-request-method"] !== undefined) {
    reply.header("access-control-allow-methods", methods);
    // A wildcard would leave out the header that the key comes in.
    if (typeof wanted === "string" && /^[\w-]+(\s*,\s*[\w-]+)*$/.test(wanted)) {
      reply.header("access-control-allow-headers", wanted);
    }
    reply.header("access-control-max-age", preflightSecs);
  }
  return reply.code(204).send();
}

/** Whether a path is one of a route's pattern: `:name` stands for one part, `*` at the end for all that follow. */
function fits(pattern: string, path: string): boolean {
  const [parts, given] = [pattern.split("/"), path.split("/")];
  const isOpen = parts.at(-1) === "*";
  if (isOpen ? given.length < parts.length : given.length !== parts.length) return false;
  return parts.every((part, i) => part === "*" || (part.startsWith(":") ? given[i] !== "" : part === given[i]));
}
