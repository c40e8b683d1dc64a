import { beforeAll, describe, expect, it } from "vitest";
import { TestCircuit } from "../../helpers/circom.ts";
import { inputOf, isSigned, mutants, sourceOf, type Forgery } from "./mutants.ts";

describe("each class of constraints", () => {
  const forgeries = mutants.map(({ forge }) => forge());
  let honest: TestCircuit;
  let without: TestCircuit;

  beforeAll(async () => {
    honest = await TestCircuit.compile(".cache/zk/mutants", "honest", sourceOf([undefined]));
    without = await TestCircuit.compile(".cache/zk/mutants", "mutants", sourceOf(mutants));
  }, 1_200_000);

  /** The public signals that the circuit has a witness for, one list for each forgery, or why it has none. */
  const provable = async (circuit: TestCircuit, forged: readonly Forgery[]): Promise<bigint[][] | string> => {
    try {
      const [, ...all] = await circuit.witness(inputOf(forged));
      return forged.map((_, i) => [0, 1, 2].map((signal) => all[signal * forged.length + i]!));
    } catch (error) {
      return String(error);
    }
  };

  it.each(mutants.map(({ name }, i) => [name, i] as const))(
    "keeps a forgery from being proved: %s",
    async (_, i) => {
      const forgery = forgeries[i]!;
      const proved = await provable(honest, [forgery]);
      if (typeof proved === "string") expect(proved).toContain("Assert Failed");
      else expect(proved[0]).not.toEqual(forgery.signals);
    },
    120_000,
  );

  it("is dropped alone: of all forgeries only those of signatures show none", () => {
    const unsigned = mutants.filter((_, i) => !isSigned(forgeries[i]!)).map(({ name }) => name);
    expect(unsigned).toEqual(["the client signed"]);
  });

  it("is needed: without it the forgery is what the contract asks for a proof of", async () => {
    expect(await provable(without, forgeries)).toEqual(forgeries.map(({ signals }) => signals));
  }, 300_000);
});
