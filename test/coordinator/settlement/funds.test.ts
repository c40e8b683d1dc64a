import { describe, expect, it } from "vitest";
import { availableWei, signerMarginSeconds } from "../../../coordinator/src/domain/settlement/index.ts";

const now = 1_800_000_000n;
/** 1,000 were put in, of which 300 were collected: 700 are left, and the session key may promise 900 in all. */
const account = {
  balanceWei: 700n,
  thawingWei: 0n,
  thawEndsAt: 0n,
  collectedWei: 300n,
  signerCapWei: 900n,
  signerExpiresAt: now + signerMarginSeconds,
};

describe("what a client can still promise", () => {
  it.each<[string, Partial<typeof account>, bigint, bigint, bigint]>([
    ["all under the cap, where everything debited is collected", {}, 300n, 0n, 600n],
    ["less what is debited and not collected", {}, 400n, 0n, 500n],
    ["no more than the account holds", { signerCapWei: 10_000n }, 400n, 0n, 600n],
    ["no more than the session cap leaves beyond what was debited", { signerCapWei: 450n }, 400n, 0n, 50n],
    ["less what thaws", { signerCapWei: 10_000n, thawingWei: 100n }, 300n, 0n, 600n],
    ["less what runs", {}, 400n, 499n, 1n],
    ["nothing when more runs", {}, 400n, 501n, 0n],
    ["nothing where the key ends a second too soon", { signerExpiresAt: now + signerMarginSeconds - 1n }, 0n, 0n, 0n],
  ])("%s", (_name, change, debitedWei, lockedWei, expected) => {
    expect(availableWei({ ...account, ...change }, debitedWei, lockedWei, now)).toBe(expected);
  });
});
