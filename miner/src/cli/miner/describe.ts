import { tokensPerKilojoule, type MinerEvent } from "../../daemon/index.ts";
import { showAmount } from "../amounts.ts";

/** An event as a line for a person. */
export function describe(event: MinerEvent): string {
  switch (event.event) {
    case "connected":
      return `connected to ${event.url}`;
    case "disconnected":
      return `link to ${event.url} lost: ${event.reason}; trying again in ${event.retryInSecs} s`;
    case "job":
      return `job ${event.assignment.slice(0, 10)}${event.offset > 0 ? `, continuing at token ${event.offset}` : ""}`;
    case "refused":
      return `refused ${event.assignment.slice(0, 10)}: ${event.message}`;
    case "receipt":
      return `receipt ${event.assignment.slice(0, 10)}: ${event.outputTokens} tokens, ${showAmount(BigInt(event.amountWei))}${energyOf(event)}`;
    case "accepted":
      return `accepted ${event.assignment.slice(0, 10)}: entry ${event.logIndex} of the log`;
    case "rejected":
      return `rejected ${event.assignment.slice(0, 10)}: ${event.message}`;
    case "voucher":
      return `voucher: ${showAmount(BigInt(event.cumulativeWei))} for ${event.count} receipts`;
    case "conditions":
      return event.reason === undefined ? "nothing is in the way any more" : `conditions: ${event.reason}`;
    case "model":
      return event.isLoaded ? `loaded ${event.model}` : `${event.model} left the memory`;
    case "classification":
      return `classification ${event.job} proved and paid in ${event.transaction.slice(0, 10)}`;
    case "metrics":
      return `figures at ${event.url}`;
    case "distrust":
      return `NO MORE WORK for this coordinator: ${event.problem}`;
    case "warning":
      return `warning: ${event.message}`;
  }
}

function energyOf({ joules, outputTokens }: Extract<MinerEvent, { event: "receipt" }>): string {
  if (joules === undefined) return "";
  const rate = tokensPerKilojoule(outputTokens, joules);
  return `, ${joules.toFixed(1)} J${rate === undefined ? "" : ` (${rate.toFixed(0)} tokens/kJ)`}`;
}
