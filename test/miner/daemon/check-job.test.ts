import { signBatch } from "@lode/sdk/batch";
import { keccak, type Hex } from "@lode/sdk/hash";
import { signerFromKey, signTypedData } from "@lode/sdk/keys";
import { commitTokens } from "@lode/sdk/merkle";
import { hashStruct, ledgerDomain, serviceSalt, tier, toWire, type Assignment, type Quote } from "@lode/sdk/typed-data";
import { promptCommitment, samplerHash } from "@lode/protocol";
import { describe, expect, it } from "vitest";
import { checkJob, type JobContext, type JobMessage } from "../../../miner/src/daemon/check-job.ts";
import { SignerMemory } from "../../../miner/src/daemon/signer-memory.ts";

const person = (name: string) => signerFromKey(keccak(Buffer.from(name)));
const word = (text: string): Hex => keccak(Buffer.from(text));
const [operator, miner, stranger] = [person("operator"), person("miner"), person("stranger")];
const domain = ledgerDomain({ chainId: 31337, receiptLedger: `0x${"05".repeat(20)}` });
const nowMs = 1_790_000_000_000;

const context: JobContext = {
  domain,
  coordinator: operator.address,
  coordinatorOperator: operator.address,
  miner: miner.address,
  models: new Map([[word("model"), { engineClass: word("engine"), contextTokens: 64 }]]),
  askInputWei: 3n,
  askOutputWei: 1_000n,
  isKnown: () => false,
  signers: new SignerMemory(),
  nowMs: () => nowMs,
};

const ending = { stop: ["END"], contextTokens: 64 };

interface Change {
  assignment?: Partial<Assignment>;
  quote?: Partial<Quote>;
  message?: Partial<JobMessage>;
  prefix?: number[];
  prompt?: JobMessage["prompt"];
  signer?: typeof operator;
}

/** A job as an honest coordinator sends it, with one thing changed before it is signed. */
function job({
  assignment: changed,
  quote: requoted,
  message,
  prefix = [],
  prompt = { messages: [{ role: "user", content: "hello" }] },
  signer = operator,
}: Change = {}): JobMessage {
  const sampler = { kind: "inverse-cdf-v1" as const, temperature: 1, topK: 40, topP: 1 };
  const [promptSalt, jobSalt] = [word("prompt salt"), word("job salt")];
  const quote: Quote = {
    coordinator: operator.address,
    modelDigest: word("model"),
    inputPriceWei: 3n,
    outputPriceWei: 1_000n,
    feePpm: 50_000,
    tier: 1,
    expiresAt: BigInt(nowMs / 1000 + 300),
    salt: word("salt"),
    ...requoted,
  };
  const inputPriceWei = prefix.length === 0 ? quote.inputPriceWei : 0n;
  const assignment: Assignment = {
    coordinator: operator.address,
    counter: 1n,
    attempt: 0,
    client: person("client").address,
    miner: miner.address,
    modelDigest: word("model"),
    engineClass: word("engine"),
    promptCommitment: promptCommitment(promptSalt, prompt),
    prefixCommitment: commitTokens(jobSalt, 1, prefix),
    outputOffset: prefix.length,
    maxInputTokens: 50,
    maxOutputTokens: 20,
    samplerHash: samplerHash(sampler, { ...ending, jobSalt }),
    seed: word("seed"),
    quoteHash: hashStruct("Quote", quote),
    inputPriceWei,
    outputPriceWei: quote.outputPriceWei,
    feePpm: quote.feePpm,
    maxAmountWei: 50n * inputPriceWei + 20n * quote.outputPriceWei,
    deadline: BigInt(nowMs / 1000 + 600),
    tier: quote.tier,
    ...changed,
  };
  const [batch] = signBatch(signer, domain, "AssignmentBatch", [hashStruct("Assignment", assignment)]);
  return {
    type: "job",
    assignment: toWire("Assignment", assignment),
    batch: batch!,
    quote: toWire("Quote", quote),
    quoteSignature: signTypedData(operator, domain, "Quote", quote),
    prompt,
    promptSalt,
    jobSalt,
    prefixTokens: prefix,
    sampler,
    ...ending,
    ...message,
  };
}

const service = { steps: [{ afterMs: 500, payPpm: 500_000 }], nonce: word("nonce") };
const harsher = { ...service, steps: [{ afterMs: 50, payPpm: 0 }] };

describe("a miner takes a job", () => {
  it("that is signed and whose commitments hold", () => {
    expect(checkJob(job(), context).assignment.counter).toBe(1n);
  });
  it("whose quote promises what is shown", () => {
    expect(checkJob(job(), context).service).toBeUndefined();
    const promised = job({ quote: { salt: serviceSalt(service) }, message: { service } });
    expect(checkJob(promised, context).service).toEqual(service);
  });
  it("that continues another miner's output, whose input is not billed again", () => {
    expect(checkJob(job({ prefix: [5, 6, 7] }), context).assignment.inputPriceWei).toBe(0n);
  });
});

