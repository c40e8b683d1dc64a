import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Hex } from "@lode/sdk/hash";
import { ledgerDomain } from "@lode/sdk/typed-data";
import { Option, type Command } from "commander";
import { Auditor, type AuditorOptions } from "../../../audit/auditor.ts";
import { Memory } from "../../../audit/copy/memory.ts";
import { HeadBook, readWitnessed, type WitnessedHead } from "../../../audit/gossip/head-book.ts";
import { Peer } from "../../../audit/gossip/peer.ts";
import { readReceiptFile, type ReceiptFile } from "../../../audit/receipt.ts";
import { LogSource } from "../../../audit/log/log-source.ts";
import type { ChainReader } from "../../../chain/chain.ts";
import { kinds, usage } from "../../arguments.ts";
import type { Context } from "../../context.ts";

/** Which log is audited, by whom it is compared, and how. */
export interface LogOptions {
  readonly log?: string;
  readonly coordinatorAddress?: string;
  readonly threads?: number;
  readonly maxFeePpm?: number;
  readonly heads?: string[];
  readonly peer?: string[];
  readonly bill?: string[];
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];

/** Reads a whole number of an option. */
export function whole(name: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw usage(`${name} is a whole number from ${least} to ${most}, not "${text}".`);
  };
}

/** Options of everything that audits a log. */
export function addLogOptions(command: Command): Command {
  return command
    .option("--log <url>", "the coordinator's URL, or a copy of its log")
    .option("--coordinator-address <address>", "the coordinator to audit; what the log names unless given")
    .addOption(
      new Option("--threads <n>", "threads that check entries (as many as processors)").argParser(
        whole("--threads", 1, 64),
      ),
    )
    .addOption(
      new Option("--max-fee-ppm <n>", "highest share a coordinator may keep, millionths (1000000)").argParser(
        whole("--max-fee-ppm", 0, 1_000_000),
      ),
    )
    .option("--heads <file>", "heads that another auditor saw, to compare with; may come several times", collect)
    .option("--peer <url>", "another auditor to ask for what it saw; may come several times", collect)
    .option(
      "--bill <file>",
      "receipts kept by audit receipt --out, proof of what the log was; may come several times",
      collect,
    );
}

export function urlOf(name: string, text: string | undefined): string {
  if (text === undefined) throw usage(`Name the log: ${name} https://coordinator.example, or a copy of it.`);
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) throw usage(`"${text}" is not a URL; write https://...`);
  return text;
}

/** Everything that an auditor needs before it begins. Wrong usage is said before anything is asked. */
export interface Prepared {
  readonly url: string;
  readonly peers: readonly Peer[];
  readonly shown: readonly WitnessedHead[];
  readonly bills: readonly ReceiptFile[];
  readonly coordinator: Hex | undefined;
}

export function prepare(options: LogOptions): Prepared {
  return {
    url: urlOf("--log", options.log),
    peers: (options.peer ?? []).map((url) => new Peer(urlOf("--peer", url))),
    shown: (options.heads ?? []).flatMap(readHeads),
    bills: (options.bill ?? []).map((file) => readReceiptFile(kinds.json.parse(file))),
    coordinator: options.coordinatorAddress === undefined ? undefined : kinds.address.parse(options.coordinatorAddress),
  };
}

/** Heads out of a file that `--heads-out` or an auditor's /v1/audit/heads wrote. */
function readHeads(file: string): WitnessedHead[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw usage(`${file} cannot be read as JSON.`, cause);
  }
  const { heads } = (parsed ?? {}) as { heads?: unknown };
  if (!Array.isArray(heads)) throw usage(`${file} holds no list of heads: { "heads": [...] }.`);
  return heads.flatMap((head) => readWitnessed(head) ?? []);
}

export interface Opened {
  readonly auditor: Auditor;
  readonly heads: HeadBook;
  readonly memory: Memory | undefined;
  readonly chain: ChainReader;
  readonly coordinator: Hex;
}

/** @param more whether it remembers what it checked (`keeps`), and whether it begins anew all the same (`anew`) */
export async function openAuditor(
  context: Context,
  options: LogOptions,
  prepared: Prepared,
  more: Pick<AuditorOptions, "focus" | "onProgress"> & {
    readonly keeps: boolean;
    readonly anew?: boolean;
  },
): Promise<Opened> {
  const chain = await context.chain();
  const source = new LogSource(prepared.url, context.io.signal);
  const coordinator = prepared.coordinator ?? (await source.coordinator());
  const memory = more.keeps ? new Memory(context.home, chain.addresses.chainId, coordinator) : undefined;
  if (more.anew === true) memory?.clear();
  const heads = new HeadBook(ledgerDomain(chain.addresses), memory?.file("heads.jsonl"));
  const auditor = new Auditor({
    chain,
    source,
    coordinator,
    threads: options.threads ?? availableParallelism(),
    maximumFeePpm: options.maxFeePpm,
    focus: more.focus,
    memory,
    heads,
    shown: prepared.shown,
    peers: prepared.peers,
    bills: prepared.bills,
    nowMs: () => Date.now(),
    ...(more.onProgress !== undefined && { onProgress: more.onProgress }),
  });
  return { auditor, heads, memory, chain, coordinator };
}
