import { randomBytes } from "node:crypto";
import { signBatch } from "@lode/sdk/batch";
import { bytesToHex, keccak, type Hex } from "@lode/sdk/hash";
import type { Signer } from "@lode/sdk/keys";
import { commitTokens, tokenSide } from "@lode/sdk/merkle";
import {
  cloudEngineClass,
  finishReason,
  hashStruct,
  tier as tiers,
  wholeFeePpm,
  type Domain,
  type Receipt,
} from "@lode/sdk/typed-data";
import {
  hostedTokenBytes,
  hostedTokens,
  limits,
  promptCommitment,
  samplerHash,
  seedOfNonces,
  type OfferedModel,
} from "@lode/protocol";
import type { TokenPrices } from "../../../domain/pricing/price.ts";
import { PriceCeilingError } from "../market/errors.ts";
import { noWishes, type Wishes } from "../market/wishes.ts";
import { promptText } from "../hosting/hosted-job.ts";
import type { Ledger, SignedAssignment, SignedQuote } from "../ledger/types.ts";
import { leftMs } from "../relay/attempt-runner.ts";
import type { MinerHub } from "../relay/hub.ts";
import { usualTopK, type Sink, type TextRequest, type WholeResult } from "../relay/request.ts";
import { CloudError } from "./errors.ts";
import { askUpstream, type Upstream, type UpstreamAnswer, type UpstreamRequest } from "./upstream.ts";

export interface CloudOptions {
  readonly upstream: Upstream;
  /** What the upstream calls each model that it stands in for, by the id that clients ask for. */
  readonly models: ReadonlyMap<string, string>;
  /** For a token of four bytes of text, read or made. */
  readonly prices: TokenPrices;
  /** Signs for what the cloud did: the coordinator's own wallet that is staked as a miner. */
  readonly signer: Signer;
  readonly ledger: Ledger;
  readonly hub: Pick<MinerHub, "settle" | "unsettled">;
  readonly domain: Domain;
  readonly deadlineSecs: number;
  readonly nowMs: () => number;
  readonly onEnd?: (outcome: "served" | "cancelled" | "failed") => void;
}

/** A job while the cloud does it. */
interface Work {
  readonly request: TextRequest;
  readonly sink: Sink;
  readonly signed: SignedAssignment;
  readonly quote: SignedQuote;
  readonly jobSalt: Hex;
  readonly startedAtMs: number;
}

/** Text that reached the client, within the tokens that were asked for. */
class Delivery {
  readonly #roomBytes: number;
  #text = "";
  #bytes = 0;
  #held = "";

  constructor(maxTokens: number) {
    this.#roomBytes = maxTokens * hostedTokenBytes;
  }

