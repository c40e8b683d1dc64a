import { courtAbi } from "@lode/sdk/abi";
import { verdicts } from "@lode/sdk/draws";
import type { Hex } from "@lode/sdk/hash";
import { decodeFunctionData, parseEventLogs } from "viem";
import type { ChainReader } from "../chain/chain.ts";

/** A receipt of a coordinator that jurors found wrong, and what its miner paid for it. Amounts are wei. */
export interface JudgedReceipt {
  readonly receipt: Hex;
  /** `wrong`, or `undisclosed`. */
  readonly verdict: string;
  readonly accused: Hex;
  readonly challenger: Hex;
  readonly takenWei: bigint;
  readonly refundWei: bigint;
  readonly rewardWei: bigint;
  readonly burnedWei: bigint;
}

/** Blocks in one request for events: what public endpoints allow. */
const span = 10_000n;

const low = (hex: Hex): Hex => hex.toLowerCase() as Hex;

/**
 * Receipts of one coordinator that the court convicted, in the order of the verdicts. They stand in the log as they were signed: a
 * verdict is no finding. What was filed through another contract is not seen.
 */
export async function readVerdicts(chain: ChainReader, coordinator: Hex): Promise<JudgedReceipt[]> {
  const { client, contracts, addresses } = chain;
  const found: JudgedReceipt[] = [];
  const filed = new Map<bigint, { readonly receipt: Hex; readonly transaction: Hex }>();
  const last = await client.getBlockNumber({ cacheTime: 0 });
  for (let fromBlock = BigInt(addresses.deployedAtBlock); fromBlock <= last; fromBlock += span) {
    const toBlock = fromBlock + span - 1n < last ? fromBlock + span - 1n : last;
    const events = await client.getContractEvents({ ...contracts.court, fromBlock, toBlock, strict: true });
    for (const event of events) {
      if (event.eventName === "CaseFiled") {
        const { id, receipt } = event.args;
        filed.set(id, { receipt, transaction: event.transactionHash });
      }
      const verdict = event.eventName === "CaseDecided" ? verdicts[event.args.verdict] : undefined;
      if (event.eventName !== "CaseDecided" || (verdict !== "wrong" && verdict !== "undisclosed")) continue;
      const known = filed.get(event.args.id);
      if (known === undefined || (await coordinatorOf(chain, known.transaction)) !== coordinator) continue;
      const { logs } = await client.getTransactionReceipt({ hash: event.transactionHash });
      const [punished] = parseEventLogs({ abi: courtAbi, logs, eventName: "FaultPunished" });
      if (punished === undefined) continue;
      const { accused, challenger, takenWei, refundWei, rewardWei, burnedWei } = punished.args;
      const who = { accused: low(accused), challenger: low(challenger) };
      found.push({ receipt: known.receipt, verdict, ...who, takenWei, refundWei, rewardWei, burnedWei });
    }
  }
  return found;
}

/** Whose assignment an accusation was about. */
async function coordinatorOf({ client }: ChainReader, hash: Hex): Promise<Hex | undefined> {
  const { input } = await client.getTransaction({ hash });
  try {
    const call = decodeFunctionData({ abi: courtAbi, data: input });
    if (call.functionName !== "file" && call.functionName !== "fileDrawn") return undefined;
    return low(call.args[0].coordinator);
  } catch {
    return undefined;
  }
}

/** Verdicts in words, one line each. */
export function verdictLines(judged: readonly JudgedReceipt[], amount: (wei: bigint) => string): string[] {
  return judged.map(({ receipt, verdict, accused, takenWei, refundWei, burnedWei }) => {
    const what = verdict === "wrong" ? "not what its model gives" : "not disclosed";
    return `Judged: receipt ${receipt} of ${accused} was ${what}; ${amount(takenWei)} of its stake taken, ${amount(refundWei)} of it back to the client, ${amount(burnedWei)} burned.`;
  });
}
