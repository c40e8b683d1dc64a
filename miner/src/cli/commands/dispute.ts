import type { Hex } from "@lode/sdk/hash";
import type { Command } from "commander";
import { maxUint256 } from "viem";
import { preview } from "../../chain/act.ts";
import { act, type DeclaredAct, type Setting } from "../acts.ts";
import { kinds, needed } from "../arguments.ts";
import { argumentsFrom } from "../evidence.ts";
import { addAccuse } from "../dispute/accuse.ts";
import { addStatus } from "../dispute/status.ts";
import type { Io } from "../io.ts";
import { readVoucher } from "../voucher-file.ts";
import { addOpen } from "./dispute-open.ts";

const evidence = needed(kinds.json, "JSON file with the function's arguments by name");
const id = needed(kinds.count, "number of the demand");

/** Arguments out of a file, whatever the function. */
interface Shown {
  readonly args: Readonly<Record<string, unknown>>;
}
const argumentsOf = ({ args }: Shown): readonly unknown[] => Object.values(args);

const field = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, name) => (inner as Readonly<Record<string, unknown>>)[name], value);

interface ByEvidence {
  readonly name: string;
  readonly summary: string;
  readonly contract: "court" | "demands" | "proofs";
  readonly functionName: string;
  readonly what: string;
  /** Where in the arguments the accused is named. */
  readonly accused: readonly string[];
  /** Whether a bond is taken, which an answer or an acquittal forfeits. */
  readonly isBonded: boolean;
  readonly notes: string;
}

/** An accusation whose arguments are structs out of a file. */
function accusation({ accused, isBonded, what, ...entry }: ByEvidence): DeclaredAct {
  const accusedIn = (args: Shown["args"]): Hex => field(args, ...accused) as Hex;
  return act({
    ...entry,
    takes: { evidence },
    resolve: async (given, at) => {
      const args = argumentsFrom(given.evidence, at.parameters);
      return { args, bondWei: isBonded ? await bondOf(at, entry, Object.values(args)) : 0n };
    },
    args: argumentsOf,
    what: ({ args }) => `${what} ${accusedIn(args)}`,
    readings: ({ args }, { self, read }) => [
      read.wallet(self),
      read.stake(accusedIn(args), "accused's stake"),
      read.freezes(accusedIn(args), "accused's stake"),
    ],
    pays: { amountWei: ({ bondWei }) => bondWei },
    notes: `${entry.notes}${isBonded ? " A bond is taken from the wallet; who accuses wrongly loses it." : ""}`,
    examples: [`lode dispute ${entry.name} evidence.json --dry-run`],
  });
}

type Called = Pick<ByEvidence, "contract" | "functionName">;

/** The bond that an accusation takes: the demands' contract says it, the court's is what a simulated filing takes. */
async function bondOf({ self, chain, read }: Setting, called: Called, args: readonly unknown[]): Promise<bigint> {
  const { client, contracts } = chain;
  if (called.contract !== "court") return client.readContract({ ...contracts.demands, functionName: "bondWei" });
  const { court, token } = contracts;
  const approve = {
    what: "allow any bond",
    contract: token,
    functionName: "approve",
    args: [court.address, maxUint256],
  };
  const accuse = { what: "the accusation", contract: court, functionName: called.functionName, args };
  const { changes } = await preview(chain, self, { acts: [approve, accuse], readings: [read.wallet(self)] });
  return BigInt(changes[0]?.before ?? 0n) - BigInt(changes[0]?.after ?? 0n);
}

const job = "The file holds { assignment, assignmentProof, receipt, receiptProof }.";

