import { Audit, findingKinds } from "@lode/sdk/audit";
import type { Hex } from "@lode/sdk/hash";
import { fromWire } from "@lode/sdk/typed-data";
import { limits, type CoordinatorInfo, type LogPage, type LogRoot, type VoucherPage } from "@lode/protocol";
import type { Command } from "commander";
import { readHistory } from "../../chain/history.ts";
import { exitCode, MinerError } from "../../errors.ts";
import { showAmount } from "../amounts.ts";
import { Context } from "../context.ts";
import { requestJson } from "../http.ts";
import type { Io } from "../io.ts";

/** `lode audit`: checks every receipt of a coordinator from outside. */
export function addAudit(program: Command, io: Io): void {
  program
    .command("audit")
    .description("check a coordinator's whole log against the chain; trusts only the chain")
    .requiredOption("--log <url>", "the coordinator's URL, or a copy of its log")
    .option("--coordinator-address <address>", "the coordinator to audit; what the log names unless given")
    .addHelpText(
      "after",
      `
Checks signatures, stake at the time, prices against signed quotes, debits = credits + fees, inclusion, consistency
with every anchor, vouchers against receipts, and collected <= cumulative.
Exit codes: 0 clean, 6 findings, 7 could not check.

Examples:
  lode audit --rpc http://127.0.0.1:8545 --log http://127.0.0.1:8402
  lode audit --log http://127.0.0.1:8402 --json`,
    )
    .action(async (options: { log: string; coordinatorAddress?: Hex }, command: Command) => {
      const context = new Context(io, command);
      let report;
      try {
        report = await auditLog(context, options);
      } catch (cause) {
        if (cause instanceof MinerError && cause.exitCode === exitCode.usage) throw cause;
        const why = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
        throw new MinerError("unchecked", `The audit could not check everything: ${why}`, {
          cause,
          exitCode: exitCode.unchecked,
        });
      }
      const { findings, totals } = report;
      const lines = findings
        .slice(0, 50)
        .map(({ kind, message }) => `  ${kind}: ${message}\n    ${findingKinds[kind]}`);
      if (findings.length > lines.length) lines.push(`  and ${findings.length - lines.length} more; see --json`);
      const verdict = findings.length === 0 ? "Everything adds up." : `${findings.length} findings:`;
      const summary = `${totals.receipts} receipts, ${totals.clients} clients, ${totals.miners} miners, ${totals.vouchers} vouchers, ${totals.anchors} anchors
debits ${showAmount(totals.debitedWei)} = credits ${showAmount(totals.creditedWei)} + fees ${showAmount(totals.feesWei)}; collected ${showAmount(totals.collectedWei)}`;
      context.result({ ...totals, findings }, [summary, verdict, ...lines].join("\n"));
      if (findings.length > 0) {
        throw new MinerError("findings", `The audit found ${findings.length} things wrong.`, {
          exitCode: exitCode.findings,
        });
      }
    });
}

async function auditLog(context: Context, options: { log: string; coordinatorAddress?: Hex }) {
  if (!URL.canParse(options.log)) {
    throw new MinerError("usage", `"${options.log}" is not a URL.`, { exitCode: exitCode.usage });
  }
  const get = async <T>(path: string): Promise<T> => (await requestJson(new URL(path, options.log))) as T;
  const chain = await context.chain();
  const named = options.coordinatorAddress ?? (await get<CoordinatorInfo>("/v1/info")).coordinator;
  const coordinator = named.toLowerCase() as Hex;
  // The order matters while the coordinator works on: what is read later can only know more receipts.
  const history = await readHistory(chain, coordinator, (block, last) =>
    context.note(`chain: block ${block} of ${last}`),
  );
  const { vouchers } = await get<VoucherPage>("/v1/log/vouchers");
  const root = await get<LogRoot>("/v1/log/root");
  const head = fromWire("TreeHead", root.head);
  const size = Number(head.size);
  const audit = new Audit({
    addresses: chain.addresses,
    coordinator,
    ...history,
    vouchers: vouchers.map(({ voucher, signature }) => ({ voucher: fromWire("Voucher", voucher), signature })),
    head: { head, signature: root.signature },
  });
  for (let start = 0; start < size;) {
    const page = await get<LogPage>(
      `/v1/log/entries?start=${start}&limit=${Math.min(limits.entriesPage, size - start)}`,
    );
    if (page.entries.length === 0) break;
    for (const entry of page.entries.slice(0, size - start)) audit.entry(entry);
    start += page.entries.length;
    context.note(`log: ${Math.min(start, size)} of ${size} receipts`);
  }
  return audit.finish();
}