describe("a miner takes a job of vectors", () => {
  const prompt = { texts: ["hello", "world"] };
  const noOutput = { maxOutputTokens: 0, maxAmountWei: 150n };

  it("that is signed and asks for no output", () => {
    expect(checkJob(job({ prompt, assignment: noOutput }), context).assignment.maxOutputTokens).toBe(0);
  });

  it.each<[string, Change, string]>([
    ["with other texts", { assignment: noOutput, message: { prompt: { texts: ["hello"] } } }, "wrong_prompt"],
    [
      "behind a prefix, which would make the input free",
      { prefix: [5], assignment: { maxOutputTokens: 0 } },
      "wrong_prefix",
    ],
    ["with room for output", {}, "wrong_price"],
  ])("and none %s", (_, change, code) => {
    expect(() => checkJob(job({ prompt, ...change }), context)).toThrow(expect.objectContaining({ code }));
  });
});

describe("a miner takes a job for a picture", () => {
  const image = { prompt: "a cat", width: 256, height: 128 };
  const prompt = { image };
  const whole = { maxOutputTokens: 32, maxAmountWei: 150n + 32_000n };
  const quote = { tier: tier.hash };

  it("that asks for as many tokens as its size counts", () => {
    expect(checkJob(job({ prompt, quote, assignment: whole }), context).assignment.maxOutputTokens).toBe(32);
  });

  it.each<[string, Change, string]>([
    [
      "of another size",
      { assignment: whole, quote, message: { prompt: { image: { ...image, width: 512 } } } },
      "wrong_prompt",
    ],
    ["behind a prefix", { prefix: [5], quote, assignment: { maxOutputTokens: 32 } }, "wrong_prefix"],
    ["for fewer tokens than its size counts", { quote, assignment: { maxOutputTokens: 31 } }, "wrong_price"],
    ["for more", { quote, assignment: { maxOutputTokens: 33 } }, "wrong_price"],
    ["that is promised to be computed again", { assignment: whole }, "wrong_price"],
  ])("and none %s", (_, change, code) => {
    expect(() => checkJob(job({ prompt, ...change }), context)).toThrow(expect.objectContaining({ code }));
  });
});

describe("a miner refuses a job", () => {
  const sampler = { kind: "inverse-cdf-v1" as const, temperature: 1, topK: 40, topP: 1 };
  const withoutContext = samplerHash(sampler, { stop: ending.stop, jobSalt: word("job salt") });

  it.each<[string, Change, string]>([
    ["signed by a stranger", { signer: stranger }, "bad_signature"],
    ["with a quote that a stranger signed", { message: { quoteSignature: `0x${"11".repeat(64)}1b` } }, "bad_signature"],
    ["for another miner", { assignment: { miner: stranger.address } }, "not_mine"],
    ["of another coordinator", { assignment: { coordinator: stranger.address } }, "not_mine"],
    ["for another model", { assignment: { modelDigest: word("other") } }, "wrong_model"],
    ["for another engine", { assignment: { engineClass: word("other") } }, "wrong_engine"],
    ["whose prompt is not the signed one", { message: { promptSalt: word("other") } }, "wrong_prompt"],
    [
      "whose sampler is not the signed one",
      { message: { sampler: { kind: "inverse-cdf-v1", temperature: 0, topK: 40, topP: 1 } } },
      "wrong_sampler",
    ],
    ["whose stop texts are not the signed ones", { message: { stop: [] } }, "wrong_sampler"],
    ["whose context was not signed", { assignment: { samplerHash: withoutContext } }, "wrong_sampler"],
    ["for another context than it has", { message: { contextTokens: 65 } }, "wrong_context"],
    ["whose prefix is not the signed one", { prefix: [5, 6], message: { prefixTokens: [5, 7] } }, "wrong_prefix"],
    ["whose prefix has another length", { message: { prefixTokens: [5] } }, "wrong_prefix"],
    ["with a price that is not the quoted one", { assignment: { outputPriceWei: 999n } }, "wrong_price"],
    ["with another fee than quoted", { assignment: { feePpm: 60_000 } }, "wrong_price"],
    ["with another quote's hash", { assignment: { quoteHash: word("other") } }, "wrong_price"],
    ["with a quote for another model", { quote: { modelDigest: word("other") } }, "wrong_price"],
    ["with a quote for another tier", { quote: { tier: 0 }, assignment: { tier: 1 } }, "wrong_price"],
    ["below what it asks for output", { quote: { outputPriceWei: 999n } }, "wrong_price"],
    ["below what it asks for input", { quote: { inputPriceWei: 2n } }, "wrong_price"],
    ["whose maximum does not follow from the prices", { assignment: { maxAmountWei: 1n } }, "wrong_price"],
    ["whose quote promises what is not shown", { quote: { salt: serviceSalt(service) } }, "wrong_price"],
    ["with terms that its quote does not promise", { message: { service } }, "wrong_price"],
    [
      "with harsher terms than its quote promises",
      { quote: { salt: serviceSalt(service) }, message: { service: harsher } },
      "wrong_price",
    ],
    ["whose deadline has passed", { assignment: { deadline: BigInt(nowMs / 1000) } }, "late"],
    ["of a coordinator whose clock is ahead", { quote: { expiresAt: BigInt(nowMs / 1000 + 421) } }, "clock"],
    ["of a coordinator whose clock is behind", { quote: { expiresAt: BigInt(nowMs / 1000 - 121) } }, "clock"],
  ])("%s", (_name, change, code) => {
    expect(() => checkJob(job(change), context)).toThrow(expect.objectContaining({ code }));
  });

  it("that it took before", () => {
    expect(() => checkJob(job(), { ...context, isKnown: () => true })).toThrow(
      expect.objectContaining({ code: "repeated" }),
    );
  });
});
