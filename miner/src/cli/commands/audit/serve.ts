import { Option, type Command } from "commander";
import { Webhook } from "../../../audit/serve/webhook.ts";
import { Witness } from "../../../audit/serve/witness.ts";
import { showAmount } from "../../amounts.ts";
import { usage } from "../../arguments.ts";
import { Context } from "../../context.ts";
import type { Io } from "../../io.ts";
import { textReport } from "../../../audit/report/text.ts";
import { asUnchecked } from "./exit.ts";
import { addLogOptions, openAuditor, prepare, urlOf, whole, type LogOptions } from "./options.ts";

interface Options extends LogOptions {
  readonly host: string;
  readonly port: number;
  readonly every: number;
  readonly webhook?: string;
  readonly countersign?: boolean;
}

/** `lode audit serve`: a witness that watches all the time. */
export function addServe(audit: Command, io: Io): void {
  addLogOptions(
    audit.command("serve").description("audit over and over, countersign heads, and show them to other auditors"),
  )
    .option("--host <address>", "where to listen", "127.0.0.1")
    .addOption(
      new Option("--port <n>", "port for other auditors and Prometheus")
        .argParser(whole("--port", 0, 65_535))
        .default(8490),
    )
    .addOption(new Option("--every <seconds>", "between two rounds").argParser(whole("--every", 1, 86_400)).default(60))
    .option("--countersign", "sign heads that were found right with the wallet; asks for its password once")
    .option("--webhook <url>", "call this with new findings; AUDIT_WEBHOOK_SECRET signs the calls")
    .addHelpText(
      "after",
      `
Remembers in HOME/audit as lode audit --incremental does. It serves, to anybody who reaches it:
  GET  /metrics                        figures for Prometheus (lode_audit_...)
  GET  /v1/audit/report                the last round
  GET  /v1/audit/heads                 heads that it saw, with the signatures of those who saw them
  POST /v1/audit/heads                 { heads: [...] }: takes those that the coordinator really signed
  GET  /v1/audit/root?size=N           root of its copy's first N entries
  GET  /v1/audit/leaf?index=I&size=N   a leaf of its copy and its path: what proves a split view
An address may make 60 requests at once and 10 a second; heads count ten, look-ups two. A request has at most 64 kB and 32 heads.

A webhook is told of each finding until it answers 2xx, five times a round; its header lode-signature is t=SECONDS,v1=HMAC-SHA256
of "SECONDS.BODY". Rounds that fail are counted and tried again; SIGTERM ends it with exit code 0.

Examples:
  lode audit serve --log https://coordinator.example --rpc https://rpc.example
  lode audit serve --log https://coordinator.example --peer https://auditor.example --countersign --webhook https://me.example/hook`,
    )
    .action(async (_options: Options, command: Command) => {
      const context = new Context(io, command);
      await serve(context, command.optsWithGlobals<Options>()).catch((cause: unknown) => {
        throw asUnchecked(cause);
      });
    });
}

async function serve(context: Context, options: Options): Promise<void> {
  const prepared = prepare(options);
  const secret = context.env["AUDIT_WEBHOOK_SECRET"] ?? "";
  if (options.webhook !== undefined && secret.length < 16) {
    throw usage("A webhook needs AUDIT_WEBHOOK_SECRET, at least 16 characters, in the environment.");
  }
  const webhookUrl = options.webhook === undefined ? undefined : new URL(urlOf("--webhook", options.webhook));
  const signer = options.countersign === true ? await context.signer() : undefined;
  const { auditor, heads, memory, coordinator, chain } = await openAuditor(context, options, prepared, { keeps: true });
  const nowMs = (): number => Date.now();
  const webhook =
    webhookUrl === undefined || memory === undefined
      ? undefined
      : new Webhook({ url: webhookUrl, secret, file: memory.file("told.json"), nowMs });
  const witness = new Witness({
    auditor,
    heads,
    coordinator,
    signer,
    webhook,
    everyMs: options.every * 1000,
    nowMs,
    onRound: (round) => {
      if ("failure" in round) return context.io.err(asUnchecked(round.failure).message);
      const { found, findings, totals, checked, seconds, silentPeers } = round.report;
      const fields = { event: "round", found, findings, size: round.report.head.head.size, checked, seconds };
      context.result(fields, textReport({ found, findings, totals, checked, seconds, silentPeers }, showAmount));
    },
  });
  context.note(
    `Watching ${coordinator} at ${prepared.url}; other auditors reach it at http://${options.host}:${options.port}.`,
  );
  try {
    const signers = () => ({ addresses: chain.addresses, coordinator, stakeEvents: auditor.stakeEvents });
    await witness.run(options, signers, context.io.signal);
  } finally {
    await auditor.close();
    memory?.close();
  }
}
