import { keccak, type Hex } from "@lode/sdk/hash";
import { signerFromKey, signTypedData } from "@lode/sdk/keys";
import { CompactRange } from "@lode/sdk/merkle";
import { escrowDomain, hashStruct, toWire, type Receipt, type Voucher } from "@lode/sdk/typed-data";
import { describe, expect, it } from "vitest";
import {
  creditWei,
  judgeVoucher,
  noCredits,
  type Credit,
  type VoucherContext,
} from "../../../miner/src/daemon/credit-check.ts";
import type { StoredVoucher } from "../../../miner/src/daemon/records.ts";

const person = (name: string) => signerFromKey(keccak(Buffer.from(name)));
const [coordinator, miner, stranger] = [person("coordinator"), person("miner"), person("stranger")];
const domain = escrowDomain({ chainId: 31337, paymentEscrow: `0x${"04".repeat(20)}` });
const word = (text: string): Hex => keccak(Buffer.from(text));

const credits: Credit[] = [0, 1, 2].map((i) => {
  const receipt: Receipt = {
    assignment: word(`assignment ${i}`),
    inputCommitment: word("input"),
    outputCommitment: word("output"),
    fingerprintCommitment: word("none"),
    inputTokens: 1,
    outputTokens: 1,
    amountWei: BigInt(1_019 + i),
    startedAtMs: 1n,
    finishedAtMs: 2n,
    finishReason: 0,
    hosted: false,
  };
  return { hash: hashStruct("Receipt", receipt), creditWei: creditWei(receipt, 50_000) };
});
/** 5 % of 1,019, 1,020 and 1,021 wei, rounded down: 50, 51, 51. */
const sums = [0n, 969n, 1_938n, 2_908n];

function voucher(count: number, change: Partial<Voucher> = {}, signer = coordinator): StoredVoucher {
  const tree = new CompactRange();
  for (const { hash } of credits.slice(0, count)) tree.append(hash);
  const value: Voucher = {
    payer: coordinator.address,
    payee: miner.address,
    kind: 1,
    epoch: 0n,
    cumulativeWei: sums[count]!,
    count: BigInt(count),
    receiptsRoot: tree.root(),
    ...change,
  };
  return { voucher: toWire("Voucher", value), signature: signTypedData(signer, domain, "Voucher", value) };
}

const context: VoucherContext = {
  domain,
  coordinator: coordinator.address,
  coordinatorOperator: coordinator.address,
  miner: miner.address,
  credits,
  base: noCredits,
};

describe("a miner's judgement of a voucher", () => {
  it("is good when it pays exactly the receipts, at once or step by step", () => {
    expect(judgeVoucher(voucher(3), context)).toMatchObject({ base: { count: 3, cumulativeWei: 2_908n } });
    const first = judgeVoucher(voucher(1), context);
    if (typeof first === "string" || !("base" in first)) throw new Error("the first voucher is good");
    expect(judgeVoucher(voucher(3), { ...context, base: first.base })).toMatchObject({ base: { count: 3 } });
    expect(judgeVoucher(voucher(1), { ...context, base: first.base })).toBe("old");
  });

  it("waits for a receipt whose place is not known yet", () => {
    expect(judgeVoucher(voucher(3), { ...context, credits: [credits[0], undefined, credits[2]] })).toBe("wait");
    expect(judgeVoucher(voucher(3), { ...context, credits: credits.slice(0, 2) })).toBe("wait");
  });

  it.each<[string, StoredVoucher]>([
    ["promises a wei less", voucher(3, { cumulativeWei: 2_907n })],
    ["promises a wei more", voucher(3, { cumulativeWei: 2_909n })],
    ["holds other receipts", voucher(3, { receiptsRoot: word("other") })],
    ["is signed by a stranger", voucher(3, {}, stranger)],
    ["pays somebody else", voucher(3, { payee: stranger.address })],
    ["is drawn on somebody else", voucher(3, { payer: stranger.address })],
    ["is not drawn on the pool", voucher(3, { kind: 0 })],
    ["has no signature", { ...voucher(3), signature: `0x${"00".repeat(65)}` }],
  ])("is bad when it %s", (_name, wrong) => {
    expect(judgeVoucher(wrong, context)).toHaveProperty("problem");
  });

  it("is bad when it pays less than one before for the same receipts", () => {
    const good = judgeVoucher(voucher(2), context);
    if (typeof good === "string" || !("base" in good)) throw new Error("the voucher is good");
    expect(judgeVoucher(voucher(2, { cumulativeWei: 1n }), { ...context, base: good.base })).toHaveProperty("problem");
  });
});
