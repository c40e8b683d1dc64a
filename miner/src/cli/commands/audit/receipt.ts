import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Hex } from "@lode/sdk/hash";
import type { Command } from "commander";
import { checkReceipts, fetchReceipt, readReceiptFile, type ReceiptFile } from "../../../audit/receipt.ts";
import { LogSource } from "../../../audit/log/log-source.ts";
import { readHistory } from "../../../chain/history.ts";
import { exitCode, MinerError } from "../../../errors.ts";
import { kinds, usage } from "../../arguments.ts";
import { Context } from "../../context.ts";
import type { Io } from "../../io.ts";
import { asUnchecked, exitHelp, throwIfFound } from "./exit.ts";
import { writeFindings } from "./index.ts";
import { urlOf } from "./options.ts";
import { endProgress, showProgress } from "./progress.ts";

interface Options {
  readonly log?: string;
  readonly out?: string;
  readonly coordinatorAddress?: string;
  readonly findings?: string;
}

/** `lode audit receipt`: one bill, without asking the coordinator. */
export function addReceipt(audit: Command, io: Io): void {
  audit
    .command("receipt")
    .description("check the receipts of one job out of a file; asks nobody but the chain")
    .argument("<file-or-id>", "a file with receipts, or with --log a job's id or an assignment's digest")
    .option("--log <url>", "fetch the receipts and their paths from this log first")
    .option("--out <file>", "with --log: keep them in this file")
    .option("--coordinator-address <address>", "whose receipts; what they name unless given")
    .option("--findings <folder>", "write each finding as a file for `lode dispute open --finding`")
    .addHelpText(
      "after",
      `
The file is what --out wrote, or a coordinator's answer to /v1/receipts/ID. The latter shows no paths into the log: everything else
is checked, and the exit code is 7.

${exitHelp}

Examples:
  lode audit receipt chatcmpl-0123456789abcdef01234567 --log http://127.0.0.1:8402 --out bill.json
  lode audit receipt bill.json --rpc http://127.0.0.1:8545`,
    )
    .action(async (fileOrId: string, _options: Options, command: Command) => {
      const context = new Context(io, command);
      const options = command.optsWithGlobals<Options>();
      const { checks, findings, isComplete } = await check(context, fileOrId, options).catch((cause: unknown) => {
        endProgress(context);
        throw asUnchecked(cause);
      });
      if (options.findings !== undefined) writeFindings(options.findings, findings);
      const lines = checks.map(({ name, state, what }) => `${state}: ${name}${what === "" ? "" : ` (${what})`}`);
      const wrong = findings.map(({ kind, message }) => `  ${kind}: ${message}`);
      context.result({ checks, findings, isComplete }, [...lines, ...wrong].join("\n"));
      throwIfFound(findings.length);
      if (isComplete) return;
      const message = "The file does not show the receipt in the log; fetch it with --log URL --out FILE.";
      throw new MinerError("unchecked", message, { exitCode: exitCode.unchecked });
    });
}

async function check(context: Context, fileOrId: string, options: Options) {
  const isFetched = options.log !== undefined;
  if (options.out !== undefined && !isFetched) throw usage("--out keeps what --log gives; name the log.");
  const url = isFetched ? urlOf("--log", options.log) : undefined;
  const given = options.coordinatorAddress;
  const named = given === undefined ? undefined : kinds.address.parse(given);
  if (url !== undefined) checkId(fileOrId);
  const read = url === undefined ? readFile(fileOrId) : undefined;
  const chain = await context.chain();
  const source = url === undefined ? undefined : new LogSource(url, context.io.signal);
  const coordinator = named ?? (await coordinatorOf(read, source));
  const progress = showProgress(context);
  const history = await readHistory(chain, coordinator, (block, last) =>
    progress({ stage: "chain", done: Number(block), total: Number(last) }),
  );
  endProgress(context);
  const file = read ?? (source === undefined ? undefined : await fetchReceipt(source, fileOrId, history.anchors));
  if (file === undefined) throw usage("Name a file, or a log with --log.");
  if (options.out !== undefined) writeFileSync(options.out, `${JSON.stringify(file, null, 2)}\n`);
  const { addresses } = chain;
  return checkReceipts(file, { addresses, coordinator, ...history }, history.anchors);
}

function readFile(file: string): ReceiptFile {
  if (!existsSync(file)) throw usage(`There is no file ${file}; an id needs --log.`);
  try {
    return readReceiptFile(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    if (cause instanceof MinerError) throw cause;
    throw usage(`${file} cannot be read as JSON.`, cause);
  }
}

/** Said before anybody is asked: a digest that was cut on its way is no receipt that a log does not have. */
function checkId(id: string): void {
  if (/^(0x[0-9a-fA-F]{64}|(?!0x)[\w-]{1,128})$/.test(id)) return;
  throw usage(`"${id}" is neither a job's id nor the digest of an assignment: 0x and 64 hexadecimal digits.`);
}

async function coordinatorOf(file: ReceiptFile | undefined, source: LogSource | undefined): Promise<Hex> {
  if (source !== undefined) return source.coordinator();
  const named = (file?.entries[0]?.assignment as { coordinator?: unknown } | undefined)?.coordinator;
  return kinds.address.parse(typeof named === "string" ? named : "");
}
