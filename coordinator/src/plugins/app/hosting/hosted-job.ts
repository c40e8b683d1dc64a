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
  toWire,
  workCommitment,
  type Assignment,
  type Domain,
  type HostedWork,
  type Receipt,
} from "@lode/sdk/typed-data";
import {
  acknowledgeEvery,
  hostedTokenBytes,
  hostedTokens,
  type CoordinatorMessage,
  type SignedProgress,
} from "@lode/protocol";
import { goingOn, type Clocks } from "../clocks.ts";
import type { RunningAttempt } from "../relay/attempt.ts";
import type { Node } from "../nodes/registry.ts";
import type { HandIn } from "./hand-ins.ts";
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
  readonly clocks: Clocks;
}

interface Delivery {
  readonly proof: Proof;
  readonly output: HostedOutput;
  readonly hosted: HostedWork;
  /** For all of it. */
  readonly receipt: Receipt;
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
  /** Time as it goes on from when the job came, whatever is done to the wall clock: leases and receipts go by it. */
  readonly nowMs: () => number;
  queuedMs: number;
  readonly ended: Promise<ProofEnd>;
  lease: Lease | undefined;
  /** The lease that was taken back last. */
  lapsed: Lease | undefined;
  /** Its stream failed after a part of the work had reached the client. */
  isOver = false;
  readonly #options: HostedJobOptions;
  readonly #resolve: (end: ProofEnd) => void;
  #delivery: Delivery | undefined;
  #sent = 0;
  #bytesSent = 0;
  #ack: SignedProgress | undefined;
  #isEnding = false;
  #isSigned = false;
  readonly #decoder = new TextDecoder("utf-8");

  constructor(options: HostedJobOptions) {
    const { message, domain, clocks } = options;
    this.#options = options;
    this.message = message;
    this.assignment = fromWire("Assignment", message.assignment);
    this.digest = assignmentDigest(domain, this.assignment);
    this.workload = workloadOf(this.assignment.modelDigest);
    this.nowMs = goingOn(clocks);
    this.queuedMs = this.nowMs();
    const { promise, resolve } = Promise.withResolvers<ProofEnd>();
    this.ended = promise;
    this.#resolve = resolve;
  }

  get proof(): Proof | undefined {
    return this.#delivery?.proof;
  }

  /** Hands the job to a polling miner, until `untilMs` of the job's own time at most. */
  give({ account, id }: Node, untilMs: number): Lease {
    this.lease = { account, miner: id, startedMs: this.nowMs(), untilMs };
    return this.lease;
  }

  /** The lease is over; the job waits for another miner. */
  takeBack(): void {
    this.lapsed = this.lease;
    this.lease = undefined;
    this.queuedMs = this.nowMs();
  }

  /** What must outlast this process: undefined before the work is here. */
  get handIn(): HandIn | undefined {
    if (this.#delivery === undefined) return undefined;
    const { receipt, hosted } = this.#delivery;
    const outputPriceWei = this.assignment.outputPriceWei.toString();
    const ack = this.#ack === undefined ? {} : { ack: this.#ack };
    return { receipt: toWire("Receipt", receipt), outputPriceWei, hosted, ...ack };
  }

  /** Whether a part of the work reached the client. */
  get isDelivered(): boolean {
    return this.#delivery !== undefined && this.#options.stream.delivered.count > 0;
  }

  /** Takes the miner's work; nothing of it goes out before `begin`. Throws ProofError when it is none. */
  take(proof: Proof, lease: Lease): void {
    const { message, assignment } = this;
    const output = outputOf(this.workload, proof, { maxTokens: assignment.maxOutputTokens, stop: message.stop });
    const input = hostedTokens(Buffer.from(promptText(message.prompt), "utf8"));
    const { ids } = output;
    const hosted = { wallet: lease.account, work: workCommitment(message.jobSalt, proof.outputSha) };
    const receipt: Receipt = {
      assignment: this.digest,
      inputCommitment: commitTokens(message.jobSalt, tokenSide.input, input),
      outputCommitment: commitTokens(message.jobSalt, tokenSide.output, ids),
      fingerprintCommitment: hostedCommitment(hosted),
      inputTokens: input.length,
      outputTokens: ids.length,
      amountWei: BigInt(input.length) * assignment.inputPriceWei + BigInt(ids.length) * assignment.outputPriceWei,
      startedAtMs: BigInt(lease.startedMs),
      finishedAtMs: BigInt(this.nowMs()),
      finishReason: output.finishReason,
      hosted: true,
    };
    this.#delivery = { proof, output, hosted, receipt };
  }

  /** Begins to deliver what was taken. */
  begin(): void {
    this.#pump(0);
  }

  onAcknowledged(ack: SignedProgress): void {
    this.#ack = ack;
    this.#pump(ack.progress.count);
  }

  /** The client is gone, or the attempt was given up: what was delivered by then is signed for, if anything. */
  onCancelled(deliveredTokens: number): void {
    if (this.#delivery === undefined || deliveredTokens === 0) {
      this.close({ isAccepted: false, message: "The client is gone, or the job went to somebody else." });
      return;
    }
    const { receipt, output } = this.#delivery;
    const { jobSalt } = this.message;
    const count = Math.min(deliveredTokens, this.#sent);
    this.#sign(this.#delivery, {
      ...receipt,
      outputCommitment: commitTokens(jobSalt, tokenSide.output, output.ids.slice(0, count)),
      outputTokens: count,
      amountWei: receipt.amountWei - BigInt(receipt.outputTokens - count) * this.assignment.outputPriceWei,
      finishReason: finishReason.cancelled,
    });
  }

  close(end: ProofEnd): void {
    this.#resolve(end);
  }

  #pump(acknowledged: number): void {
    const delivery = this.#delivery;
    if (delivery === undefined || acknowledged < this.#sent || this.#isSigned) return;
    const { ids } = delivery.output;
    const { stream } = this.#options;
    if (this.#isEnding) return this.#sign(delivery, delivery.receipt);
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

  #sign({ hosted }: Delivery, receipt: Receipt): void {
    if (this.#isSigned) return;
    this.#isSigned = true;
    const { host, domain, stream } = this.#options;
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
