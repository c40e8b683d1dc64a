import { checkedOf, checkersOf, type DrawRules, type Seat } from "@lode/sdk/draws";
import { keccak, type Hex } from "@lode/sdk/hash";
import { loadAddresses } from "@lode/sdk/addresses";
import { hashStruct, type Assignment, type Receipt } from "@lode/sdk/typed-data";
import { describe, expect, it } from "vitest";
import { contractsOf, type ChainReader } from "../../../miner/src/chain/chain.ts";
import type { CourtWatch, ScheduledDraw } from "../../../miner/src/chain/court-watch.ts";
import { lotsOf } from "../../../miner/src/daemon/lots.ts";
import type { MinerStore } from "../../../miner/src/daemon/miner-store.ts";
import { isEntitled } from "../../../miner/src/disclosure/index.ts";
import { anyJob } from "../verifier/any-job.ts";

const word = (text: string): Hex => keccak(Buffer.from(text));
const rules: DrawRules = { floorPpm: 20_000, leastPenaltyWei: 10n ** 18n };
const value = word("value");
const seats: Seat[] = [1, 2, 3, 4, 5, 6].map((seat) => ({ juror: `0x${`${seat}`.repeat(40)}`, seat, weight: 10 }));
const { assignment, receipt } = anyJob();
const { coordinator } = assignment;
/** Anchors after 4 and after 10 receipts, each drawn from. */
const sizes = [4n, 10n];
const draws: ScheduledDraw[] = sizes.map((_, i) => ({
  coordinator,
  epoch: BigInt(i + 1),
  moment: BigInt(i),
  block: 9n,
}));

const chain = (() => {
  const addresses = { ...loadAddresses(31337), deployedAtBlock: 0 };
  const client = {
    getBlockNumber: async () => 20n,
    getBlock: async () => ({ hash: word("block"), timestamp: 1n }),
    getContractEvents: async () =>
      sizes.map((size, i) => {
        const roots = { root: word("r"), liabilitiesRoot: word("l"), nextNonceHash: word("n") };
        return { args: { ...roots, epoch: BigInt(i + 1), size }, blockNumber: BigInt(i) };
      }),
  };
  return { client, addresses, contracts: contractsOf(addresses) } as unknown as ChainReader;
})();
const watch = {
  draws,
  valueOf: async () => value,
  rules: async () => rules,
  seats: () => seats,
  open: () => [],
} as unknown as CourtWatch;

/** One of the miner's jobs, by its place in the log. */
function jobAt(logIndex: number, change: Partial<Receipt> = {}) {
  const own: Assignment = { ...assignment, counter: BigInt(logIndex) };
  const signed: Receipt = { ...receipt, amountWei: 0n, startedAtMs: BigInt(logIndex), ...change };
  return {
    assignment: own,
    receipt: signed,
    receiptHash: hashStruct("Receipt", signed),
    accepted: { logIndex, creditIndex: 0 },
  };
}
const storeOf = (jobs: ReturnType<typeof jobAt>[]): MinerStore =>
  ({ jobs: new Map(jobs.map((job) => [job.receiptHash, job])) }) as unknown as MinerStore;
const jobs = [0, 1, 2, 5, 6, 8].map((index) => jobAt(index));

describe("a miner's lots", () => {
  const isLot = lotsOf(chain, watch, storeOf(jobs));
  const lotAmong = (indexes: number[]): Hex => {
    const own = jobs.filter(({ accepted }) => indexes.includes(accepted.logIndex));
    const [[hash, naming] = []] = checkedOf(
      rules,
      value,
      own.map(({ receiptHash }) => ({ hash: receiptHash, miner: assignment.miner, amountWei: 0n })),
    );
    expect(naming).toBe("lot");
    return hash!;
  };
  const namedBy = async (draw: ScheduledDraw, is = isLot): Promise<Hex[]> => {
    const named: Hex[] = [];
    for (const { receiptHash } of jobs) if (await is(receiptHash, draw, value, rules)) named.push(receiptHash);
    return named;
  };

  it("are one for each draw, of what it draws from alone", async () => {
    expect(await namedBy(draws[0]!)).toEqual([lotAmong([0, 1, 2])]);
    expect(await namedBy(draws[1]!)).toEqual([lotAmong([5, 6, 8])]);
  });

  it("are none where the rate names a receipt, and never one that nobody may check", async () => {
    const large = jobAt(6, { amountWei: rules.leastPenaltyWei });
    const rated = lotsOf(chain, watch, storeOf([...jobs.filter(({ accepted }) => accepted.logIndex !== 6), large]));
    expect(await namedBy(draws[1]!, rated)).toEqual([]);
    expect(await rated(large.receiptHash, draws[1]!, value, rules)).toBe(false);
    const empty = jobAt(7, { outputTokens: 0 });
    const only = lotsOf(chain, watch, storeOf([empty]));
    expect(await only(empty.receiptHash, draws[1]!, value, rules)).toBe(false);
  });

  it("are shown to those whom the draw names for them, and to nobody else", async () => {
    const lot = lotAmong([5, 6, 8]);
    const checkers = checkersOf(value, lot, seats, [assignment.miner, assignment.client]);
    expect(checkers).toHaveLength(3);
    for (const { juror } of seats) {
      const found = jobs.find(({ receiptHash }) => receiptHash === lot)!;
      expect(await isEntitled(watch, juror, lot, found, isLot)).toBe(checkers.includes(juror));
      expect(await isEntitled(watch, juror, lot, found)).toBe(false);
      const other = jobs.find(({ receiptHash }) => receiptHash !== lot && receiptHash !== lotAmong([0, 1, 2]))!;
      expect(await isEntitled(watch, juror, other.receiptHash, other, isLot)).toBe(false);
    }
  });
});
