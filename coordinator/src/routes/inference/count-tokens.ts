import { limits, type Prompt } from "@lode/protocol";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ApiError } from "../../errors.ts";
import { InsufficientFundsError } from "../../plugins/app/ledger/errors.ts";
import { CountError } from "../../plugins/app/relay/count-desk.ts";
import { modelOf } from "./model.ts";

/** What each of the two routes takes a minute, for each key: miners do it for nothing. */
export const countsPerMinute = 300;

/**
 * How many tokens a prompt has, as a miner that serves the model counts them. It costs nothing, and is for those who could pay for a
 * job: whoever has no money here could keep every miner busy. Throws ApiError, and InsufficientFundsError.
 */
export async function countTokens(
  app: FastifyInstance,
  request: FastifyRequest,
  model: string,
  prompt: Prompt,
): Promise<number> {
  const { digest } = modelOf(app, model);
  if (JSON.stringify(prompt).length > limits.countedChars) {
    const message = `Tokens are counted of prompts up to ${limits.countedChars} characters.`;
    throw new ApiError(413, "request_too_large", message);
  }
  const { availableWei } = await app.ledger.clientBalance(request.payer().client);
  if (availableWei <= 0n) throw new InsufficientFundsError(1n, availableWei);
  try {
    return await app.hub.counts.ask(digest, prompt);
  } catch (error) {
    if (!(error instanceof CountError)) throw error;
    const { code, message } = error;
    if (code === "no_miner") {
      throw new ApiError(503, code, message, { headers: { "retry-after": "5" }, shouldRetry: true, cause: error });
    }
    throw new ApiError(400, code, message, { cause: error });
  }
}
