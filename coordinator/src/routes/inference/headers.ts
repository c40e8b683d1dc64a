import Type from "typebox";
import type { JobStart } from "../../plugins/app/relay/request.ts";

/** The headers of an answer, for the routes' schemas. */
export const answerHeaders = {
  "x-request-id": Type.String({ description: "The answer's id, also as request-id; it leads to /v1/receipts/{id}" }),
  "x-lode-job": Type.String({ description: "Digest of the first job's first assignment" }),
  "x-lode-receipt": Type.String({ description: "Path of its receipts, which are there when the answer is whole" }),
  "x-lode-miner": Type.String({ description: "The miner that began it; absent from an answer that is repeated" }),
  "x-lode-cloud": Type.String({
    description:
      "What the cloud that does it calls the model; there where no miner does it, and only when the request allowed it",
  }),
  "x-lode-price-input-wei": Type.String({ description: "For a token" }),
  "x-lode-price-output-wei": Type.String({ description: "For a token" }),
  "x-lode-quote": Type.String({ description: "Hash of the signed quote that its price comes from" }),
  "x-lode-latency": Type.String({ description: "The latency tier that it was matched and priced for" }),
  "idempotent-replayed": Type.String({ description: "true when the answer was known from its Idempotency-Key" }),
} as const;

/** The names under which the public clients show a request: OpenAI's and Anthropic's. */
export const idHeaders = (id: string): Record<string, string> => ({ "x-request-id": id, "request-id": id });

/** What leads from an answer to its job and its receipts, whether it just came or is repeated. */
export const jobHeaders = (id: string, job: string): Record<string, string> => ({
  ...idHeaders(id),
  "x-lode-job": job,
  "x-lode-receipt": `/v1/receipts/${id}`,
});

/** What an answer's headers say about its first job. */
export function startHeaders(id: string, { digest, miner, quote, latency, cloud }: JobStart): Record<string, string> {
  return {
    ...jobHeaders(id, digest),
    ...(cloud === undefined ? { "x-lode-miner": miner } : { "x-lode-cloud": cloud }),
    "x-lode-quote": quote.quoteHash,
    "x-lode-latency": latency,
    "x-lode-price-input-wei": quote.quote.inputPriceWei.toString(),
    "x-lode-price-output-wei": quote.quote.outputPriceWei.toString(),
  };
}