/** Faults that prove themselves, demands, and what opens a case before jurors. */
const accusations: readonly DeclaredAct[] = [
  accusation({
    name: "equivocation",
    summary: "prove that a miner signed two receipts for one assignment",
    contract: "proofs",
    functionName: "proveEquivocation",
    what: "prove the equivocation of",
    accused: ["assignment", "miner"],
    isBonded: false,
    notes: "The file holds { assignment, first: { receipt, proof }, second: { receipt, proof } }.",
  }),
  accusation({
    name: "split-view",
    summary: "prove that a coordinator showed two logs that differ",
    contract: "proofs",
    functionName: "proveSplitView",
    what: "prove the forked log of",
    accused: ["coordinator"],
    isBonded: false,
    notes: "The file holds { coordinator, index, first, second }: two heads, signed or anchored, with their leaves.",
  }),
  accusation({
    name: "understated",
    summary: "prove that a coordinator anchored less than it owes on a voucher on record",
    contract: "proofs",
    functionName: "proveUnderstated",
    what: "prove the understated books of",
    accused: ["line", "payer"],
    isBonded: false,
    notes: "The file holds { line, path, previous, anchors }; exhibit the voucher before the anchor.",
  }),
  accusation({
    name: "demand-in-log",
    summary: "demand that a coordinator show a receipt in its anchored log",
    contract: "demands",
    functionName: "demandInLog",
    what: "demand a receipt in the log of",
    accused: ["assignment", "coordinator"],
    isBonded: true,
    notes: job,
  }),
  accusation({
    name: "demand-opening",
    summary: "a client's demand that its miner open tokens of its output",
    contract: "demands",
    functionName: "demandOpening",
    what: "demand that tokens be opened by",
    accused: ["assignment", "miner"],
    isBonded: true,
    notes: job,
  }),
  accusation({
    name: "demand-payment",
    summary: "a miner's demand to be paid for acknowledged jobs after its last voucher",
    contract: "demands",
    functionName: "demandPayment",
    what: "demand payment by",
    accused: ["jobs", "0", "assignment", "coordinator"],
    isBonded: true,
    notes:
      "The file holds { last, signature, jobs: [{ assignment, assignmentProof, receipt, progress, progressProof }] }.",
  }),
  accusation({
    name: "file",
    summary: "a client's accusation of a wrong output, which drawn jurors judge",
    contract: "court",
    functionName: "file",
    what: "accuse of a wrong output",
    accused: ["assignment", "miner"],
    isBonded: true,
    notes: job,
  }),
  accusation({
    name: "file-drawn",
    summary: "anybody's accusation of a receipt that was drawn",
    contract: "court",
    functionName: "fileDrawn",
    what: "accuse, for a drawn receipt,",
    accused: ["assignment", "miner"],
    isBonded: true,
    notes: "The file holds the job, its place in the log { index, path } and { previous, anchors }.",
  }),
];

interface AnswerEntry {
  readonly name: string;
  readonly summary: string;
  readonly functionName: string;
  readonly notes: string;
}

/** An answer to a demand, out of a file. */
function answer(entry: AnswerEntry): DeclaredAct {
  return act({
    ...entry,
    contract: "demands",
    takes: { id, evidence },
    resolve: (given, at) => ({ id: given.id, args: argumentsFrom(given.evidence, at.parameters, { id: given.id }) }),
    args: argumentsOf,
    what: ({ id }) => `answer demand ${id}`,
    readings: ({ id }, { self, read }) => [read.demand(id), read.freezes(self)],
    examples: [`lode dispute ${entry.name} 3 evidence.json --dry-run`],
  });
}

