/**
 * `npm run demo:fraud`: a miner serves a cheaper model than it signs for, in a market of its own on this machine; a draw finds it, a
 * jury convicts it, everybody is paid. `--help` tells the options.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { explainSystemError } from "@lode/sdk/errors";
import { ensureCompiled } from "../deploy/compile.ts";
import { Processes } from "../processes/processes.ts";
import { Display } from "./display.ts";
import { runFraud } from "./fraud/story.ts";
import { layoutOf } from "./layout.ts";

const help = `npm run demo:fraud [-- options]

Starts a market on this machine in which one miner serves a Q4_0 model as Q8_0, buys from it until a draw finds it, and shows
what follows: the case, the jury, the slashed stake, the refund, the audit. Ends by itself and leaves nothing behind.

  --json       print one JSON object last: what happened, in figures
  --folder F   keep everything in this folder instead of a temporary one that is deleted
  --help       this text`;

const processes = new Processes();
const flag = { type: "boolean", default: false } as const;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { json: flag, folder: { type: "string" }, help: { ...flag, short: "h" } } });
  if (values.help) {
    console.log(help);
    return;
  }
  const folder = values.folder === undefined ? mkdtempSync(join(tmpdir(), "lode-fraud-")) : resolve(values.folder);
  try {
    await ensureCompiled();
    const display = new Display(values.json ? process.stderr : process.stdout);
    const outcome = await runFraud(display, processes, layoutOf(folder), { autoPort: true });
    if (values.json) console.log(JSON.stringify(outcome));
  } finally {
    await processes.stopAll();
    if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => void processes.stopAll().finally(() => process.exit(130)));
}
try {
  await main();
} catch (error) {
  const known = explainSystemError(error) ?? error;
  console.error(`\n${known instanceof Error ? known.message : String(known)}`);
  const isUsage = String((error as { code?: unknown }).code).startsWith("ERR_PARSE_ARGS");
  process.exitCode = isUsage ? 2 : 1;
}
// Pending requests would keep the event loop alive.
process.exit();
