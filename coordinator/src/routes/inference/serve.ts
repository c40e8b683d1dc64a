import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { toApiError } from "../../errors.ts";
import { runChoices, type Choice } from "./choices.ts";
import { EventStream } from "./event-stream.ts";
import type { Face } from "./face.ts";
import { startHeaders } from "./headers.ts";

/** A request that was checked, ready to be run. */
export interface Order {
  /** The answer's id, by which its receipts are found. */
  readonly id: string;
  readonly choices: readonly Choice[];
  readonly isStream: boolean;
  readonly face: Face;
}

/** Runs an order and answers with it, streamed or whole. A client that hangs up ends its jobs. */
export async function serve(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  order: Order,
): Promise<FastifyReply> {
  const gone = new AbortController();
  const { raw } = reply;
  raw.once("close", () => {
    if (!raw.writableFinished) gone.abort();
  });
  return order.isStream
    ? serveStream(app, request, reply, order, gone.signal)
    : serveWhole(app, reply, order, gone.signal);
}

async function serveWhole(
  app: FastifyInstance,
  reply: FastifyReply,
  { id, choices, face }: Order,
  signal: AbortSignal,
): Promise<FastifyReply> {
  const outcome = await runChoices(app, choices, {
    signal,
    onStart: (start) => void reply.headers(startHeaders(id, start)),
    onDelta: () => true,
    onDrain: () => undefined,
  });
  return reply.type("application/json").send(face.whole(outcome));
}

/** Until every choice has a miner an error is a plain answer with its status; from then on it is a part of the stream. */
async function serveStream(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  { id, choices, face }: Order,
  signal: AbortSignal,
): Promise<FastifyReply> {
  const { raw } = reply;
  let stream: EventStream | undefined;
  let early = "";
  try {
    const outcome = await runChoices(app, choices, {
      signal,
      onStart: (start) => {
        reply.hijack();
        const headers = { ...(reply.getHeaders() as Record<string, string>), ...startHeaders(id, start) };
        const { clientStallMs, keepAliveMs } = app.config;
        stream = new EventStream(raw, { headers, clientStallMs, keepAliveMs, onStall: () => raw.destroy() });
        stream.write(face.begin() + early);
      },
      onDelta: (choice, delta) => {
        const events = face.delta(choice, delta);
        if (stream !== undefined) return events === "" || stream.write(events);
        early += events;
        return true;
      },
      onDrain: (resume) => stream?.onDrain(resume),
    });
    await stream?.end(face.end(outcome));
  } catch (error) {
    if (stream === undefined) throw error;
    const problem = toApiError(error);
    if (problem.status === 500) request.log.error({ err: error }, "a stream broke");
    await stream.end(face.broken(problem));
  }
  return reply;
}