  get ids(): number[] {
    return hostedTokens(Buffer.from(this.#text, "utf8"));
  }

  /** Takes a piece; gives what of it there is room for, and whether that was not all. */
  take(piece: string): { readonly text: string; readonly isFull: boolean } {
    const said = this.#held + piece;
    // Half a character waits for its other half: alone it has no bytes.
    this.#held = /[\ud800-\udbff]$/.test(said) ? said.slice(-1) : "";
    const bytes = Buffer.from(this.#held === "" ? said : said.slice(0, -1), "utf8");
    let end = Math.min(bytes.length, this.#roomBytes - this.#bytes);
    while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
    const text = bytes.subarray(0, end).toString("utf8");
    this.#text += text;
    this.#bytes += end;
    return { text, isFull: end < bytes.length };
  }
}

/**
 * Where jobs go that no miner here can do, when their client allows it: any server that speaks OpenAI's API. Such a job is an attempt like
 * any other, reserved before and in the log after, but of its own engine class and with all of its price as the coordinator's: no miner
 * earns by it. Tokens are counted as for polling miners, four bytes each, so that a client can count them too.
 */
export class Cloud {
  readonly #options: CloudOptions;

  constructor(options: CloudOptions) {
    this.#options = options;
  }

  /** The model that stands in for an id; undefined where none does. */
  model(id: string): OfferedModel | undefined {
    const name = this.#options.models.get(id);
    if (name === undefined) return undefined;
    const digest = keccak(new TextEncoder().encode(`lode cloud model ${name}`));
    return { id, digest, engineClass: cloudEngineClass, contextTokens: limits.outputTokens, sizeBytes: 0 };
  }

  /** Whether it may and can do a job: nobody holds it to a mask, and what it would ignore is not given to it. */
  takes(request: TextRequest): boolean {
    const { wishes = noWishes, model, prompt, sampler, tier, logprobs } = request;
    if (wishes.cloud !== true || !this.#options.models.has(model.id)) return false;
    if (wishes.regions !== undefined || wishes.pool !== undefined || wishes.quote !== undefined) return false;
    if ((tier ?? tiers.hash) !== tiers.hash || logprobs !== undefined) return false;
    const { constraint, minP, repetitionPenalty, logitBias, topK } = sampler;
    const isOwn = [constraint, minP, repetitionPenalty, logitBias].some((option) => option !== undefined);
    if (isOwn || topK !== usualTopK) return false;
    if (!("messages" in prompt)) return "text" in prompt;
    const hasCalls = prompt.messages.some(({ role, toolCalls }) => role === "tool" || toolCalls !== undefined);
    return !hasCalls && (prompt.tools?.length ?? 0) === 0;
  }

  /**
   * Does a job that it takes. Throws PriceCeilingError, InsufficientFundsError and what else the ledger throws before anything is asked;
   * CloudError when the upstream does not do it.
   */
  async run(request: TextRequest, sink: Sink): Promise<WholeResult> {
    const { upstream, models, onEnd, ledger, nowMs } = this.#options;
    const name = models.get(request.model.id);
    if (name === undefined) throw new Error(`no cloud stands in for ${request.model.id}`);
    this.#refuseBelow(request.wishes ?? noWishes);
    const work = await this.#assign(request, sink);
    // Past its deadline an assignment is given up, so that what is there by then must be receipted in time.
    const late = new AbortController();
    const expiry = setTimeout(() => late.abort(), leftMs(work.signed.assignment, nowMs));
    const ending = AbortSignal.any([sink.signal, late.signal]);
    try {
      const answer = await askUpstream(upstream, askingOf(request, name), ending);
      const result = await this.#deliver(work, answer, name, ending);
      onEnd?.(result.finish === "cancelled" ? "cancelled" : "served");
      return result;
    } catch (error) {
      onEnd?.(sink.signal.aborted ? "cancelled" : "failed");
      // What is neither in the log nor waiting for the chain to get there is signed for by nobody any more.
      const { digest } = work.signed;
      if (![...this.#options.hub.unsettled].includes(digest)) await ledger.voidAttempt(digest, "the cloud failed");
      throw error;
    } finally {
      clearTimeout(expiry);
    }
  }

  #refuseBelow({ maxInputPriceWei, maxOutputPriceWei }: Wishes): void {
    const { prices } = this.#options;
    const isDear =
      prices.inputPriceWei > (maxInputPriceWei ?? prices.inputPriceWei) ||
      prices.outputPriceWei > (maxOutputPriceWei ?? prices.outputPriceWei);
    if (isDear) throw new PriceCeilingError(prices);
  }

  async #assign(request: TextRequest, sink: Sink): Promise<Work> {
    const { ledger, prices, signer, deadlineSecs, nowMs } = this.#options;
    const model = this.model(request.model.id) ?? request.model;
    const quote = ledger.quote(model.digest, tiers.hash, prices, { feePpm: wholeFeePpm });
    const { counter, coordinatorNonce } = ledger.nextJob();
    const [jobSalt, promptSalt] = [randomBytes32(), randomBytes32()];
    const signed = await ledger.assign({
      client: request.client,
      key: request.key,
      miner: signer.address,
      counter,
      attempt: 0,
      jobId: request.jobId,
      modelDigest: model.digest,
      engineClass: cloudEngineClass,
      promptCommitment: promptCommitment(promptSalt, request.prompt),
      prefixCommitment: commitTokens(jobSalt, tokenSide.output, []),
      outputOffset: 0,
      maxInputTokens: inputOf(request).length,
      maxOutputTokens: request.maxTokens,
      samplerHash: samplerHash(request.sampler, { stop: request.stop, contextTokens: model.contextTokens, jobSalt }),
      seed: seedOfNonces(randomBytes32(), counter, coordinatorNonce),
      quote,
      deadline: BigInt(Math.floor(nowMs() / 1000) + deadlineSecs),
      tier: tiers.hash,
    });
    return { request, sink, signed, jobSalt, startedAtMs: nowMs(), quote };
  }

  /** @param ending aborted when the client is gone or the deadline has passed */
  async #deliver(work: Work, answer: UpstreamAnswer, name: string, ending: AbortSignal): Promise<WholeResult> {
    const { sink, request, signed, quote } = work;
    const delivery = new Delivery(request.maxTokens);
    const { digest } = signed;
    sink.onStart({ digest, miner: this.#options.signer.address, quote, latency: "standard", cloud: name });
    let reason: number = finishReason.stop;
    let failure: unknown;
    try {
      for await (const piece of answer.pieces()) {
        const { text, isFull } = delivery.take(piece.text);
        if (text !== "" && !sink.onText(text)) await drained(sink, ending);
        if (isFull || piece.finish === "length") reason = finishReason.length;
        if (isFull) break;
      }
    } catch (error) {
      const isLate = ending.aborted && !sink.signal.aborted;
      failure = isLate ? new CloudError("did not answer within the job's time", error) : error;
      reason = ending.aborted ? finishReason.cancelled : finishReason.cut;
    } finally {
      answer.abort();
    }
    const { ids } = delivery;
    const result = await this.#settle(work, ids, reason, name);
    // What came is paid for, as from a miner that broke off; nobody goes on with it.
    if (reason === finishReason.cut || (failure instanceof CloudError && ids.length === 0)) throw failure;
    return result;
  }

  async #settle(
    { signed, request, sink, jobSalt, startedAtMs }: Work,
    ids: readonly number[],
    reason: number,
    name: string,
  ): Promise<WholeResult> {
    const { hub, ledger, signer, domain, nowMs } = this.#options;
    const { digest, assignment } = signed;
    const input = inputOf(request);
    const isPaid = ids.length > 0 || reason === finishReason.stop || reason === finishReason.length;
    const shared = { job: digest, vectors: [], picture: undefined, refundWei: 0n, miners: [], cloud: name };
    // Who did not leave got what there was until the deadline.
    const isLeft = reason === finishReason.cancelled && sink.signal.aborted;
    const finish = isLeft ? "cancelled" : reason === finishReason.stop ? "stop" : "length";
    if (!isPaid) {
      await ledger.voidAttempt(digest, "nothing was delivered");
      return { ...shared, finish, inputTokens: 0, outputTokens: 0, amountWei: 0n, receipts: [] };
    }
    const receipt: Receipt = {
      assignment: digest,
      inputCommitment: commitTokens(jobSalt, tokenSide.input, input),
      outputCommitment: commitTokens(jobSalt, tokenSide.output, ids),
      fingerprintCommitment: `0x${"00".repeat(32)}`,
      inputTokens: input.length,
      outputTokens: ids.length,
      amountWei: BigInt(input.length) * assignment.inputPriceWei + BigInt(ids.length) * assignment.outputPriceWei,
      startedAtMs: BigInt(startedAtMs),
      finishedAtMs: BigInt(Math.max(startedAtMs, nowMs())),
      finishReason: reason,
      hosted: false,
    };
    const [batch] = signBatch(signer, domain, "ReceiptBatch", [hashStruct("Receipt", receipt)]);
    if (batch === undefined) throw new Error("a batch lost its leaf");
    const seen = { count: ids.length, root: receipt.outputCommitment };
    const { amountWei } = await hub.settle({ miner: signer.address, receipt, batch, seen });
    const { inputTokens, outputTokens } = receipt;
    return { ...shared, finish, inputTokens, outputTokens, amountWei, receipts: [digest] };
  }
}

const inputOf = ({ prompt }: TextRequest): number[] => hostedTokens(Buffer.from(promptText(prompt), "utf8"));

function askingOf({ prompt, sampler, maxTokens, stop, clientSeed }: TextRequest, model: string): UpstreamRequest {
  if ("tokens" in prompt) throw new Error("a cloud knows no tokens of ours");
  return { model, prompt, sampler, maxTokens, stop, seed: typeof clientSeed === "number" ? clientSeed : undefined };
}

/** Until the client reads again, or nobody waits for it any more. */
function drained({ onDrain }: Sink, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) resolve();
    onDrain(() => resolve());
  });
}

const randomBytes32 = (): Hex => bytesToHex(randomBytes(32));
