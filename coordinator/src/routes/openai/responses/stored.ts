import type { ChatMessage } from "@lode/protocol";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ApiError } from "../../../errors.ts";
import type { Outcome } from "../../inference/choices.ts";
import { alwaysTheSame, type ResponseBody } from "./schemas.ts";

/** A response that its client asked to be kept. JSON values only. */
export interface StoredResponse {
  readonly response: ResponseBody;
  /** The conversation up to and with this answer, without instructions, which belong to one request each. */
  readonly messages: readonly ChatMessage[];
}

const keptMs = 30 * 24 * 3_600_000;
const nameOf = (id: string): string => `response ${id}`;

/** Keeps a response where only its API key can read it. */
export async function keepResponse(
  app: FastifyInstance,
  request: FastifyRequest,
  stored: StoredResponse,
): Promise<void> {
  const kept = { value: stored, expiresMs: app.answers.nowMs + keptMs };
  await app.answers.write(request.keySecret(), nameOf(stored.response.id), kept);
}

/** Throws a 404 that names `param`, or a 400 where a request for something else names what is not there. */
export async function storedResponse(
  app: FastifyInstance,
  request: FastifyRequest,
  id: string,
  param: string,
): Promise<StoredResponse> {
  const kept = await app.answers.read(request.keySecret(), nameOf(id));
  if (kept !== undefined) {
    const { response, messages } = kept.value as StoredResponse;
    const noUser: Partial<ResponseBody> = { user: null };
    // One of an earlier version lacks what its fields were extended by.
    return { response: { ...alwaysTheSame, ...noUser, ...response }, messages };
  }
  const message = "There is no such response here: only those made with 'store: true' by the same API key are kept.";
  if (param === "id") throw new ApiError(404, "response_not_found", message, { param });
  throw new ApiError(400, "previous_response_not_found", message, { param });
}

/** Whether there was one. */
export function forgetResponse(app: FastifyInstance, request: FastifyRequest, id: string): Promise<boolean> {
  return app.answers.remove(request.keySecret(), nameOf(id));
}

/** What the model said, as a later request's template takes it. */
export function answerMessages({ choices }: Outcome): ChatMessage[] {
  return choices.map(({ content, calls }) => {
    // A call that was cut short cannot be shown to a template.
    const whole = calls.filter((call) => isJson(call.arguments)).map((call) => ({ ...call }));
    return { role: "assistant", content, ...(whole.length > 0 && { toolCalls: whole }) };
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
