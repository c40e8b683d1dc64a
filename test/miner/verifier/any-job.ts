import { keccak, type Hex } from "@lode/sdk/hash";
import { tier, type Assignment, type Receipt } from "@lode/sdk/typed-data";

const word = (text: string): Hex => keccak(Buffer.from(text));
const account = (digit: string): Hex => `0x${digit.repeat(40)}`;

/** An assignment and a receipt with something in every field, signed by nobody. */
export function anyJob(): { assignment: Assignment; receipt: Receipt } {
  const assignment: Assignment = {
    ...{ coordinator: account("a"), counter: 1n, attempt: 0, client: account("c"), miner: account("d") },
    ...{ modelDigest: word("model"), engineClass: word("engine"), promptCommitment: word("prompt") },
    ...{ prefixCommitment: word("prefix"), outputOffset: 0, maxInputTokens: 10, maxOutputTokens: 10 },
    ...{ samplerHash: word("sampler"), seed: word("seed"), quoteHash: word("quote"), inputPriceWei: 0n },
    ...{ outputPriceWei: 1n, feePpm: 0, maxAmountWei: 10n, deadline: 2_000_000_000n, tier: tier.sampled },
  };
  const receipt: Receipt = {
    ...{ assignment: word("assignment"), inputCommitment: word("input"), outputCommitment: word("output") },
    ...{ fingerprintCommitment: `0x${"00".repeat(32)}`, inputTokens: 1, outputTokens: 2, amountWei: 2n },
    ...{ startedAtMs: 1n, finishedAtMs: 2n, finishReason: 0, hosted: false },
  };
  return { assignment, receipt };
}
