import { readFileSync } from "node:fs";
import { join } from "node:path";
import { courtAbi, blockRandomnessAbi, stakingAbi } from "@lode/sdk/abi";
import {
  checkedOf,
  checkersOf,
  commitmentOf,
  drawRatePpm,
  isDrawn,
  juryOf,
  positionsOf,
  PPM,
  revelationOf,
  rollOf,
  seatsAfter,
  type DrawRules,
  type Seat,
} from "@lode/sdk/draws";
import { keccak, type Hex } from "@lode/sdk/hash";
import { leafHash, verifyInclusion } from "@lode/sdk/merkle";
import { encodeAbiParameters, keccak256 } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parameters } from "../../contracts/ignition/parameters.ts";
import { root } from "../../scripts/root.ts";
import { startDevnet, type TestDevnet } from "../helpers/devnet.ts";

const LODE = 10n ** 18n;
const hashOf = (number: number): Hex => keccak(new TextEncoder().encode(`hash ${number}`));
const juror = (number: number): Hex => `0x${number.toString(16).padStart(40, "0")}`;
const rules: DrawRules = {
  floorPpm: Number(parameters.drawRatePpm.value),
  leastPenaltyWei: parameters.minimumMinerStakeWei.value / 2n,
};

describe("the rate of a draw", () => {
  it("never falls below its floor, rises with the amount, and ends at always", () => {
    expect(drawRatePpm(rules, 0n)).toBe(20_000);
    expect(drawRatePpm(rules, LODE / 2n)).toBe(20_000);
    expect(drawRatePpm(rules, 2n * LODE)).toBe(80_000);
    expect(drawRatePpm(rules, 25n * LODE)).toBe(PPM);
    expect(drawRatePpm(rules, 2n ** 127n)).toBe(PPM);
  });

  it("hits about as many receipts as it says", () => {
    const drawn = Array.from({ length: 20_000 }, (_, i) =>
      isDrawn(rules, hashOf(-1), { hash: hashOf(i), amountWei: 0n }),
    );
    const count = drawn.filter(Boolean).length;
    // Five standard deviations of a binomial distribution on either side of 400.
    expect(count).toBeGreaterThan(300);
    expect(count).toBeLessThan(500);
  });

  it("is what ECONOMICS.md says", () => {
    const page = readFileSync(join(root, "contracts", "disputes", "ECONOMICS.md"), "utf8");
    const rows = [
      ...page.matchAll(
        /^\| ([\d.]+) LODE +\| (\d+) % +\| (\d+), (\d+) +\| ([\d.]+) LODE +\| (\d+) LODE +\| ([\d,]+) +\|$/gm,
      ),
    ];
    expect(rows).toHaveLength(5);
    for (const [, price, rate, mean, most, gain, penalty, ratio] of rows) {
      const amountWei = BigInt(Math.round(Number(price) * 1e6)) * 10n ** 12n;
      const p = drawRatePpm(rules, amountWei) / PPM;
      expect(100 * p).toBeCloseTo(Number(rate), 5);
      expect(Math.ceil(1 / p)).toBe(Number(mean));
      expect(p === 1 ? 1 : Math.ceil(Math.log(0.01) / Math.log(1 - p))).toBe(Number(most));
      expect(Number(price) / p).toBeCloseTo(Number(gain), 5);
      expect(rules.leastPenaltyWei).toBe(BigInt(penalty!) * LODE);
      expect((p * 50) / Number(price)).toBeCloseTo(Number(ratio!.replace(",", "")), 5);
    }
  });
});

