import type { Hex } from "@lode/sdk/hash";
import { commitTokens, tokenSide } from "@lode/sdk/merkle";
import {
  digestOf,
  fromWire,
  hashStruct,
  quoteSeconds,
  serviceOf,
  tier,
  type Assignment,
  type Domain,
  type Quote,
  type ServiceTerms,
} from "@lode/sdk/typed-data";
import type { EngineInfo } from "../engines/index.ts";
import type { SignerMemory } from "./signer-memory.ts";
import { imageTokens, promptCommitment, samplerHash, type CoordinatorMessage } from "@lode/protocol";

/** Clocks of miner and coordinator may differ by this much, milliseconds. */
const clockSkewMs = 120_000;

export type JobMessage = Extract<CoordinatorMessage, { type: "job" }>;

/** What a miner knows when a job comes. */
export interface JobContext {
  readonly domain: Domain;
  readonly coordinator: Hex;
  /** Key that signs for the coordinator, from the chain. */
  readonly coordinatorOperator: Hex;
  readonly miner: Hex;
  /** How each model is served, by digest. */
  readonly models: ReadonlyMap<string, Pick<EngineInfo, "engineClass" | "contextTokens">>;
  readonly askInputWei: bigint;
  readonly askOutputWei: bigint;
  isKnown(digest: Hex): boolean;
  /** Who signed what: many jobs share a batch, and a quote. */
  readonly signers: SignerMemory;
  readonly nowMs: () => number;
}

/** An assignment that was checked against everything it refers to. */
export interface CheckedJob {
  readonly digest: Hex;
  readonly assignment: Assignment;
  /** What its quote promises of the first token. */
  readonly service: ServiceTerms | undefined;
}

