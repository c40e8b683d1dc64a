import type { JobStart } from "../../plugins/app/relay/relay.ts";

/** What an answer's headers say about its first job. */
export function startHeaders(id: string, { digest, miner, quote }: JobStart): Record<string, string> {
  return {
    // The name under which the public clients show a request.
    "x-request-id": id,
    "x-lode-job": digest,
    "x-lode-miner": miner,
    "x-lode-price-input-wei": quote.quote.inputPriceWei.toString(),
    "x-lode-price-output-wei": quote.quote.outputPriceWei.toString(),
  };
}
