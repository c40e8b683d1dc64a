import { setTimeout as wait } from "node:timers/promises";
import type { Hex } from "@lode/sdk/hash";
import type { Signer } from "@lode/sdk/keys";
import type { OpenedToken } from "@lode/sdk/merkle";
import { ledgerDomain } from "@lode/sdk/typed-data";
import type { ChainReader } from "../chain/chain.ts";
import { CourtWatch } from "../chain/court-watch.ts";
import { chainCarrier, Desk, httpCarrier, isQuestion, type Carrier, type Disclosure } from "../disclosure/index.ts";
import { lotsOf } from "./lots.ts";
import type { MinerStore } from "./miner-store.ts";
import { OpeningDemands, openingFor } from "./opening.ts";

export interface DisclosingOptions {
  readonly chain: ChainReader;
  readonly coordinatorUrls: readonly string[];
  readonly miner: Hex;
  readonly signer: Signer;
  readonly store: MinerStore;
  /** What is shown about a receipt; what the store has of it unless given. */
  readonly find?: (receipt: Hex) => Promise<Disclosure | undefined>;
  /** Sends a transaction with this data, when a question came by the chain. */
  readonly post: (data: Hex) => Promise<void>;
  /** Sends the answer to a client's demand that tokens be opened. */
  readonly answerDemand: (id: bigint, opened: readonly OpenedToken[]) => Promise<void>;
  /** Seconds between two looks at the coordinators' letters. */
  readonly letterSecs: number;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
  readonly warn: (message: string) => void;
}

/** Looks at the coordinators for one look at the chain: cases are rare and last for days. */
const looksPerChainLook = 4;

/**
 * Shows drawn verifiers and jurors the transcripts that they ask for, and opens tokens on clients' demands, until the signal
 * aborts. Silence would cost stake.
 */
export async function runDisclosing(options: DisclosingOptions): Promise<void> {
  const { chain, coordinatorUrls, miner, signer, store, post, letterSecs, signal, nowMs, warn } = options;
  const watch = new CourtWatch(chain);
  const find = options.find ?? ((receipt: Hex) => findDisclosure(store, receipt));
  const desk = new Desk({
    chain,
    watch,
    domain: ledgerDomain(chain.addresses),
    self: miner,
    signer,
    find,
    isLot: lotsOf(chain, watch, store),
    nowMs,
    warn,
  });
  const carriers = coordinatorUrls.map(httpCarrier);
  const blocks = chainCarrier(chain, post, () => firstCaseBlock(watch, miner));
  const serve = async (carrier: Carrier): Promise<void> => {
    const questions = (await carrier.receive(miner)).filter(isQuestion);
    if (questions.length > 0) await watch.sync();
    for (const question of questions) await desk.answer(question, carrier);
  };
  const demands = new OpeningDemands(chain, miner);
  const answerDemands = async (): Promise<void> => {
    for (const id of await demands.sync()) {
      const opened = await openingFor(chain, store, id);
      if (opened !== undefined) await options.answerDemand(id, opened);
    }
  };
  for (let look = 0; !signal.aborted; look++) {
    // A coordinator that does not answer is the link's business to tell.
    await Promise.all(carriers.map((carrier) => serve(carrier).catch(() => undefined)));
    if (look % looksPerChainLook === 0) {
      await watch
        .sync()
        .then(() => serve(blocks))
        .then(answerDemands)
        .catch((error: unknown) => warn(`the court cannot be read: ${String(error).split("\n")[0] ?? ""}`));
    }
    await wait(letterSecs * 1000, undefined, { signal }).catch(() => undefined);
  }
}

/** Where the oldest open case against somebody began. */
function firstCaseBlock(watch: CourtWatch, accused: Hex): bigint | undefined {
  const blocks = watch
    .open()
    .filter((one) => one.accused === accused)
    .map(({ filedAtBlock }) => filedAtBlock);
  return blocks.reduce<bigint | undefined>(
    (least, one) => (least === undefined || one < least ? one : least),
    undefined,
  );
}

/** A receipt with its assignment and transcript, out of the miner's own files. */
export async function findDisclosure(store: MinerStore, receiptHash: Hex): Promise<Disclosure | undefined> {
  const job = [...store.jobs.values()].find((one) => one.receiptHash === receiptHash);
  if (job?.receipt === undefined) return undefined;
  const transcript = await store.transcripts.find(job);
  return transcript === undefined ? undefined : { assignment: job.assignment, receipt: job.receipt, transcript };
}
