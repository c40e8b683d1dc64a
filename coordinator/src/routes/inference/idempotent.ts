import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";
import { ApiError, toApiError } from "../../errors.ts";
import type { KeyedAnswer } from "../../plugins/app/answers/idempotency.ts";
import { WishHeaders } from "./wishes.ts";

/** For the routes' schemas. */
export const RequestHeaders = Type.Object({
  "idempotency-key": Type.Optional(
    Type.String({ description: "The same key brings the same answer for a day, and one bill; 1 to 255 characters" }),
  ),
  ...WishHeaders,
});

const shape = /^[\x21-\x7e]{1,255}$/;

/**
 * Runs what a request leads to: at most once where it carries an `Idempotency-Key`. Without a key `work` ends when the
 * client hangs up. With one it goes on, because whoever names a request wants its answer, if need be by asking again.
 */
export async function idempotent<T>(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  id: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<KeyedAnswer<T>> {
  const key = request.headers["idempotency-key"];
  if (key === undefined) {
    const created = Math.floor(app.nowMs() / 1000);
    try {
      return { value: await work(goneSignal(reply)), id, created, isReplay: false };
    } catch (error) {
      throw app.ledger.jobState(id) === "free" ? error : unrepeatable(error);
    }
  }
  if (typeof key !== "string" || !shape.test(key)) {
    const message = "An Idempotency-Key has 1 to 255 printable characters.";
    throw new ApiError(400, "invalid_idempotency_key", message);
  }
  const keyed = {
    ...{ secret: request.keySecret(), key, route: request.routeOptions.url ?? "", body: request.body, id },
    onReplay: (bytes: number) => app.reopening.enter(request, reply, bytes),
  };
  const answer = await app.idempotency.run(keyed, () => work(new AbortController().signal));
  if (answer.isReplay) reply.header("idempotent-replayed", "true");
  return answer;
}

/** A failure of which a part is billed, or may be: whoever sent the request again by itself would pay for it twice. */
function unrepeatable(error: unknown): ApiError {
  return ApiError.fromProblem(toApiError(error).problem, { shouldRetry: false, cause: error });
}

/** Aborted when the client is gone before the answer is out. */
function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once("close", () => {
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
