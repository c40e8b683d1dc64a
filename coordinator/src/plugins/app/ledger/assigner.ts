import { signBatch } from "@lode/sdk/batch";
import type { Hex } from "@lode/sdk/hash";
import type { Signer } from "@lode/sdk/keys";
import { digestOf, hashStruct, toWire, type Assignment, type Domain } from "@lode/sdk/typed-data";
import {
  availableWei,
  debitWei,
  madeFrom,
  tokensOf,
  type Book,
  type ClientAccount,
  type Fact,
  type Usage,
} from "../../../domain/settlement/index.ts";
import type { FactStore } from "../store/fact-store.ts";
import { Batcher } from "./batcher.ts";
import type { Coverage } from "./coverage.ts";
import { CapReachedError, InsufficientFundsError, KeyError, VoucherDueError } from "./errors.ts";
import type { KeyRing } from "./key-ring.ts";
import type { QuoteBook } from "./quotes.ts";
import type { AssignCommand, SignedAssignment } from "./types.ts";

const defaultCreditWei = 10n ** 16n;

interface Assigning {
  readonly command: AssignCommand;
  readonly account: ClientAccount;
}

export interface AssignerOptions {
  readonly coordinator: Hex;
  readonly operator: Signer;
  readonly domain: Domain;
  readonly coverage: Coverage;
  readonly book: Book;
  readonly store: FactStore;
  readonly keys: KeyRing;
  readonly quotes: QuoteBook;
  readonly selfSignedCreditWei?: bigint;
  readonly nowMs: () => number;
}

/** Gives jobs to miners: the reservation of a client's money and of its key's caps, and the signed assignment, in one append. */
export class Assigner {
  readonly #options: AssignerOptions;
  readonly #book: Book;
  readonly #domain: Domain;
  readonly #batcher: Batcher<Assigning, SignedAssignment>;

