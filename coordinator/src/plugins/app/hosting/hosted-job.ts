import { signBatch } from "@lode/sdk/batch";
import type { Hex } from "@lode/sdk/hash";
import type { Signer } from "@lode/sdk/keys";
import { commitTokens, tokenSide } from "@lode/sdk/merkle";
import {
  assignmentDigest,
  finishReason,
  fromWire,
  hashStruct,
  hostedCommitment,
  workCommitment,
  type Assignment,
  type Domain,
  type Receipt,
} from "@lode/sdk/typed-data";
import { acknowledgeEvery, hostedTokenBytes, hostedTokens, type CoordinatorMessage } from "@lode/protocol";
import type { RunningAttempt } from "../relay/attempt.ts";
import type { Node } from "../nodes/registry.ts";
import { workloadOf, type Workload } from "./models.ts";
import { outputOf, type HostedOutput, type Proof } from "./output.ts";

export type JobMessage = Extract<CoordinatorMessage, { type: "job" }>;

export interface Lease {
  readonly account: Hex;
  readonly miner: string;
  readonly startedMs: number;
  readonly untilMs: number;
}

/** How a proof ended: the receipt is in the log, or why not. */
export type ProofEnd = { readonly isAccepted: true } | { readonly isAccepted: false; readonly message: string };

interface HostedJobOptions {
  readonly message: JobMessage;
  readonly domain: Domain;
  readonly host: Signer;
  readonly stream: RunningAttempt;
  readonly nowMs: () => number;
}

interface Delivery {
  readonly proof: Proof;
  readonly lease: Lease;
  readonly output: HostedOutput;
  readonly finishedMs: number;
}

/**
 * One assignment of the host while a polling miner does it. What the miner hands in goes to the client like any stream,
 * in parts that are acknowledged, and only then the host signs for it.
 */
export class HostedJob {
  readonly digest: Hex;
  readonly assignment: Assignment;
  readonly workload: Workload;
  readonly message: JobMessage;
  queuedMs: number;
  readonly ended: Promise<ProofEnd>;
  lease: Lease | undefined;
  /** The lease that was taken back last. */
  lapsed: Lease | undefined;
  readonly #options: HostedJobOptions;
  readonly #resolve: (end: ProofEnd) => void;
  #delivery: Delivery | undefined;
  #sent = 0;
  #bytesSent = 0;
  #isEnding = false;
  #isSigned = false;
  readonly #decoder = new TextDecoder("utf-8");

  constructor(options: HostedJobOptions) {
    const { message, domain, nowMs } = options;
    this.#options = options;
    this.message = message;
    this.assignment = fromWire("Assignment", message.assignment);
    this.digest = assignmentDigest(domain, this.assignment);
    this.workload = workloadOf(this.assignment.modelDigest);
    this.queuedMs = nowMs();
    const { promise, resolve } = Promise.withResolvers<ProofEnd>();
    this.ended = promise;
    this.#resolve = resolve;
  }

  get proof(): Proof | undefined {
    return this.#delivery?.proof;
  }

  /** Hands the job to a polling miner, until `untilMs` at most. */
  give({ account, id }: Node, untilMs: number): Lease {
    this.lease = { account, miner: id, startedMs: this.#options.nowMs(), untilMs };
    return this.lease;
  }

  /** The lease is over; the job waits for another miner. */
  takeBack(): void {
    this.lapsed = this.lease;
    this.lease = undefined;
    this.queuedMs = this.#options.nowMs();
  }

  /** Takes the miner's work and begins to deliver it. Throws ProofError when it is none. */
  deliver(proof: Proof, lease: Lease): void {
    const { stop } = this.message;
    const output = outputOf(this.workload, proof, { maxTokens: this.assignment.maxOutputTokens, stop });
    this.#delivery = { proof, lease, output, finishedMs: this.#options.nowMs() };
    this.#pump(0);
  }

  onAcknowledged(count: number): void {
    this.#pump(count);
  }

  /** The client is gone, or the attempt was given up: what was delivered by then is signed for, if anything. */
  onCancelled(deliveredTokens: number): void {
    if (this.#delivery === undefined || deliveredTokens === 0) {
      this.close({ isAccepted: false, message: "The client is gone, or the job went to somebody else." });
      return;
    }
    this.#sign(this.#delivery, Math.min(deliveredTokens, this.#sent), finishReason.cancelled);
  }

  close(end: ProofEnd): void {
    this.#resolve(end);
  }

  #pump(acknowledged: number): void {
    const delivery = this.#delivery;
    if (delivery === undefined || acknowledged < this.#sent || this.#isSigned) return;
    const { ids } = delivery.output;
    const { stream } = this.#options;
    if (this.#isEnding) return this.#sign(delivery, ids.length, delivery.output.finishReason);
    if (this.#sent < ids.length) {
      const part = ids.slice(this.#sent, this.#sent + acknowledgeEvery);
      const frame = { kind: "tokens", assignment: this.digest, firstIndex: this.#sent, ids: part } as const;
      this.#sent += part.length;
      const isLast = this.#sent === ids.length;
      stream.onFrame({ ...frame, text: this.#textUntil(delivery.output, this.#sent * hostedTokenBytes, isLast) });
      // A whole part is acknowledged by itself, the last one by the end of the output.
      if (!isLast) return;
    }
    this.#isEnding = true;
    stream.onFrame({ kind: "end", assignment: this.digest, firstIndex: ids.length });
  }

  #textUntil({ text }: HostedOutput, end: number, isLast: boolean): string {
    const bytes = Buffer.from(text, "utf8").subarray(this.#bytesSent, end);
    this.#bytesSent += bytes.length;
    return this.#decoder.decode(bytes, { stream: !isLast });
  }

  #sign({ output, proof, lease, finishedMs }: Delivery, count: number, reason: number): void {
    if (this.#isSigned) return;
    this.#isSigned = true;
    const { message, assignment } = this;
    const { host, domain, stream } = this.#options;
    const input = hostedTokens(Buffer.from(promptText(message.prompt), "utf8"));
    const hosted = { wallet: lease.account, work: workCommitment(message.jobSalt, proof.outputSha) };
    const receipt: Receipt = {
      assignment: this.digest,
      inputCommitment: commitTokens(message.jobSalt, tokenSide.input, input),
      outputCommitment: commitTokens(message.jobSalt, tokenSide.output, output.ids.slice(0, count)),
      fingerprintCommitment: hostedCommitment(hosted),
      inputTokens: input.length,
      outputTokens: count,
      amountWei: BigInt(input.length) * assignment.inputPriceWei + BigInt(count) * assignment.outputPriceWei,
      startedAtMs: BigInt(lease.startedMs),
      finishedAtMs: BigInt(finishedMs),
      finishReason: reason,
      hosted: true,
    };
    const [batch] = signBatch(host, domain, "ReceiptBatch", [hashStruct("Receipt", receipt)]);
    if (batch === undefined) throw new Error("a batch lost its leaf");
    stream.end({ kind: "receipt", receipt, batch, hosted });
  }
}

/** A prompt as one text: what a polling miner without a chat template reads, and what its input is counted by. */
export function promptText(prompt: JobMessage["prompt"]): string {
  if ("text" in prompt) return prompt.text;
  if (!("messages" in prompt)) throw new TypeError("a polling miner reads texts only");
  return prompt.messages.map(({ role, content }) => `${role}: ${content}`).join("\n");
}
