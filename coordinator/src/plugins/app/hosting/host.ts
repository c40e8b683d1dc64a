import { signBatch } from "@lode/sdk/batch";
import type { Hex } from "@lode/sdk/hash";
import type { Signer } from "@lode/sdk/keys";
import { assignmentDigest, fromWire, hashStruct, ledgerDomain, type Domain } from "@lode/sdk/typed-data";
import type { Capabilities, CoordinatorMessage, SignedProgress } from "@lode/protocol";
import type { Clocks } from "../clocks.ts";
import type { Chain } from "../chain/chain.ts";
import { ReceiptRejectedError } from "../ledger/errors.ts";
import type { Ledger } from "../ledger/types.ts";
import type { Node, NodeRegistry } from "../nodes/registry.ts";
import type { MinerHub } from "../relay/hub.ts";
import type { MinerSession } from "../relay/session.ts";
import { ProofError } from "./errors.ts";
import { receiptOf, type HandIn, type HandIns } from "./hand-ins.ts";
import { HostedJob, type JobMessage, type Lease } from "./hosted-job.ts";
import { benchmarkModel, hostedModel, modelsOf, textModel } from "./models.ts";
import type { Proof } from "./output.ts";

export interface HostOptions {
  readonly signer: Signer;
  readonly ledger: Ledger;
  readonly hub: MinerHub;
  readonly chain: Chain;
  readonly nodes: NodeRegistry;
  readonly handIns: HandIns;
  /** How long a polling miner has for a job, milliseconds; less where it says so or the job's deadline is nearer. */
  readonly leaseMs: number;
  /** How long a job waits for a miner that polls. */
  readonly waitMs: number;
  readonly stallMs: number;
  readonly version: string;
  readonly clocks: Clocks;
  readonly log: (level: "info" | "warn", fields: object, message: string) => void;
  readonly onProof?: (workload: string, outcome: string) => void;
}

export interface AcceptedProof {
  readonly creditWei: bigint;
  readonly logIndex: number;
  /** Undefined when the host was restarted since. */
  readonly jobSalt: Hex | undefined;
}

/** Leases of one machine at a time, whatever it asks for; and figures that are kept for clients. */
const maximumLeases = 16;
const maximumKept = 1000;
const tickMs = 1000;

/**
 * The miner that polling miners stand behind: staked, named in their assignments, and signing their receipts. To the relay
 * it is a miner like others whose link is in this process; what it earns it owes to the wallets that its receipts name.
 */