/** A job that this miner does not take. The code goes to the coordinator. */
export class JobRefusal extends Error {
  override readonly name = "JobRefusal";
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Checks a job before any work: whoever signed it, and that every commitment is the one of what came with it. */
export function checkJob(job: JobMessage, context: JobContext): CheckedJob {
  const assignment = fromWire("Assignment", job.assignment);
  const quote = fromWire("Quote", job.quote);
  const refuse = (code: string, message: string): never => {
    throw new JobRefusal(code, message);
  };
  const leaf = hashStruct("Assignment", assignment);
  const quoteHash = hashStruct("Quote", quote);
  checkSignatures(job, leaf, quoteHash, context);
  if (assignment.miner !== context.miner) refuse("not_mine", "the assignment names another miner");
  if (assignment.coordinator !== context.coordinator) refuse("not_mine", "the assignment names another coordinator");
  const model = context.models.get(assignment.modelDigest);
  if (model === undefined) refuse("wrong_model", "the assignment names another model");
  if (assignment.engineClass !== model?.engineClass) refuse("wrong_engine", "the assignment names another engine");
  if (assignment.promptCommitment !== promptCommitment(job.promptSalt, job.prompt)) {
    refuse("wrong_prompt", "the prompt is not the one that was signed");
  }
  if (job.contextTokens !== model?.contextTokens) refuse("wrong_context", "the context is not the one that is served");
  if (assignment.samplerHash !== samplerHash(job.sampler, job)) {
    refuse("wrong_sampler", "the sampler, the stop texts or the context are not the ones that were signed");
  }
  if (assignment.outputOffset !== job.prefixTokens.length) refuse("wrong_prefix", "the prefix has another length");
  if (assignment.prefixCommitment !== commitTokens(job.jobSalt, tokenSide.output, job.prefixTokens)) {
    refuse("wrong_prefix", "the prefix is not the one that was signed");
  }
  if ("texts" in job.prompt) checkVectors(assignment);
  if ("image" in job.prompt) checkPicture(assignment, imageTokens(job.prompt.image));
  if (assignment.quoteHash !== quoteHash) refuse("wrong_price", "the quote is not the one that was signed");
  checkPrices(assignment, quote, context);
  const service = serviceTerms(job, quote);
  if (assignment.deadline * 1000n <= BigInt(context.nowMs())) refuse("late", "the deadline has passed");
  checkClocks(assignment, quote, context.nowMs());
  const digest = digestOf(context.domain, leaf);
  if (context.isKnown(digest)) refuse("repeated", "this assignment was taken before");
  return { digest, assignment, service };
}

/** @param leaf struct hash of the assignment */
function checkSignatures(job: JobMessage, leaf: Hex, quoteHash: Hex, context: JobContext): void {
  const { domain, coordinatorOperator, signers } = context;
  let found: Hex[];
  try {
    found = [
      signers.batches.verify(domain, "AssignmentBatch", leaf, job.batch),
      signers.quote(domain, quoteHash, job.quoteSignature),
    ];
  } catch {
    throw new JobRefusal("bad_signature", "the assignment's or the quote's signature is invalid");
  }
  if (found.some((signer) => signer !== coordinatorOperator)) {
    throw new JobRefusal("bad_signature", "the assignment or the quote is signed by somebody else");
  }
}

/** A quote is made for a job that begins now: where it is not, one of the two clocks is off, and the receipt would be refused. */
function checkClocks({ attempt }: Assignment, { expiresAt }: Quote, nowMs: number): void {
  const leftMs = Number(expiresAt) * 1000 - nowMs;
  // Whoever takes a job over does so at the price of its beginning, however late.
  const isOver = attempt === 0 && leftMs < -clockSkewMs;
  if (!isOver && leftMs <= quoteSeconds * 1000 + clockSkewMs) return;
  throw new JobRefusal("clock", "the coordinator's clock and this one differ by minutes; set whichever is wrong");
}

/** Vectors are paid by their input alone, which a prefix would make free. */
function checkVectors({ outputOffset, maxOutputTokens }: Assignment): void {
  if (outputOffset !== 0) throw new JobRefusal("wrong_prefix", "vectors have no prefix");
  if (maxOutputTokens !== 0) throw new JobRefusal("wrong_price", "vectors are no output tokens");
}

/** A picture is paid for whole, by its size, and nobody can compute it again. */
function checkPicture({ outputOffset, maxOutputTokens, tier: wanted }: Assignment, tokens: number): void {
  if (outputOffset !== 0) throw new JobRefusal("wrong_prefix", "a picture has no prefix");
  if (maxOutputTokens !== tokens) throw new JobRefusal("wrong_price", `a picture of this size is ${tokens} tokens`);
  if (wanted !== tier.hash) throw new JobRefusal("wrong_price", "a picture is work of the tier hash");
}

/** What was not signed would decide over this miner's pay. */
function serviceTerms(job: JobMessage, quote: Quote): ServiceTerms | undefined {
  try {
    return serviceOf(quote.salt, job.service);
  } catch {
    throw new JobRefusal("wrong_price", "the service terms are not those that the quote was signed with");
  }
}

function checkPrices(assignment: Assignment, quote: Quote, context: JobContext): void {
  const { inputPriceWei, outputPriceWei, feePpm, maxAmountWei, maxInputTokens, maxOutputTokens } = assignment;
  const refuse = (message: string): never => {
    throw new JobRefusal("wrong_price", message);
  };
  if (quote.modelDigest !== assignment.modelDigest || quote.tier !== assignment.tier)
    refuse("the quote is for another job");
  // Input is billed once, by the attempt whose tokens came first.
  const expectedInputWei = assignment.outputOffset === 0 ? quote.inputPriceWei : 0n;
  if (inputPriceWei !== expectedInputWei || outputPriceWei !== quote.outputPriceWei || feePpm !== quote.feePpm) {
    refuse("the prices are not the quoted ones");
  }
  if (quote.inputPriceWei < context.askInputWei || outputPriceWei < context.askOutputWei) {
    refuse("the prices are below what this miner asks");
  }
  if (maxAmountWei !== BigInt(maxInputTokens) * inputPriceWei + BigInt(maxOutputTokens) * outputPriceWei) {
    refuse("the maximum amount does not follow from the prices");
  }
}