describe("the floor for each miner", () => {
  const [one, other] = [juror(101), juror(102)];
  const receipts = (miner: Hex, count: number, from = 0) =>
    Array.from({ length: count }, (_, i) => ({ hash: hashOf(from + i), miner, amountWei: 0n }));
  const values = (count: number): Hex[] => Array.from({ length: count }, (_, i) => hashOf(-1 - i));
  const f = rules.floorPpm / PPM;

  it("checks something of every miner, its lowest roll where its rate names none, in whatever order", () => {
    const all = [...receipts(one, 6), ...receipts(other, 1, 50)];
    for (const value of values(200)) {
      const checked = checkedOf(rules, value, all);
      expect(new Map([...checkedOf(rules, value, all.toReversed())].sort())).toEqual(new Map([...checked].sort()));
      for (const miner of [one, other]) {
        const own = all.filter((receipt) => receipt.miner === miner);
        const named = own.filter((receipt) => isDrawn(rules, value, receipt)).map(({ hash }) => hash);
        const lowest = own.map(({ hash }) => hash).sort((a, b) => rollOf(value, a) - rollOf(value, b))[0]!;
        const expected = named.length > 0 ? named.map((hash) => [hash, "rate"]) : [[lowest, "lot"]];
        expect([...checked].filter(([hash]) => own.some((receipt) => receipt.hash === hash))).toEqual(expected);
      }
    }
    expect(checkedOf(rules, hashOf(-1), [])).toEqual(new Map());
  });

  it("falls on each of a miner's receipts about equally often, and as often as ECONOMICS.md derives", () => {
    const own = receipts(one, 10);
    const lots = new Map<Hex, number>();
    let checks = 0;
    const rounds = 1_000;
    for (const value of values(rounds)) {
      const checked = checkedOf(rules, value, own);
      checks += checked.size;
      for (const [hash, naming] of checked) if (naming === "lot") lots.set(hash, (lots.get(hash) ?? 0) + 1);
    }
    const share = (1 - f) ** 10 / 10;
    // Five standard deviations on either side.
    const spread = 5 * Math.sqrt(rounds * share * (1 - share));
    for (const { hash } of own) expect(Math.abs((lots.get(hash) ?? 0) - rounds * share)).toBeLessThan(spread);
    const expected = 10 * f + (1 - f) ** 10;
    expect(Math.abs(checks / rounds - expected)).toBeLessThan((5 * Math.sqrt(10 * f)) / Math.sqrt(rounds));
  });

  it("is what ECONOMICS.md says", () => {
    const page = readFileSync(join(root, "contracts", "disputes", "ECONOMICS.md"), "utf8");
    const rows = [
      ...page.matchAll(/^\| (\d+) +\| ([\d.]+) +\| ([\d.]+) % +\| ([\d.]+), (\d+) +\| ([\d.]+), (\d+) +\|$/gm),
    ].map((row) => row.slice(1).map(Number));
    expect(rows).toHaveLength(5);
    /** Mean and 99 % of the anchors until a roll hits, of so many rolls up to an anchor. */
    const until = (rolls: (anchors: number) => number): [number, number] => {
      let [mean, most] = [0, Infinity];
      for (let anchors = 0; anchors < 2_000; anchors += 1) {
        const left = (1 - f) ** rolls(anchors);
        mean += left;
        if (left <= 0.01) most = Math.min(most, anchors);
      }
      return [mean, most];
    };
    for (const [n = 0, checked, share, mean, most, meanWithout, mostWithout] of rows) {
      const c = n * f + (1 - f) ** n;
      expect(c).toBeCloseTo(checked!, 3);
      expect((100 * c) / n).toBeCloseTo(share!, 1);
      const [withLots, without] = [until((j) => n * j + (j * (j - 1)) / 2), until((j) => n * j)];
      expect(withLots[0]).toBeCloseTo(mean!, 1);
      expect(without[0]).toBeCloseTo(meanWithout!, 1);
      expect([withLots[1], without[1]]).toEqual([most, mostWithout]);
    }
  });
});

