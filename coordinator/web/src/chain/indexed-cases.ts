import type { ExplorerInfo } from "@lode/protocol";
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
import { askIndex, type Indexed } from "./told.ts";

interface EventRow {
  readonly accused: Hex;
  readonly challenger: Hex;
  readonly transactionHash: Hex;
  readonly blockNumber: string;
}

interface Answer {
  readonly filed: readonly (EventRow & { readonly caseId: string; readonly receipt: Hex })[];
  readonly cases: readonly { readonly id: string; readonly stage: string; readonly verdict: string }[];
  readonly opened: readonly (EventRow & { readonly demandId: string; readonly subject: number })[];
  readonly demands: readonly { readonly id: string; readonly status: string }[];
  readonly faults: readonly (EventRow & { readonly id: string; readonly fault: number; readonly takenWei: string })[];
}

/** What a page of disputes shows at most. */
const most = 1_000;

const latest = `first: ${most}, orderBy: blockNumber, orderDirection: desc`;
const fields = `
  filed: caseFileds(${latest}) { caseId accused challenger receipt transactionHash blockNumber }
  cases(first: ${most}, orderBy: number, orderDirection: desc) { id stage verdict }
  opened: demandOpeneds(${latest}) { demandId subject accused challenger transactionHash blockNumber }
  demands(first: ${most}, orderBy: number, orderDirection: desc) { id status }
  faults: faultPunisheds(${latest}) { id fault accused challenger takenWei transactionHash blockNumber }`;

const stages: Readonly<Record<string, Standing>> = {
  FILED: ["filed", "warn"],
  COMMITTING: ["before a jury", "warn"],
  REVEALING: ["votes are opened", "warn"],
  VOID: ["void", "calm"],
};
const verdictNames = ["NONE", "RIGHT", "WRONG", "UNDISCLOSED"];
const statuses: Readonly<Record<string, Standing>> = {
  OPEN: ["open", "warn"],
  ANSWERED: ["answered", "good"],
  FAILED: ["not answered", "bad"],
  VOID: ["void", "calm"],
};

/** Every accusation that the operator's index knows. @throws {NoIndex} */
export async function readIndexedCases(info: ExplorerInfo): Promise<Indexed<ChainCase[]>> {
  const { data, block } = await askIndex<Answer>(info, fields);
  const standings = new Map<string, Standing>([
    ...data.cases.map(
      ({ id, stage, verdict }) => [`court ${id}`, stages[stage] ?? verdictOf(verdictNames.indexOf(verdict))] as const,
    ),
    ...data.demands.map(({ id, status }) => [`demand ${id}`, statuses[status] ?? open] as const),
  ]);
  const cases = [
    ...data.filed.map((row) =>
      caseOf(row, `court ${row.caseId}`, caseTitle(row.caseId), standings.get(`court ${row.caseId}`), row.receipt),
    ),
    ...data.opened.map((row) => {
      const key = `demand ${row.demandId}`;
      return caseOf(row, key, demandTitle(row.demandId, row.subject), standings.get(key));
    }),
    ...data.faults.map((row) => caseOf(row, `fault ${row.id}`, faultTitle(row.fault), punished(row.takenWei))),
  ];
  return { data: cases, block };
}

const open: Standing = ["open", "warn"];

function caseOf(row: EventRow, key: string, title: string, standing: Standing | undefined, receipt?: Hex): ChainCase {
  const { accused, challenger, transactionHash: transaction, blockNumber } = row;
  const [state, tone] = standing ?? open;
  return { key, title, accused, challenger, receipt, state, tone, transaction, block: BigInt(blockNumber) };
}