export const disputeActs: readonly DeclaredAct[] = [
  ...accusations,
  act({
    name: "exhibit",
    summary: "a payee puts its pooled voucher on record: from then on its payer's books must show it",
    contract: "proofs",
    functionName: "exhibit",
    takes: { voucher: needed(kinds.path, "JSON file with the voucher: { voucher, signature }") },
    resolve: (given) => readVoucher(given.voucher),
    args: ({ voucher, signature }) => [voucher, signature],
    what: ({ voucher }) => `put on record what ${voucher.payer} promised ${voucher.payee}`,
    readings: ({ voucher }, { read }) => [read.exhibit(voucher.payer, voucher.payee)],
    examples: ["lode dispute exhibit voucher.json"],
  }),
  act({
    name: "demand-in-books",
    summary: "demand that a voucher on record be shown in the books of one of its payer's anchors",
    contract: "demands",
    functionName: "demandInBooks",
    takes: {
      payer: needed(kinds.address, "whose books"),
      payee: needed(kinds.address, "whose line"),
      books: needed(kinds.count, "number of the anchor, up to the next one"),
    },
    resolve: async (given, at) => ({
      ...given,
      bondWei: await bondOf(at, { contract: "demands", functionName: "demandInBooks" }, []),
    }),
    args: ({ payer, payee, books }) => [payer, payee, books],
    what: ({ payer, payee, books }) => `demand the line of ${payee} in the books of anchor ${books} of ${payer}`,
    readings: ({ payer }, { self, read }) => [read.wallet(self), read.freezes(payer, "accused's stake")],
    pays: { amountWei: ({ bondWei }) => bondWei },
    notes: "A bond is taken from the wallet; an answer in time costs it.",
    examples: [
      "lode dispute demand-in-books 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc 7",
    ],
  }),
  answer({
    name: "answer-in-log",
    summary: "show the receipt in the anchored log",
    functionName: "answerInLog",
    notes: "The file holds { index, path, previous, anchors }.",
  }),
  answer({
    name: "answer-in-books",
    summary: "show the line in the demanded books",
    functionName: "answerInBooks",
    notes: "The file holds { line, path, previous, anchors }.",
  }),
  answer({
    name: "answer-opening",
    summary: "open the tokens that were drawn",
    functionName: "answerOpening",
    notes: "The file holds { opened: [{ salt, tokenId, path }] }, in the order of the drawn range.",
  }),
  answer({
    name: "answer-in-voucher",
    summary: "show that the miner's own voucher covers one of the receipts that it claims",
    functionName: "answerInVoucher",
    notes: "The file holds { receipts, which, index, size, path }.",
  }),
  act({
    name: "answer-collected",
    summary: "end a demand whose money was collected",
    contract: "demands",
    functionName: "answerCollected",
    takes: { id },
    what: ({ id }) => `show that the money of demand ${id} is collected`,
    readings: ({ id }, { self, read }) => [read.demand(id), read.freezes(self)],
    examples: ["lode dispute answer-collected 3"],
  }),
  act({
    name: "close",
    summary: "punish an accused that did not answer a demand in time; anybody may",
    contract: "demands",
    functionName: "fail",
    takes: { id },
    resolve: async ({ id }, { chain }) => {
      const { client, contracts } = chain;
      const { accused } = await client.readContract({ ...contracts.demands, functionName: "demandOf", args: [id] });
      return { id, accused: accused.toLowerCase() as Hex };
    },
    args: ({ id }) => [id],
    what: ({ id }) => `close demand ${id}, which was not answered`,
    readings: ({ id, accused }, { self, read }) => [
      read.demand(id),
      read.stake(accused, "accused's stake"),
      read.freezes(accused, "accused's stake"),
      read.wallet(self),
    ],
    examples: ["lode dispute close 3 --dry-run"],
  }),
  act({
    name: "schedule-draw",
    summary: "fix the moment that draws receipts of a coordinator's present anchor; once for each anchor",
    contract: "court",
    functionName: "scheduleDraw",
    takes: { coordinator: needed(kinds.address, "whose receipts") },
    what: ({ coordinator }) => `schedule the draw of receipts of ${coordinator}`,
    readings: ({ coordinator }, { read }) => [read.head(coordinator)],
    notes: "The event DrawScheduled names the moment.",
    examples: ["lode dispute schedule-draw 0x70997970c51812dc3a010c7d01b50e0d17dc79c8"],
  }),
];

/** `lode dispute` */
export function addDispute(program: Command, io: Io): void {
  const dispute = program
    .command("dispute")
    .description("faults: proofs, demands and their answers, accusations before drawn jurors");
  addOpen(dispute, io, disputeActs);
  addAccuse(dispute, io);
  addStatus(dispute, io);
  for (const { addTo } of disputeActs) addTo(dispute, io);
}