describe("seats", () => {
  it("follow joins, weights and leaves", () => {
    const seats = seatsAfter([
      { kind: "joined", juror: juror(1), seat: 1, weight: 10 },
      { kind: "joined", juror: juror(2), seat: 2, weight: 20 },
      { kind: "reweighed", juror: juror(2), weight: 25 },
      { kind: "left", juror: juror(1) },
      { kind: "reweighed", juror: juror(1), weight: 99 },
      { kind: "joined", juror: juror(3), seat: 1, weight: 5 },
    ]);
    expect(seats).toEqual([
      { juror: juror(3), seat: 1, weight: 5 },
      { juror: juror(2), seat: 2, weight: 25 },
    ]);
  });

  it("give up to three checkers by weight, never the excluded, and as many as there are", () => {
    const seats: Seat[] = Array.from({ length: 10 }, (_, i) => ({
      juror: juror(i),
      seat: i + 1,
      weight: i === 9 ? 60 : 10,
    }));
    const draws = Array.from({ length: 300 }, (_, i) => checkersOf(hashOf(1), hashOf(i), seats, [juror(0), juror(1)]));
    for (const drawn of draws) {
      expect(new Set(drawn).size).toBe(3);
      expect(drawn).not.toContain(juror(0));
      expect(drawn).not.toContain(juror(1));
    }
    expect(draws.filter((drawn) => drawn.includes(juror(9))).length).toBeGreaterThan(150);
    expect(checkersOf(hashOf(1), hashOf(2), seats.slice(0, 3), [juror(0)]).toSorted()).toEqual([juror(1), juror(2)]);
    expect(checkersOf(hashOf(1), hashOf(2), [], [])).toEqual([]);
  });
});

describe("a ballot", () => {
  const ballot = { caseId: "7", juror: juror(5), verdict: 2, salt: hashOf(0), values: [1, 2, 3].map(hashOf) };

  it("shows the values at drawn positions below the root that it committed to", () => {
    const shown = revelationOf(ballot, [2n, 0n, 2n, 1n]);
    const words = ["uint256", "address", "bytes32", "uint8", "bytes32"].map((type) => ({ type }));
    const commitment = keccak256(encodeAbiParameters(words, [7n, ballot.juror, ballot.salt, 2, shown.root]));
    expect(commitmentOf(ballot)).toBe(commitment);
    for (const [i, position] of [2, 0, 2, 1].entries()) {
      const words = ["address", "uint256", "bytes32"].map((type) => ({ type }));
      const leaf = keccak256(encodeAbiParameters(words, [ballot.juror, BigInt(position), ballot.values[position]]));
      const proof = { leafHash: leafHash(leaf), index: position, size: 3, path: shown.paths[i]!, root: shown.root };
      expect(verifyInclusion(proof)).toBe(true);
      // A juror that copied the root stands for other leaves.
      const copied = keccak256(encodeAbiParameters(words, [juror(6), BigInt(position), ballot.values[position]]));
      expect(verifyInclusion({ ...proof, leafHash: leafHash(copied) })).toBe(false);
    }
    expect(() => revelationOf(ballot, [3n])).toThrow(RangeError);
  });
});

describe("the same draws on the chain", { timeout: 120_000 }, () => {
  let devnet: TestDevnet;
  beforeAll(async () => {
    devnet = await startDevnet();
  }, 300_000);
  afterAll(() => devnet.stop());

  it("come from the same public inputs: rates, and the value of a moment", async () => {
    const { chain, addresses } = devnet;
    const court = { address: addresses.court, abi: courtAbi } as const;
    for (const amountWei of [0n, LODE / 2n, LODE, 7n * LODE + 3n, 25n * LODE - 1n, 25n * LODE, 2n ** 128n - 1n]) {
      const rate = await chain.client.readContract({ ...court, functionName: "drawRatePpm", args: [amountWei] });
      expect(drawRatePpm(rules, amountWei)).toBe(rate);
    }
    const staking = { address: addresses.staking, abi: stakingAbi } as const;
    const minimumWei = await chain.client.readContract({ ...staking, functionName: "minimumStakeWei", args: [1] });
    expect(minimumWei / 2n).toBe(rules.leastPenaltyWei);
    await chain.client.mine({ blocks: 5 });
    const source = { address: addresses.randomness, abi: blockRandomnessAbi } as const;
    const moment = (await chain.client.getBlockNumber({ cacheTime: 0 })) - 1n;
    const value = await chain.client.readContract({ ...source, functionName: "valueAt", args: [moment] });
    expect(rollOf(value, hashOf(1))).toBe(
      Number(
        BigInt(keccak256(encodeAbiParameters([{ type: "bytes32" }, { type: "bytes32" }], [value, hashOf(1)]))) %
          1_000_000n,
      ),
    );
    expect(positionsOf(value, 3n, 40).every((position) => position >= 0 && position < 40)).toBe(true);
    expect(juryOf(value, 1n, [{ juror: juror(1), seat: 1, weight: 3 }], [])).toEqual([]);
  });
});
