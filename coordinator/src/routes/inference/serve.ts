import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { toApiError } from "../../errors.ts";
import type { JobStart } from "../../plugins/app/relay/request.ts";
import { SilenceTimer } from "../../plugins/app/relay/silence-timer.ts";
import { runChoices, type Choice, type ChoiceHooks, type Outcome } from "./choices.ts";
import { EventStream } from "./event-stream.ts";
import type { Face } from "./face.ts";
import { jobHeaders, startHeaders } from "./headers.ts";
import { handoverOf } from "./handover.ts";
import { wishesOf } from "./wishes.ts";
import { idempotent } from "./idempotent.ts";

/** A request that was checked, ready to be run. */
export interface Order {
  /** The answer's id, by which its receipts are found. */
  readonly id: string;
  readonly isStream: boolean;
  /** The jobs. Not asked for when the answer is there already. Throws ApiError when nobody can do them. */
  choices(mayBeCloud: boolean): readonly Choice[];
  /** @param created unix seconds */
  face(id: string, created: number): Face;
  /** Keeps an answer that just came, before its client is told that it is whole. There where its client asked for it. */
  keep?(outcome: Outcome, created: number): Promise<void>;
}

/** Where an answer goes while it comes, and at its end. */
interface Output {
  readonly hooks: Omit<ChoiceHooks, "signal" | "trace">;
  /** An answer that just came. */
  end(outcome: Outcome): Promise<FastifyReply>;
  /** An answer that is known already. */
  replay(face: Face, id: string, outcome: Outcome): Promise<FastifyReply>;
  /** Ends what was begun with an error. False where nothing was: then it can be a plain answer with its status. */
  fail(error: unknown): Promise<boolean>;
}

/** Runs an order, or finds its answer, and answers with it, streamed or whole. */
export async function serve(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  order: Order,
): Promise<FastifyReply> {
  const now = Math.floor(app.nowMs() / 1000);
  const face = order.face(order.id, now);
  const wishes = wishesOf(request);
  const output = (order.isStream ? streamed : whole)(app, request, reply, order.id, face);
  try {
    const { id, created, value, isReplay } = await idempotent(app, request, reply, order.id, async (signal) => {
      // Before it costs anything.
      if (order.keep !== undefined) app.answers.refuseFull(request.keySecret());
      const choices = order
        .choices(wishes.cloud === true)
        .map((choice) => ({ ...choice, job: { ...choice.job, wishes } }));
      const outcome = await runChoices(app, choices, { ...output.hooks, signal, trace: request.trace() });
      await order.keep?.(outcome, now).catch((error: unknown) => {
        // It is billed: its client gets it also where the disk takes nothing, and pays no second one.
        app.log.warn({ err: error }, "an answer that was to be stored is not kept");
      });
      return outcome;
    });
    return await (isReplay ? output.replay(order.face(id, created), id, value) : output.end(value));
  } catch (error) {
    if (await output.fail(error)) return reply;
    const elsewhere = handoverOf(app, request, error);
    if (elsewhere === undefined) throw error;
    return reply.redirect(elsewhere, 307);
  }
}

function whole(_app: FastifyInstance, _request: FastifyRequest, reply: FastifyReply, id: string, face: Face): Output {
  // As text: the schema's serializer would look at every alternative that a field has, and the faces are typed by the same schemas.
  const send = (dressed: Face, outcome: Outcome): FastifyReply =>
    reply.type("application/json; charset=utf-8").send(JSON.stringify(dressed.whole(outcome)));
  return {
    hooks: {
      onStart: (start) => void reply.headers(startHeaders(id, start)),
      onDelta: () => true,
      onDrain: () => undefined,
    },
    end: async (outcome) => send(face, outcome),
    replay: async (known, knownId, outcome) => {
      reply.headers(replayHeaders(knownId, outcome));
      return send(known, outcome);
    },
    fail: async () => false,
  };
}

/** A stream without output shows its status after so long at the latest: programs wait for that too, milliseconds. */
const longestHeldMs = 3000;

/**
 * The status waits for the first output, so that a job that every miner refuses is an error that clients know how to try again; one that
 * comes later is a part of the stream. What came while this process itself was held up is read first.
 */
function streamed(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply, id: string, face: Face): Output {
  const { raw } = reply;
  const { clientStallMs, keepAliveMs } = app.config;
  let stream: EventStream | undefined;
  let hasStarted = false;
  let hold: SilenceTimer | undefined;
  /** Events that came before the status could go out. */
  let early = "";
  const open = (): EventStream => {
    hold?.clear();
    reply.hijack();
    const headers = reply.getHeaders() as Record<string, string>;
    const { alive } = face;
    return new EventStream(raw, { headers, clientStallMs, keepAliveMs, alive, onStall: () => raw.destroy() });
  };
  const begin = (): boolean => {
    stream = open();
    return stream.write(early);
  };
  return {
    hooks: {
      onStart: (start: JobStart) => {
        reply.headers(startHeaders(id, start));
        hasStarted = true;
        const hasOutput = early !== "";
        early = face.begin() + early;
        if (hasOutput) begin();
        else hold = new SilenceTimer(Math.min(keepAliveMs, longestHeldMs), begin);
      },
      onDelta: (choice, delta) => {
        const events = face.delta(choice, delta);
        if (events === "") return true;
        if (stream !== undefined) return stream.write(events);
        early += events;
        return !hasStarted || begin();
      },
      onDrain: (resume) => stream?.onDrain(resume),
    },
    async end(outcome) {
      if (stream === undefined) begin();
      await stream?.end(face.end(outcome));
      return reply;
    },
    async replay(known, knownId, outcome) {
      reply.headers(replayHeaders(knownId, outcome));
      await open().end(known.begin() + deltasOf(known, outcome) + known.end(outcome));
      return reply;
    },
    async fail(error) {
      hold?.clear();
      if (stream === undefined) return false;
      const problem = toApiError(error);
      if (problem.status === 500) request.log.error({ err: error }, "a stream broke");
      await stream.end(face.broken(problem));
      return true;
    },
  };
}

/** A known answer as one delta for what was said and one for each call. */
function deltasOf(face: Face, { choices }: Outcome): string {
  const events = choices.flatMap(({ content, calls, logprobs }, choice) => [
    face.delta(choice, { content, ...(logprobs !== undefined && { logprobs }) }),
    ...calls.map((call, index) => face.delta(choice, { call: { index, ...call } })),
  ]);
  return events.join("");
}

/** A repeated answer of the cloud's is as much the cloud's as it was. */
function replayHeaders(id: string, { job, cloud }: Outcome): Record<string, string> {
  return { ...jobHeaders(id, job), ...(cloud !== undefined && { "x-lode-cloud": cloud }) };
}