  constructor(options: AssignerOptions) {
    this.#options = options;
    this.#book = options.book;
    this.#domain = options.domain;
    this.#batcher = new Batcher(
      (commands) => this.#assignAll(commands),
      () => options.store.durable(),
    );
  }

  /** Throws InsufficientFundsError, VoucherDueError, KeyError or CapReachedError. */
  async assign(command: AssignCommand): Promise<SignedAssignment> {
    const account = await this.#options.coverage.account(command.client);
    return this.#batcher.add({ command, account });
  }

  /** A job that runs goes on when its key ends, but none begins: the request may have come in slowly. */
  #refuseBeyondKey(prefix: string, assignment: Assignment, nowMs: number): void {
    const record = this.#book.keys.get(prefix);
    if (record === undefined || (assignment.attempt === 0 && !this.#options.keys.isTaken(record))) {
      throw new KeyError("key_ended", "The API key is revoked or has expired.");
    }
    const problem = this.#book.usageOf(prefix).problemOf(record.limits, mostOf(assignment), nowMs);
    if (problem !== undefined) throw new CapReachedError(problem, nowMs);
  }

  /**
   * From the check to the append nothing else runs: parallel requests cannot both take the last coin. All that fit share
   * one signature and one append.
   */
  #assignAll(commands: readonly Assigning[]): (Promise<SignedAssignment> | Error)[] {
    const { coordinator, operator, store, quotes, nowMs } = this.#options;
    const atMs = nowMs();
    const now = BigInt(Math.floor(atMs / 1000));
    const takenWei = new Map<Hex, bigint>();
    const assignments = commands.map(({ command, account }): Assignment | Error => {
      const assignment = assignmentOf(coordinator, command);
      const { client, maxAmountWei } = assignment;
      const lockedWei = this.#book.lockedWei(client) + (takenWei.get(client) ?? 0n);
      const freeWei = availableWei(account, this.#book.debitOf(client).cumulativeWei, lockedWei, now);
      if (maxAmountWei > freeWei) return new InsufficientFundsError(maxAmountWei, freeWei);
      const due = this.#creditProblem(client, lockedWei + maxAmountWei);
      if (due !== undefined) return due;
      if (command.key !== undefined) {
        try {
          this.#refuseBeyondKey(command.key, assignment, atMs);
        } catch (error) {
          return error instanceof Error ? error : new Error(String(error));
        }
        // The next one of this batch finds it held; the fact holds it for good.
        this.#book.usageOf(command.key).hold(mostOf(assignment));
      }
      takenWei.set(client, (takenWei.get(client) ?? 0n) + maxAmountWei);
      return assignment;
    });
    assignments.forEach((one, index) => {
      const key = commands[index]?.command.key;
      if (one instanceof Error || key === undefined) return;
      const { wei, tokens } = mostOf(one);
      this.#book.usageOf(key).hold({ wei: -wei, tokens: -tokens });
    });
    const leaves = assignments.flatMap((one) => (one instanceof Error ? [] : [hashStruct("Assignment", one)]));
    if (leaves.length === 0) return assignments.filter((one) => one instanceof Error);
    const batches = signBatch(operator, this.#domain, "AssignmentBatch", leaves);
    const facts: Fact[] = [];
    const signed = assignments.map((assignment, index): SignedAssignment | Error => {
      if (assignment instanceof Error) return assignment;
      const batch = batches[facts.length];
      const leaf = leaves[facts.length];
      const command = commands[index]?.command;
      if (batch === undefined || leaf === undefined || command === undefined) return new Error("a batch lost a leaf");
      const id = digestOf(this.#domain, leaf);
      const wire = toWire("Assignment", assignment);
      facts.push({
        kind: "attempt.assigned",
        digest: id,
        jobId: command.jobId,
        assignment: wire,
        batch,
        ...quotes.wireOf(command.quote),
        ...(command.key !== undefined && { key: command.key }),
        atMs,
        [madeFrom]: assignment,
      });
      return { assignment, wire, digest: id, batch };
    });
    const stored = store.append(facts);
    return signed.map((one) => (one instanceof Error ? one : stored.then(() => one)));
  }

  /** A client that signs for itself owes what it did not sign for yet, and that has a bound. */
  #creditProblem(client: Hex, runningWei: bigint): VoucherDueError | undefined {
    if (!this.#book.signers.has(client)) return undefined;
    const creditWei = this.#options.selfSignedCreditWei ?? defaultCreditWei;
    const unsignedWei = this.#options.coverage.unsignedWei(client);
    // Its first voucher promises nothing and shows that it can sign: no receipt of its is ever without one in an audit.
    if (this.#book.clientVoucher(client) === undefined) return new VoucherDueError(unsignedWei, 0n);
    return unsignedWei + runningWei > creditWei ? new VoucherDueError(unsignedWei, creditWei) : undefined;
  }
}

/** What an assignment can cost its key. */
function mostOf(assignment: Assignment): Usage {
  const { maxInputTokens, maxOutputTokens, maxAmountWei } = assignment;
  return { wei: maxAmountWei, tokens: tokensOf(assignment, maxInputTokens, maxOutputTokens) };
}

/** Its hex is in lower case, whatever the miner wrote: the book looks it up. */
function assignmentOf(coordinator: Hex, command: AssignCommand): Assignment {
  const { quote, quoteHash } = command.quote;
  // The input is billed once, by the attempt whose tokens came first.
  const inputPriceWei = command.outputOffset === 0 ? quote.inputPriceWei : 0n;
  const prices = { inputPriceWei, outputPriceWei: quote.outputPriceWei, feePpm: quote.feePpm };
  return {
    coordinator: lower(coordinator),
    counter: command.counter,
    attempt: command.attempt,
    client: lower(command.client),
    miner: lower(command.miner),
    modelDigest: lower(command.modelDigest),
    engineClass: lower(command.engineClass),
    promptCommitment: command.promptCommitment,
    prefixCommitment: command.prefixCommitment,
    outputOffset: command.outputOffset,
    maxInputTokens: command.maxInputTokens,
    maxOutputTokens: command.maxOutputTokens,
    samplerHash: command.samplerHash,
    seed: command.seed,
    quoteHash,
    ...prices,
    maxAmountWei: debitWei(prices, command.maxInputTokens, command.maxOutputTokens),
    deadline: command.deadline,
    tier: command.tier,
  };
}

const lower = (hex: Hex): Hex => hex.toLowerCase() as Hex;
