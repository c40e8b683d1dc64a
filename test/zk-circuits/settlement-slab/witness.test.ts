import { beforeAll, describe, expect, it } from "vitest";
import { slabField } from "@lode/sdk/slab";
import { compile } from "../../../scripts/zk/compile.ts";
import { circuitOf, filesOf } from "../../../zk-circuits/src/circuits.ts";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { TestCircuit } from "../../helpers/circom.ts";
import {
  circuitLists,
  columnsOf,
  commitmentOf,
  openingOf,
  paymentOf,
  slabClient,
  twoSettlements,
} from "../../helpers/slab.ts";

import { spongeMutants } from "./sponge.ts";

const field = slabField;

describe("the slab of eight", () => {
  const circuit = circuitOf("settlement-slab-8");
  const { first, second } = twoSettlements(8);
  let slab: TestCircuit;

  beforeAll(async () => {
    await compile(circuit);
    slab = TestCircuit.at(dirname(filesOf(circuit).r1cs), circuit.name);
  }, 300_000);

  /** The second settlement with some of its private inputs changed; the public ones stay. */
  const changed = (change: (columns: Record<string, bigint[]>) => void): Promise<bigint[]> => {
    const columns = columnsOf(second);
    change(columns);
    return slab.witness({ ...columns, point: second.publicSignals[2] });
  };

  it("computes the public signals that the contract asks for", async () => {
    for (const statement of [first, second]) {
      const [, ...signals] = await slab.witness(statement.input);
      expect(signals.slice(0, 3)).toEqual(statement.publicSignals);
      const lists = circuitLists(columnsOf(statement));
      expect(lists.known.slice(0, 8)).toEqual(statement.leavesBefore);
      expect(lists.known.slice(8, 16)).toEqual(statement.leavesAfter);
      expect(lists.known.at(-1)! % 2n ** 128n).toBe(statement.totalWei);
    }
    expect(second.totalWei).toBe(150n + 7n);
  }, 120_000);

  it("settles the whole deposit and not a wei more", async () => {
    const payment = paymentOf(1, undefined, openingOf(1, 1, 7n), 7n);
    expect(payment.depositWei).toBe(payment.voucher.cumulativeWei);
    await changed((columns) => void (columns["depositWei"]![1] = 7n));
    await expect(changed((columns) => void (columns["depositWei"]![1] = 6n))).rejects.toThrow("Assert Failed");
  }, 120_000);

  const refused: readonly [string, (columns: Record<string, bigint[]>) => void][] = [
    ["another amount than was signed", (c) => void (c["cumulativeWei"]![0]! += 1n)],
    ["another nonce than was signed", (c) => void (c["nonce"]![0]! += 1n)],
    ["another blinding than was signed", (c) => void (c["blinding"]![0]! += 1n)],
    ["another channel than was signed for", (c) => void (c["channelId"]![1]! += 1n)],
    ["another key", (c) => void ([c["keyX"]![1], c["keyY"]![1]] = slabClient(9).signer.key as [bigint, bigint])],
    ["the key's mirror image", (c) => void (c["keyY"]![1] = field - c["keyY"]![1]!)],
    ["another opening of what was settled", (c) => void (c["cumulativeBeforeWei"]![0]! -= 1n)],
    ["a settled channel as a fresh one", (c) => void (c["fresh"]![0] = 1n)],
    ["a fresh channel as a settled one", (c) => void (c["fresh"]![1] = 0n)],
    ["an unchanged channel with a name", (c) => void (c["channelId"]![2] = 1n)],
    ["an unchanged channel with a key", (c) => void (c["keyX"]![2] = 1n)],
    ["a change that is half one", (c) => void (c["changed"]![1] = (field + 1n) / 2n)],
    ["s above the subgroup's order", (c) => void (c["s"]![0]! += field / 8n)],
  ];
  it.each(refused)(
    "refuses %s",
    async (_, change) => {
      await expect(changed(change)).rejects.toThrow("Assert Failed");
    },
    120_000,
  );
});

describe("the chain of hashes", () => {
  it(
    "binds a list by each of its links: without one another list has its commitment",
    { timeout: 120_000 },
    async () => {
      /** Four links, what the commitment of a slab of sixteen has. */
      const long = 57;
      const elements = Array.from({ length: long }, (_, i) => BigInt(i + 1) ** 50n % field);
      const lib = readFileSync("zk-circuits/circuits/lib/sponge.circom", "utf8");
      const templates = lib.replaceAll(/^(pragma|include) .*$/gm, "");
      const named = (text: string, suffix: string): string =>
        text.replaceAll(/\b(\w*PoseidonChain)\(/g, `$1${suffix}(`);
      const mutated = spongeMutants.map(({ drop, instead }, i) => {
        expect(templates.split(drop)).toHaveLength(2);
        return named(templates.replace(drop, instead), `${i}x`);
      });
      const wired = spongeMutants.flatMap(({ template, length }, i) => [
        `signal input in${i}[${length}];`,
        `signal output right${i} <== ${template}(${length})(in${i});`,
        `signal output out${i} <== ${template}${i}x(${length})(in${i});`,
      ]);
      const source = [
        ...["pragma circom 2.2.2;", 'include "circomlib/circuits/poseidon.circom";', templates, ...mutated],
        ...["template All() {", ...wired, `signal input long[${long}];`],
        ...[`signal output chained <== LongPoseidonChain(${long})(long);`, "}", "component main = All();"],
      ].join("\n");
      const circuit = await TestCircuit.compile(".cache/zk/chains", "mutants", source);
      const lists = spongeMutants.map(({ length }) => Array.from({ length }, (_, i) => BigInt(i + 3) ** 40n % field));
      const others = lists.map((list) => [list[0]! + 1n, ...list.slice(1)]);
      const outputs = async (given: readonly bigint[][]): Promise<[bigint, bigint][]> => {
        const inputs = Object.fromEntries(given.map((list, i) => [`in${i}`, list]));
        const [, ...all] = await circuit.witness({ ...inputs, long: elements });
        expect(all[2 * given.length]).toBe(commitmentOf(elements));
        return given.map((_, i) => [all[2 * i]!, all[2 * i + 1]!]);
      };
      const [one, other] = [await outputs(lists), await outputs(others)];
      expect(one.map(([right]) => right)).toEqual(lists.map(commitmentOf));
      expect(other.map(([right]) => right)).toEqual(others.map(commitmentOf));
      // What the first element goes through is gone, and so is its part in the commitment.
      expect(other.map(([, out]) => out)).toEqual(one.map(([, out]) => out));
    },
  );
});
