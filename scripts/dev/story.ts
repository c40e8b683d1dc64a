import type { Processes } from "../processes/processes.ts";
import { lode, short } from "./amounts.ts";
import type { Display, StepRecord } from "./display.ts";
import { streamJob } from "./job.ts";
import type { Layout } from "./layout.ts";
import { openMarket, type Market } from "./market.ts";
import type { Options } from "./options.ts";
import { readReceipts, settleOnChain } from "./settlement.ts";

/** What one run of the story did, in figures; amounts are decimal strings of wei. */
export interface Outcome {
  readonly jobs: number;
  readonly tokens: number;
  readonly amountWei: string;
  readonly collectedWei: string;
  readonly auditFindings: number;
  readonly receiptsAudited: number;
  readonly tokensPerSecond: number;
  readonly firstTextMs: number;
  readonly text: string;
  readonly apiUrl: string;
  readonly rpcUrl: string;
  readonly seconds: number;
  readonly steps: readonly StepRecord[];
}

const PROMPT = "Tell me a short story.";

/** One paid job from stake to audit, on a market that is started for it and left running. */
export async function runStory(
  display: Display,
  processes: Processes,
  layout: Layout,
  options: Options,
): Promise<{ outcome: Outcome; market: Market }> {
  const started = performance.now();
  display.title("Lode", "one job: stake, stream, prove, pay, audit");
  const market = await openMarket(display, processes, layout, options);

  const job = await display.step("Job", async (voice) => {
    const request = { model: market.model, prompt: PROMPT, maxTokens: 120, seed: Date.now() % 1_000_000 };
    const result = await streamJob({ url: market.coordinator.url, key: market.key }, request, voice);
    const speed = `${result.tokensPerSecond.toFixed(0)} tokens/s, first text after ${result.firstTextMs.toFixed(0)} ms`;
    return {
      fact: `${result.inputTokens} tokens in, ${result.outputTokens} out, ${speed}, ${lode(result.amountWei)}`,
      result,
    };
  });
  const receipts = await display.step("Receipt", async () => {
    const result = await readReceipts(market, job.id);
    const [first] = result;
    if (first === undefined) throw new Error(`The log holds no receipt of job ${job.id}.`);
    const fact = `entry ${first.index} of the log: signed by miner ${short(first.miner)}, for assignment ${short(first.receipt.assignment)}`;
    return { fact, result };
  });
  const settled = await settleOnChain(display, market, receipts);

  const outcome: Outcome = {
    jobs: 1,
    tokens: job.outputTokens,
    amountWei: job.amountWei.toString(),
    collectedWei: settled.collectedWei.toString(),
    auditFindings: settled.findings,
    receiptsAudited: settled.receiptsAudited,
    tokensPerSecond: Math.round(job.tokensPerSecond),
    firstTextMs: Math.round(job.firstTextMs),
    text: job.text,
    apiUrl: market.coordinator.url,
    rpcUrl: market.rpcUrl,
    seconds: Math.round((performance.now() - started) / 10) / 100,
    steps: display.records,
  };
  return { outcome, market };
}
