import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "@lode/sdk/audit";
import { Option, type Command } from "commander";
import type { RoundReport } from "../../../audit/auditor.ts";
import { toShown, type HeadBook } from "../../../audit/gossip/head-book.ts";
import { htmlReport } from "../../../audit/report/html.ts";
import { textReport } from "../../../audit/report/text.ts";
import { readVerdicts, verdictLines } from "../../../audit/verdicts.ts";
import { showAmount } from "../../amounts.ts";
import { kinds, usage } from "../../arguments.ts";
import { Context } from "../../context.ts";
import type { Io } from "../../io.ts";
import { asUnchecked, exitHelp, throwIfFound, throwIfUnchecked } from "./exit.ts";
import { addLogOptions, openAuditor, prepare, type LogOptions } from "./options.ts";
import { endProgress, showProgress } from "./progress.ts";
import { addReceipt } from "./receipt.ts";
import { addServe } from "./serve.ts";

interface Options extends LogOptions {
  readonly incremental?: boolean;
  readonly full?: boolean;
  readonly client?: string;
  readonly miner?: string;
  readonly html?: string;
  readonly findings?: string;
  readonly headsOut?: string;
}

/** `lode audit`: checks every receipt of a coordinator from outside. */
export function addAudit(program: Command, io: Io): void {
  const audit = addLogOptions(
    program.command("audit").description("check a coordinator's whole log against the chain; trusts only the chain"),
  )
    .option("--incremental", "remember in HOME/audit what was checked, and go on behind it the next time")
    .option("--full", "with --incremental: forget it, and begin anew")
    .option("--client <address>", "check one client's receipts, voucher and collections only")
    .option("--miner <address>", "check one miner's receipts, voucher and collections only")
    .option("--html <file>", "write the report as one HTML file with charts")
    .addOption(new Option("--findings <folder>", "write each finding as a file for `lode dispute open --finding`"))
    .option("--heads-out <file>", "write the heads that were seen, for other auditors")
    .addHelpText("after", help)
    .action(async (_options: Options, command: Command) => {
      const context = new Context(io, command);
      const options = command.optsWithGlobals<Options>();
      const report = await auditLog(context, options).catch((cause: unknown) => {
        endProgress(context);
        throw asUnchecked(cause);
      });
      const judged = await readVerdicts(await context.chain(), report.coordinator).catch((cause: unknown) => {
        throw asUnchecked(cause);
      });
      const { totals, findings, found, head, coordinator, checked, seconds, days, miners, clients } = report;
      const fields = { ...totals, coordinator, size: head.head.size, root: head.head.root, checked, seconds };
      context.result(
        { ...fields, found, days, topMiners: miners, topClients: clients, verdicts: judged, findings },
        [...verdictLines(judged, showAmount), textReport(report, showAmount)].join("\n"),
      );
      throwIfFound(found);
      throwIfUnchecked(totals.liabilitiesUnchecked);
    });
  addReceipt(audit, io);
  addServe(audit, io);
}

const help = `
Checks signatures, stake at the time, prices against signed quotes, clocks, debits = credits + fees, inclusion, consistency
with every anchor and with every head that was seen before or by others, anchored liabilities, liabilities against pool and stake,
vouchers against receipts, and collected <= cumulative, of hosts and their polling miners too. Says which receipts the court
convicted; these stand in the log as they were signed, and are no finding.

--client and --miner still read every entry, because the log's root is over all of them, and check those of one party. Liabilities
are not compared then, nor the other side's streams.
--incremental keeps 208 bytes for each entry, and has the coordinator prove that its log begins with the one that was checked; when
it cannot, everything is audited anew beside the copy, and the two heads it signed are the proof against it.

${exitHelp}

Examples:
  lode audit --rpc http://127.0.0.1:8545 --log http://127.0.0.1:8402
  lode audit --log http://127.0.0.1:8402 --incremental --html report.html
  lode audit --log http://127.0.0.1:8402 --miner 0x70997970c51812dc3a010c7d01b50e0d17dc79c8
  lode audit --log http://127.0.0.1:8402 --peer https://auditor.example --findings found --json`;

async function auditLog(context: Context, options: Options): Promise<RoundReport> {
  const prepared = prepare(options);
  const focus = focusOf(options);
  const keeps = options.incremental === true;
  if (focus !== undefined && keeps)
    throw usage("--incremental remembers whole audits; leave --client and --miner out.");
  if (options.full === true && !keeps)
    throw usage("--full begins anew what --incremental remembers; add --incremental.");
  const onProgress = showProgress(context);
  const opened = await openAuditor(context, options, prepared, {
    keeps,
    focus,
    onProgress,
    anew: options.full === true,
  });
  try {
    const report = await opened.auditor.round();
    endProgress(context);
    writeReports(options, report, opened.heads);
    return report;
  } finally {
    await opened.auditor.close();
    opened.memory?.close();
  }
}

function focusOf({ client, miner }: Options) {
  if (client === undefined && miner === undefined) return undefined;
  return {
    ...(client !== undefined && { client: kinds.address.parse(client) }),
    ...(miner !== undefined && { miner: kinds.address.parse(miner) }),
  };
}

function writeReports({ html, findings, headsOut }: Options, report: RoundReport, heads: HeadBook): void {
  if (html !== undefined) writeFileSync(html, htmlReport(report, showAmount, new Date()));
  if (findings !== undefined) writeFindings(findings, report.findings);
  if (headsOut !== undefined) {
    const shown = { coordinator: report.coordinator, heads: heads.all.map(toShown) };
    writeFileSync(headsOut, `${JSON.stringify(shown, null, 2)}\n`);
  }
}

/** One file for each finding, the same name for the same finding. */
export function writeFindings(folder: string, findings: readonly Finding[]): void {
  mkdirSync(folder, { recursive: true });
  for (const [place, finding] of findings.entries()) {
    const name = `${String(place + 1).padStart(4, "0")}-${finding.kind}.json`;
    writeFileSync(join(folder, name), `${JSON.stringify(finding, null, 2)}\n`);
  }
}
