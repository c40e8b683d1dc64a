import { fromWire } from "@lode/sdk/typed-data";
import type { LogEntry } from "@lode/protocol";
import type { Command } from "commander";
import { maxUint256 } from "viem";
import { preview, type Act } from "../../chain/act.ts";
import type { ChainReader } from "../../chain/chain.ts";
import { readingsOf } from "../../chain/readings.ts";
import { addActOptions } from "../acts.ts";
import { usage } from "../arguments.ts";
import { Context } from "../context.ts";
import { coordinatorUrl } from "../coordinator.ts";
import { requestJson } from "../http.ts";
import type { Io } from "../io.ts";
import { payFor } from "../payment.ts";

interface AccuseOptions {
  readonly coordinator?: string;
  readonly tokens?: boolean;
}

/** `lode dispute accuse`: a client's accusation by its job's id, with the evidence out of the coordinator's log. */
export function addAccuse(dispute: Command, io: Io): void {
  const command = dispute
    .command("accuse <job>")
    .description("accuse for one of your jobs, by its id: the evidence is read from the coordinator's log")
    .option("--coordinator <url>", "whose log holds the receipt (or COORD_URL)")
    .option("--tokens", "only demand that the miner open drawn tokens of its output");
  addActOptions(command, {
    examples: [
      "lode dispute accuse chatcmpl-0123456789abcdef01234567 --coordinator http://127.0.0.1:8402 --dry-run",
      "lode dispute accuse 0x5f0b3a1d6c2e4f7890ab12cd34ef56780123456789abcdef0123456789abcdef --tokens",
    ],
    notes:
      "Five drawn jurors judge the answer; who accuses wrongly loses its bond. Only the job's client may: receipts that a draw named are\naccused by lode verifier start --challenge. A job of several receipts is named by one assignment of it.",
  });
  command.action(async (job: string, options: AccuseOptions) => {
    const context = new Context(io, command);
    const [self, chain] = [await context.address(), await context.chain()];
    const entry = await entryOf(job, coordinatorUrl(context, options));
    const assignment = fromWire("Assignment", entry.assignment);
    const receipt = fromWire("Receipt", entry.receipt);
    if (assignment.client !== self) throw usage(`The job is ${assignment.client}'s, and only its client may accuse.`);
    const args = [assignment, entry.assignmentBatch, receipt, entry.receiptBatch];
    const { contracts } = chain;
    const call =
      options.tokens === true
        ? { contract: contracts.demands, functionName: "demandOpening", what: "demand that tokens be opened by" }
        : { contract: contracts.court, functionName: "file", what: "accuse of a wrong output" };
    const one: Act = { ...call, what: `${call.what} ${assignment.miner}`, args };
    const acts = await payFor({ self, context, chain }, one, await bondOf(chain, self, one), undefined);
    const read = readingsOf(contracts);
    const readings = [
      read.wallet(self),
      read.stake(assignment.miner, "accused's stake"),
      read.freezes(assignment.miner),
    ];
    const report = await context.act(chain, { acts, readings });
    const events = report.acts.flatMap(({ events: all }) => all);
    const opened = events.find(({ name }) => name === "CaseFiled" || name === "DemandOpened");
    const number = opened?.args["id"];
    const id = typeof number === "bigint" ? number.toString() : "";
    context.report(report, { id }, `Opened ${id}; follow it with lode dispute status.`);
  });
}

/** What an accusation takes as its bond: simulated with an unlimited allowance. */
async function bondOf(chain: ChainReader, self: `0x${string}`, one: Act): Promise<bigint> {
  const { token } = chain.contracts;
  const args = [one.contract.address, maxUint256];
  const allow: Act = { what: "allow any bond", contract: token, functionName: "approve", args };
  const plan = { acts: [allow, one], readings: [readingsOf(chain.contracts).wallet(self)] };
  const { changes } = await preview(chain, self, plan);
  return BigInt(changes[0]?.before ?? 0n) - BigInt(changes[0]?.after ?? 0n);
}

async function entryOf(job: string, url: string): Promise<LogEntry> {
  if (!/^(0x[0-9a-fA-F]{64}|[a-z]{3,8}[-_][0-9a-zA-Z]+)$/.test(job)) {
    throw usage(`"${job}" is not a job; write the id of its answer, like chatcmpl-…, or its assignment, 0x….`);
  }
  const path = `/v1/receipts/${encodeURIComponent(job)}`;
  const { receipts } = (await requestJson(new URL(path, url))) as { receipts: readonly LogEntry[] };
  const [entry, ...others] = receipts;
  if (entry === undefined) throw usage(`${url} has no receipt of ${job}.`);
  if (others.length === 0) return entry;
  const ids = receipts.map(({ receipt }) => receipt.assignment).join(", ");
  throw usage(`${job} has ${receipts.length} receipts; name one of its assignments: ${ids}.`);
}
