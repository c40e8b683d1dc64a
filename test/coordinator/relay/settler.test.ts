import { LodeError } from "@lode/sdk/errors";
import type { Hex } from "@lode/sdk/hash";
import { beforeEach, describe, expect, it } from "vitest";
import { ReceiptRejectedError } from "../../../coordinator/src/plugins/app/ledger/errors.ts";
import type { Ledger, SettleCommand, Settlement } from "../../../coordinator/src/plugins/app/ledger/types.ts";
import { Settler } from "../../../coordinator/src/plugins/app/relay/settler.ts";
import { miner, word } from "../fixture.ts";

const away = new LodeError("chain_unreachable", "nobody answers", { retryable: true });
const rejected = new ReceiptRejectedError("wrong", "The receipt is refused.");
const [first, second, third] = [word("first"), word("second"), word("third")];
const commandOf = (assignment: Hex): SettleCommand =>
  ({ miner: miner.address, receipt: { assignment } }) as unknown as SettleCommand;

/** What comes of each receipt; where nothing is said it settles. */
let outcomes: Map<Hex, Error>;
let asked: Hex[];
let settler: Settler;
beforeEach(async () => {
  outcomes = new Map([first, second, third].map((digest) => [digest, away]));
  asked = [];
  settler = new Settler({
    settle: async ({ receipt: { assignment: digest } }: SettleCommand) => {
      asked.push(digest);
      const error = outcomes.get(digest);
      if (error !== undefined) throw error;
      return { digest } as Settlement;
    },
  } as Ledger);
  for (const digest of [first, second, third]) await expect(settler.settle(commandOf(digest))).rejects.toBe(away);
  asked = [];
});

/** Tries again, and tells what came of it. */
async function retry(): Promise<{ settled: Hex[]; refused: Hex[] }> {
  const told = { settled: [] as Hex[], refused: [] as Hex[] };
  await settler.retry(
    (_miner, { digest }) => told.settled.push(digest),
    (_miner, digest) => told.refused.push(digest),
  );
  return told;
}

describe("receipts that could not be settled", () => {
  it("wait, and the rest is not asked for while the reason holds for one", async () => {
    outcomes.delete(second);
    expect(await retry()).toEqual({ settled: [], refused: [] });
    expect(asked).toEqual([first]);
    expect([...settler.kept]).toEqual([first, second, third]);
  });

  it("settle each once when it holds no more, and what is wrong for good is told and forgotten", async () => {
    outcomes.clear();
    outcomes.set(second, rejected);
    expect(await retry()).toEqual({ settled: [first, third], refused: [second] });
    expect([...settler.kept]).toEqual([]);
    expect(await retry()).toEqual({ settled: [], refused: [] });
    expect(asked).toEqual([first, second, third]);
  });

  it("are not tried twice at a time", async () => {
    outcomes.clear();
    const both = await Promise.all([retry(), retry()]);
    expect(both).toEqual([
      { settled: [first, second, third], refused: [] },
      { settled: [], refused: [] },
    ]);
  });

  it("stay, but for the one, where something breaks that is neither", async () => {
    outcomes.clear();
    outcomes.set(second, new Error("broken"));
    await expect(retry()).rejects.toThrow("broken");
    expect([...settler.kept]).toEqual([third]);
    // A later turn goes on.
    expect(await retry()).toEqual({ settled: [third], refused: [] });
  });

  it("are forgotten when the miner hands them in again and they settle", async () => {
    outcomes.clear();
    await settler.settle(commandOf(first));
    expect([...settler.kept]).toEqual([second, third]);
  });
});
