import type { ExplorerInfo } from "@lode/protocol";
import { courtAbi, demandsAbi, faultProofsAbi } from "@lode/sdk/abi";
import type { Hex } from "viem";
import { lodeText } from "../ui/format.ts";
import type { Tone } from "../ui/parts.tsx";
import { addressOf, blockRanges, openChain } from "./reader.ts";

/** An accusation on the chain, as far as it got. */
export interface ChainCase {
  readonly key: string;
  readonly title: string;
  readonly accused: Hex;
  readonly challenger: Hex | undefined;
  /** The receipt that it is about, where it is about one. */
  readonly receipt: Hex | undefined;
  readonly state: string;
  readonly tone: Tone;
  readonly transaction: Hex;
  readonly block: bigint;
}

const subjects = ["evidence", "receipt in the log", "debt in the books", "tokens of the output", "payment"];
const verdicts = ["undecided", "work was right", "work was wrong"];
const faults = [
  "Two receipts for one assignment",
  "Two different logs",
  "Liabilities understated",
  "Log or books not shown",
  "Output not opened",
  "Acknowledged work not paid",
  "Wrong output",
];

/** Everything that anybody was accused of on this chain, the latest first. @throws {NoChain} */
export async function readCases(info: ExplorerInfo, accused?: Hex): Promise<ChainCase[]> {
  const { client } = await openChain(info);
  const cases = new Map<string, ChainCase>();
  const change = (key: string, state: string, tone: Tone): void => {
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
        const { id, challenger, receipt } = event.args;
        const key = `court ${id}`;
        const title = `Case ${id}: wrong work`;
        const about = { accused: event.args.accused, challenger, receipt, transaction, block };
        cases.set(key, { key, title, ...about, state: "filed", tone: "warn" });
      } else if (event.eventName === "JuryDrawn") change(`court ${event.args.id}`, "before a jury", "warn");
      else if (event.eventName === "CommitsClosed") change(`court ${event.args.id}`, "votes are opened", "warn");
      else if (event.eventName === "CaseVoid") change(`court ${event.args.id}`, "void", "calm");
      else if (event.eventName === "CaseDecided") {
        const { id, verdict } = event.args;
        const state = verdicts[verdict] ?? `verdict ${verdict}`;
        change(`court ${id}`, state, verdict === 1 ? "good" : verdict === 2 ? "bad" : "calm");
      }
    }
    for (const event of demands) {
      const { transactionHash: transaction, blockNumber: block } = event;
      if (event.eventName === "DemandOpened") {
        const { id, subject, challenger } = event.args;
        const title = `Demand ${id}: show the ${subjects[subject] ?? "evidence"}`;
        const about = { accused: event.args.accused, challenger, receipt: undefined, transaction, block };
        cases.set(`demand ${id}`, { key: `demand ${id}`, title, ...about, state: "open", tone: "warn" });
      } else if (event.eventName === "DemandAnswered") change(`demand ${event.args.id}`, "answered", "good");
      else if (event.eventName === "DemandFailed") change(`demand ${event.args.id}`, "not answered", "bad");
      else if (event.eventName === "DemandVoid") change(`demand ${event.args.id}`, "void", "calm");
    }
    for (const event of [...court, ...demands, ...proofs]) {
      if (event.eventName !== "FaultPunished") continue;
      const { transactionHash: transaction, blockNumber: block, args } = event;
      const key = `fault ${transaction} ${event.logIndex}`;
      const { accused: guilty, challenger, fault, takenWei } = args;
      const about = { accused: guilty, challenger, receipt: undefined, transaction, block };
      const state = `lost ${lodeText(takenWei)} LODE`;
      cases.set(key, { key, title: faults[fault] ?? `Fault ${fault}`, ...about, state, tone: "bad" });
    }
  }
  const all = [...cases.values()].sort((a, b) => (a.block < b.block ? 1 : -1));
  return accused === undefined ? all : all.filter((one) => one.accused.toLowerCase() === accused.toLowerCase());
}
