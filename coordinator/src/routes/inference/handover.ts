import type { FastifyInstance, FastifyRequest } from "fastify";
import { toApiError } from "../../errors.ts";
import { handover } from "../../domain/regions/federation.ts";
import { wishesOf } from "./wishes.ts";

/** Marks a request that came from another coordinator, so that it does not travel on. */
const mark = "lode-handover";

/** Failures that say that nobody here can do a job which somebody elsewhere may. */
const local = new Set(["no_miner", "model_not_found"]);

/** Where to send a request that nobody here can serve; undefined when it stays. */
export function handoverOf(app: FastifyInstance, request: FastifyRequest, error: unknown): string | undefined {
  const peers = app.federation.peers;
  const { code, headers } = toApiError(error);
  if (peers.length === 0 || !local.has(code)) return undefined;
  // Something of it is billed here already.
  if (code === "no_miner" && headers["x-should-retry"] === "false") return undefined;
  const { model } = request.body as { model?: string };
  const wasHandedOver = new URL(request.url, "http://here").searchParams.has(mark);
  if (model === undefined) return undefined;
  const peer = handover(app.floor.place.id, peers, { model, regions: wishesOf(request).regions }, wasHandedOver);
  if (peer === undefined) return undefined;
  const url = new URL(request.url, peer.url);
  url.searchParams.set(mark, "1");
  return url.href;
}
