import * as abis from "@lode/sdk/abi";
import { describe, expect, it } from "vitest";

type Item = (typeof abis.everyAbi)[number][number];
const isPayable = (item: Item): boolean => "stateMutability" in item && item.stateMutability === "payable";

describe("ether", () => {
  it("is taken in by no function of ours, and by OpenZeppelin's only to pass it on", () => {
    const payable = Object.entries(abis)
      .filter(([name]) => name.endsWith("Abi") && name !== "everyAbi")
      .flatMap(([name, abi]) =>
        (abi as readonly Item[]).filter(isPayable).map((item) => `${name}.${"name" in item ? item.name : item.type}`),
      );
    expect(payable.sort()).toEqual([
      "accessManagerAbi.execute",
      "timelockControllerAbi.execute",
      "timelockControllerAbi.executeBatch",
      "timelockControllerAbi.receive",
    ]);
  });

  it("is looked for in every ABI", () => {
    expect(Object.keys(abis).filter((name) => name.endsWith("Abi") && name !== "everyAbi")).toHaveLength(
      abis.everyAbi.length,
    );
  });
});
