import type { ExplorerInfo } from "@lode/protocol";
import { courtAbi, demandsAbi, faultProofsAbi } from "@lode/sdk/abi";
import type { Hex } from "viem";
import {
  caseTitle,
  demandTitle,
  faultTitle,
  punished,
  verdictOf,
  type ChainCase,
  type Standing,
} from "./case-words.ts";
import { readIndexedCases } from "./indexed-cases.ts";
import { addressOf, blockRanges, openChain } from "./reader.ts";
import { low, tell, type Told } from "./told.ts";

/**
 * Everything that anybody was accused of on this chain, the latest first: out of the operator's index, or out of the chain's
 * own events where there is no index or it does not answer.
 * @throws {NoChain}
 */
export async function readCases(info: ExplorerInfo, accused?: Hex): Promise<Told<readonly ChainCase[]>> {
  const told = await tell(
    info,
    () => readIndexedCases(info),
    () => readEvents(info),
  );
  const cases = [...told.value].sort((a, b) => (a.block < b.block ? 1 : -1));
  const value = accused === undefined ? cases : cases.filter((one) => low(one.accused) === low(accused));
  return { ...told, value };
}

async function readEvents(info: ExplorerInfo): Promise<ChainCase[]> {
  const { client } = await openChain(info);
  const cases = new Map<string, ChainCase>();
  const change = (key: string, [state, tone]: Standing): void => {
    const known = cases.get(key);
    if (known !== undefined) cases.set(key, { ...known, state, tone });
  };
  for (const range of await blockRanges(client, info)) {
    const read = { ...range, strict: true } as const;
    const [court, demands, proofs] = await Promise.all([
      client.getContractEvents({ address: addressOf(info, "court"), abi: courtAbi, ...read }),
      client.getContractEvents({ address: addressOf(info, "demands"), abi: demandsAbi, ...read }),
      client.getContractEvents({ address: addressOf(info, "faultProofs"), abi: faultProofsAbi, ...read }),
    ]);
    for (const event of court) {
      const { transactionHash: transaction, blockNumber: block } = event;
      if (event.eventName === "CaseFiled") {
        const { id, accused, challenger, receipt } = event.args;
        const key = `court ${id}`;
        const about = { accused, challenger, receipt, transaction, block };
        cases.set(key, { key, title: caseTitle(id), ...about, state: "filed", tone: "warn" });
      } else if (event.eventName === "JuryDrawn") change(`court ${event.args.id}`, ["before a jury", "warn"]);
      else if (event.eventName === "CommitsClosed") change(`court ${event.args.id}`, ["votes are opened", "warn"]);
      else if (event.eventName === "CaseVoid") change(`court ${event.args.id}`, ["void", "calm"]);
      else if (event.eventName === "CaseDecided") change(`court ${event.args.id}`, verdictOf(event.args.verdict));
    }
    for (const event of demands) {
      const { transactionHash: transaction, blockNumber: block } = event;
      if (event.eventName === "DemandOpened") {
        const { id, subject, accused, challenger } = event.args;
        const key = `demand ${id}`;
        const about = { accused, challenger, receipt: undefined, transaction, block };
        cases.set(key, { key, title: demandTitle(id, subject), ...about, state: "open", tone: "warn" });
      } else if (event.eventName === "DemandAnswered") change(`demand ${event.args.id}`, ["answered", "good"]);
      else if (event.eventName === "DemandFailed") change(`demand ${event.args.id}`, ["not answered", "bad"]);
      else if (event.eventName === "DemandVoid") change(`demand ${event.args.id}`, ["void", "calm"]);
    }
    for (const event of [...court, ...demands, ...proofs]) {
      if (event.eventName !== "FaultPunished") continue;
      const { transactionHash: transaction, blockNumber: block, args } = event;
      const key = `fault ${transaction} ${event.logIndex}`;
      const { accused, challenger, fault, takenWei } = args;
      const [state, tone] = punished(takenWei);
      const about = { accused, challenger, receipt: undefined, transaction, block };
      cases.set(key, { key, title: faultTitle(fault), ...about, state, tone });
    }
  }
  return [...cases.values()];
}
