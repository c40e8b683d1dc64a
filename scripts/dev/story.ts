import { join } from "node:path";
import type { Processes } from "../processes/processes.ts";
import { ensureSubgraphBuilt } from "../subgraph/build.ts";
import { counted, lode, short } from "./amounts.ts";
import type { Display, StepRecord } from "./display.ts";
import { chooseIndexPort, startIndexProgram, untilIndexed, type IndexProgram } from "./index-program.ts";
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
  readonly graphqlUrl: string;
  /** The block that the index had reached when the story was over. */
  readonly indexedBlock: number;
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
): Promise<{ outcome: Outcome; market: Market; index: IndexProgram }> {
  const started = performance.now();
  display.title("Lode", "one job: stake, stream, prove, pay, audit");
  const graphqlUrl = await chooseIndexPort(options.autoPort);
  // Only the first start builds, and nobody needs it before the end.
  const built = ensureSubgraphBuilt();
  built.catch(() => undefined);
  const coordinatorEnv = { PUBLIC_GRAPHQL_URL: graphqlUrl };
  const market = await openMarket(display, processes, layout, { ...options, coordinatorEnv });

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
  // The index comes up while the chain is waited for; the model's speed was measured without it.
  const { folder } = layout;
  const files = { folder: join(folder, "index"), logFile: layout.log("indexer"), autoPort: options.autoPort };
  const starting = built.then(() => startIndexProgram(processes, market, files));
  starting.catch(() => undefined);
  const settled = await settleOnChain(display, market, receipts);
  const { index, indexedBlock } = await display.step("Index", async (voice) => {
    voice.note("the subgraph's mappings run over the contracts' events");
    const program = await starting;
    const head = await market.chain.client.getBlockNumber({ cacheTime: 0 });
    const facts = await untilIndexed(program, head);
    const told = `${counted(facts.miners, "miner")}, ${counted(facts.anchors, "anchor")}, ${lode(facts.paidWei)} paid`;
    return {
      fact: `${told} as of block ${facts.block}, ${program.url}`,
      result: { index: program, indexedBlock: facts.block },
    };
  });

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
    graphqlUrl: index.url,
    indexedBlock,
    seconds: Math.round((performance.now() - started) / 10) / 100,
    steps: display.records,
  };
  return { outcome, market, index };
}
