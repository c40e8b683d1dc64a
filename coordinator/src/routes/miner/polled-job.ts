import { Bytes32, Decimal, hostedTokenBytes } from "@lode/protocol";
import Type, { type Static } from "typebox";
import { promptText, type HostedJob } from "../../plugins/app/hosting/hosted-job.ts";

const Time = Type.String({ format: "date-time" });

/** A job as a polling miner gets it. */
export const PolledJob = Type.Object(
  {
    id: Bytes32,
    workload: Type.Union([Type.Literal("text"), Type.Literal("benchmark")]),
    input: Type.Object({
      prompt: Type.String({ description: "The whole prompt as one text" }),
      messages: Type.Optional(Type.Array(Type.Object({ role: Type.String(), content: Type.String() }))),
      max_tokens: Type.Integer(),
      max_output_bytes: Type.Integer(),
      temperature: Type.Number(),
      top_p: Type.Number(),
      top_k: Type.Integer(),
      seed: Type.String({ description: "32 bytes as hex" }),
      stop: Type.Array(Type.String()),
    }),
    reward: Type.Object({
      input_price_wei: Decimal,
      output_price_wei: Decimal,
      fee_ppm: Type.Integer(),
      max_amount_wei: Decimal,
    }),
    created_at: Time,
    lease_expires_at: Time,
    deadline: Time,
  },
  { title: "PolledJob" },
);

export function viewOfJob({
  digest,
  workload,
  message,
  assignment,
  lease,
  queuedMs,
}: HostedJob): Static<typeof PolledJob> {
  const { prompt, sampler, stop } = message;
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    id: digest,
    workload,
    input: {
      prompt: promptText(prompt),
      ...("messages" in prompt && { messages: prompt.messages.map(({ role, content }) => ({ role, content })) }),
      max_tokens: assignment.maxOutputTokens,
      max_output_bytes: assignment.maxOutputTokens * hostedTokenBytes,
      temperature: sampler.temperature,
      top_p: sampler.topP,
      top_k: sampler.topK,
      seed: assignment.seed,
      stop: [...stop],
    },
    reward: {
      input_price_wei: assignment.inputPriceWei.toString(),
      output_price_wei: assignment.outputPriceWei.toString(),
      fee_ppm: assignment.feePpm,
      max_amount_wei: assignment.maxAmountWei.toString(),
    },
    created_at: iso(queuedMs),
    lease_expires_at: iso(lease?.untilMs ?? queuedMs),
    deadline: iso(Number(assignment.deadline) * 1000),
  };
}
