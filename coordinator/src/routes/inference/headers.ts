import type { JobStart } from "../../plugins/app/relay/relay.ts";

/** The names under which the public clients show a request: OpenAI's and Anthropic's. */
export const idHeaders = (id: string): Record<string, string> => ({ "x-request-id": id, "request-id": id });

/** What an answer's headers say about its first job. */
export function startHeaders(id: string, { digest, miner, quote }: JobStart): Record<string, string> {
  return {
    ...idHeaders(id),
    "x-lode-job": digest,
    "x-lode-miner": miner,
    "x-lode-price-input-wei": quote.quote.inputPriceWei.toString(),
    "x-lode-price-output-wei": quote.quote.outputPriceWei.toString(),
  };
}
