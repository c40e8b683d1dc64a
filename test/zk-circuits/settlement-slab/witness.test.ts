import { beforeAll, describe, expect, it } from "vitest";
import { slabField } from "@lode/sdk/slab";
import { compile } from "../../../scripts/zk/compile.ts";
import { circuitOf, filesOf } from "../../../zk-circuits/src/circuits.ts";
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
  it("of four links is the one that the statement of sixteen channels computes", async () => {
    const length = 57;
    const include = 'include "zk-circuits/circuits/lib/sponge.circom";';
    const source = `pragma circom 2.2.2;\n${include}\ncomponent main = LongPoseidonChain(${length});\n`;
    const chain = await TestCircuit.compile(".cache/zk/chains", "chain", source);
    const elements = Array.from({ length }, (_, i) => BigInt(i + 1) ** 50n % field);
    const [, out] = await chain.witness({ in: elements });
    expect(out).toBe(commitmentOf(elements));
  }, 120_000);
});