export class Host {
  readonly #options: HostOptions;
  readonly #domain: Domain;
  /** In the order in which they came. */
  readonly #jobs = new Map<Hex, HostedJob>();
  readonly #metrics = new Map<Hex, Readonly<Record<string, number>>>();
  /** What is owed for work whose receipt is not in the log: what of it reached its client. As on the disk. */
  readonly #owed = new Map<Hex, HandIn>();
  /**
   * Resolves when what an earlier process left is settled, or waits for the chain among other receipts; rejects when it cannot
   * be read: then the host must not join, since whoever joins gives up what it does not know of.
   */
  readonly #recovered: Promise<void>;
  readonly #timer: NodeJS.Timeout;
  #session: MinerSession | undefined;
  #joining: Promise<void> | undefined;
  #offered = "";
  #isClosed = false;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#domain = ledgerDomain(options.chain.addresses);
    options.hub.know([benchmarkModel, textModel]);
    this.#recovered = this.#recover();
    this.#recovered.catch((error: unknown) =>
      options.log(
        "warn",
        { error: String(error) },
        "polling miners get no work: what was handed in before is not read",
      ),
    );
    this.#timer = setInterval(() => this.#tick(), tickMs);
    this.#timer.unref();
  }

  get address(): Hex {
    return this.#options.signer.address;
  }

  /** Jobs that polling miners have now. */
  get leases(): number {
    return [...this.#jobs.values()].filter(({ lease, proof }) => lease !== undefined && proof === undefined).length;
  }

  /** Jobs that no miner has fetched yet. */
  get waiting(): number {
    return [...this.#jobs.values()].filter(({ lease }) => lease === undefined).length;
  }

  /** A polling miner was heard: what the host offers follows what they do. Throws ChainError when the chain is away. */
  async refresh(): Promise<void> {
    const capabilities = this.#capabilities();
    const offered = JSON.stringify(capabilities);
    if (this.#isClosed || (offered === this.#offered && this.#isLinked())) return;
    if (capabilities.models.length === 0) {
      // Work that was handed in is still on its way to its client.
      if ([...this.#jobs.values()].every(({ proof }) => proof === undefined)) this.#leave();
      return;
    }
    if (this.#session !== undefined && this.#isLinked()) {
      this.#offered = offered;
      this.#options.hub.offer(this.#session, capabilities);
      return;
    }
    this.#joining ??= this.#join(capabilities).finally(() => {
      this.#joining = undefined;
    });
    await this.#joining;
  }

  /** The next job for a machine that has room for `slots` more; the one it has when it has no room for another. */
  next(node: Node, slots: number): HostedJob | undefined {
    this.#reclaim();
    if (slots <= 0) return undefined;
    const has = [...this.#jobs.values()].filter(({ lease, proof }) => proof === undefined && isOf(lease, node));
    const room = Math.min(maximumLeases, Math.max(slots, node.report.concurrency ?? 1));
    // It asks although it holds all it takes: the answer that brought its job was lost, or it began anew.
    if (has.length >= room) return has[0];
    const models = new Set(modelsOf(node.report).map((id) => hostedModel(id).digest));
    for (const job of this.#jobs.values()) {
      if (job.lease !== undefined || !models.has(job.assignment.modelDigest)) continue;
      const { leaseMs } = this.#options;
      const { maxRuntimeSecs = Infinity } = node.report;
      const untilMs = Math.min(job.nowMs() + Math.min(leaseMs, maxRuntimeSecs * 1000), deadlineMs(job));
      job.give(node, untilMs);
      return job;
    }
    return undefined;
  }

  /** Takes the work of a polling miner; resolves when it is in the log. Throws ProofError. The same proof again is the same. */
  async prove(account: Hex, id: Hex, proof: Proof): Promise<AcceptedProof> {
    this.#reclaim();
    const job = this.#jobs.get(id);
    if (job === undefined) return this.#proved(account, id);
    // Late, but before anybody else: the work is as good as any.
    const lease = job.lease ?? job.lapsed;
    if (lease?.account !== account) throw new ProofError("not_yours", "This job is not yours: its time was over.");
    if (job.proof === undefined) await this.#deliver(job, proof, lease);
    else if (job.proof.outputSha !== proof.outputSha) {
      throw new ProofError("proof_conflict", "Another output was handed in for this job before.");
    }
    const end = await job.ended;
    this.#options.onProof?.(job.workload, end.isAccepted ? "accepted" : "refused");
    if (!end.isAccepted) throw new ProofError("receipt_refused", end.message);
    return { ...this.#proved(account, id), jobSalt: job.message.jobSalt };
  }

  /** What polling miners said about the work behind a receipt. */
  metricsOf(digest: Hex): Readonly<Record<string, number>> | undefined {
    return this.#metrics.get(digest);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    for (const job of this.#jobs.values()) job.close({ isAccepted: false, message: "The coordinator stops." });
  }

  async #deliver(job: HostedJob, proof: Proof, lease: Lease): Promise<void> {
    try {
      job.take(proof, lease);
    } catch (error) {
      if (error instanceof ProofError) this.#options.onProof?.(job.workload, error.problem);
      throw error;
    }
    this.#metrics.set(job.digest, proof.metrics);
    const [oldest] = this.#metrics.keys();
    if (this.#metrics.size > maximumKept && oldest !== undefined) this.#metrics.delete(oldest);
    try {
      await this.#keep(job);
    } catch (error) {
      this.#fail(job, "silent");
      throw error;
    }
    job.begin();
  }

  async #keep({ digest, handIn }: HostedJob): Promise<void> {
    if (handIn === undefined) return;
    this.#owed.set(digest, handIn);
    await this.#options.handIns.save(handIn);
  }

  /** Nothing is owed for a job any more, or its receipt is in the log. */
  #forget(digest: Hex): void {
    if (this.#owed.delete(digest)) this.#options.handIns.remove(digest).catch(this.#report);
  }

  /** Nobody waits for it: should it fail, what is lost by it is the part since the last time, and a crash must come too. */
  readonly #report = (error: unknown): void =>
    this.#options.log("warn", { error: String(error) }, "what a polling miner handed in cannot be kept");

  async #recover(): Promise<void> {
    const { handIns, log, ledger, hub } = this.#options;
    for (const handIn of await handIns.list((message) => log("warn", {}, message))) {
      this.#owed.set(handIn.receipt.assignment, handIn);
      await this.#settleOwed(handIn);
    }
    // Of all else that the earlier process had begun nothing can be signed for any more.
    await ledger.voidOthers(this.address, new Set(hub.unsettled));
  }

  /** Signs for what was acknowledged of a job that is nobody's stream any more, and settles that. */
  async #settleOwed(owed: HandIn): Promise<void> {
    const { ledger, hub, log, signer } = this.#options;
    const digest = owed.receipt.assignment;
    try {
      const receipt = ledger.settled(digest) === undefined ? receiptOf(owed) : undefined;
      if (receipt === undefined || owed.ack === undefined) {
        this.#forget(digest);
        return;
      }
      const [batch] = signBatch(signer, this.#domain, "ReceiptBatch", [hashStruct("Receipt", receipt)]);
      if (batch === undefined) throw new Error("a batch lost its leaf");
      const lastAck = { progress: fromWire("Progress", owed.ack.progress), batch: owed.ack.batch };
      const { hosted } = owed;
      hub.confirm(this.address, await hub.settle({ miner: this.address, receipt, batch, hosted, lastAck }));
      this.#end(digest, { isAccepted: true });
    } catch (error) {
      log("warn", { assignment: digest, error: String(error) }, "what a polling miner is owed is not settled");
      // Else the hub tries it again, and so does the next process.
      if (error instanceof ReceiptRejectedError) this.#end(digest, refused);
    }
  }

  #proved(account: Hex, id: Hex): AcceptedProof {
    const settled = this.#options.ledger.settled(id);
    if (settled?.hosted === undefined) {
      throw new ProofError("unknown_job", "There is no such job: it is done, was given up, or never was.");
    }
    if (settled.hosted.wallet !== account) throw new ProofError("not_yours", "Another miner did this job.");
    return { creditWei: settled.creditWei, logIndex: settled.logIndex, jobSalt: undefined };
  }

  #isLinked(): boolean {
    return this.#session !== undefined && this.#options.hub.session(this.address) === this.#session;
  }

  async #join(capabilities: Capabilities): Promise<void> {
    const { chain, hub, log, leaseMs, waitMs, stallMs } = this.#options;
    const { operator, isActive } = await chain.miner(this.address);
    if (operator !== this.address || !isActive) {
      log("warn", { host: this.address }, "polling miners get no work: their host has no active stake as a miner");
      return;
    }
    // Here a miner is silent until it is done, and `#reclaim` is what gives up.
    const patience = { firstTokenMs: leaseMs + waitMs, stallMs };
    const link = {
      send: (text: string) => this.#onMessage(JSON.parse(text) as CoordinatorMessage),
      ping: () => undefined,
      close: () => undefined,
    };
    // A miner that joins gives up what it does not know of.
    await this.#recovered;
    this.#offered = JSON.stringify(capabilities);
    this.#session = await hub.join(this.address, capabilities, link, patience);
  }

  #leave(): void {
    const session = this.#session;
    this.#session = undefined;
    this.#offered = "";
    if (session !== undefined) this.#options.hub.leave(session);
  }

  #onMessage(message: CoordinatorMessage): void {
    switch (message.type) {
      case "job":
        return this.#onJob(message);
      case "ack":
        for (const item of message.items) this.#onAcknowledged(item);
        return;
      case "cancel":
        return this.#onCancelled(message.assignment, message.deliveredTokens);
      case "accepted":
        return this.#end(message.assignment, { isAccepted: true });
      case "rejected":
        this.#options.log(
          "warn",
          { assignment: message.assignment, code: message.code },
          "a hosted receipt was refused",
        );
        return this.#end(message.assignment, refused);
      case "challenge":
      case "welcome":
      case "voucher":
      case "drain":
      case "wanted":
      case "prove":
      case "count":
      case "error":
        return;
    }
  }

  #onJob(message: JobMessage): void {
    const { signer: host, clocks } = this.#options;
    const session = this.#session ?? this.#options.hub.session(this.address);
    const { prompt, sampler, prefixTokens } = message;
    const digest = assignmentDigest(this.#domain, fromWire("Assignment", message.assignment));
    const stream = session?.streams.get(digest);
    if (stream === undefined) return;
    const isText = "text" in prompt || "messages" in prompt;
    const needsEngine = !isText || sampler.constraint !== undefined || prefixTokens.length > 0;
    const hasTools = "messages" in prompt && (prompt.tools?.length ?? 0) > 0;
    // Nobody here can hold a polling miner to a mask, and a half-done text is nobody's to continue.
    if (needsEngine || hasTools) return stream.fail("bad_request");
    const job = new HostedJob({ message, domain: this.#domain, host, stream, clocks });
    this.#jobs.set(digest, job);
    void stream.ended.then(({ kind }) => {
      if (kind === "receipt") return;
      // What the client has of it is acknowledged once more before the cancel comes.
      if (job.isDelivered) job.isOver = true;
      else this.#end(digest, givenUp);
    });
  }

  #onAcknowledged(ack: SignedProgress): void {
    const job = this.#jobs.get(ack.progress.assignment);
    if (job === undefined) return;
    job.onAcknowledged(ack);
    this.#keep(job).catch(this.#report);
  }

  #onCancelled(digest: Hex, deliveredTokens: number): void {
    const job = this.#jobs.get(digest);
    if (job === undefined) return;
    // A stream that failed takes no receipt any more.
    if (job.isOver && job.handIn !== undefined) return void this.#settleOwed(job.handIn);
    job.onCancelled(deliveredTokens);
    if (deliveredTokens === 0) this.#forget(digest);
    if (job.proof === undefined) this.#jobs.delete(digest);
  }

  #end(digest: Hex, end: Parameters<HostedJob["close"]>[0]): void {
    this.#jobs.get(digest)?.close(end);
    this.#jobs.delete(digest);
    this.#forget(digest);
  }

  #capabilities(): Capabilities {
    const { nodes, version } = this.#options;
    const polling = [...nodes.all()].filter((node) => isAtWork(nodes, node));
    const ids = [...new Set(polling.flatMap(({ report }) => modelsOf(report)))].sort();
    const slots = polling.reduce((sum, { report }) => sum + Math.min(report.concurrency ?? 1, maximumLeases), 0);
    const concurrency = Math.min(Math.max(slots, 1), 1024);
    return { version, concurrency, models: ids.slice(0, 64).map(hostedModel), hardware: { host: "polling miners" } };
  }

  /** Jobs that nobody fetched, and leases that are over or whose miner is gone. What was not delivered goes to the next. */
  #reclaim(): void {
    const { nodes, waitMs } = this.#options;
    for (const job of [...this.#jobs.values()]) {
      const { lease } = job;
      if (job.proof !== undefined) continue;
      if (lease === undefined) {
        if (job.nowMs() - job.queuedMs > waitMs) this.#fail(job, "busy");
        continue;
      }
      const node = nodes.get(lease.account, lease.miner);
      const isGone = node === undefined || nodes.statusOf(node) === "offline";
      if (job.nowMs() < lease.untilMs && !isGone) continue;
      this.#options.onProof?.(job.workload, "lease_lost");
      this.#options.log("info", { miner: lease.account, job: job.digest }, "a polling miner's job is taken back");
      job.takeBack();
      if (job.nowMs() >= deadlineMs(job)) this.#fail(job, "silent");
    }
  }

  #fail(job: HostedJob, code: "busy" | "silent"): void {
    this.#session?.streams.get(job.digest)?.fail(code);
    this.#end(job.digest, givenUp);
  }

  #tick(): void {
    this.#options.nodes.sweep();
    this.#reclaim();
    this.refresh().catch((error: unknown) =>
      this.#options.log("warn", { error: String(error) }, "the host cannot join"),
    );
  }
}

const givenUp = { isAccepted: false, message: "The job was given up." } as const;
const refused = { isAccepted: false, message: "The work was not taken into the log." } as const;

function isOf(lease: Lease | undefined, { account, id }: Node): boolean {
  return lease?.account === account && lease.miner === id;
}

function isAtWork(nodes: NodeRegistry, node: Node): boolean {
  const status = nodes.statusOf(node);
  return status !== "offline" && status !== "draining";
}

const deadlineMs = ({ assignment }: HostedJob): number => Number(assignment.deadline) * 1000;
