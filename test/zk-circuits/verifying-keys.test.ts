import { readFileSync } from "node:fs";
import { classes } from "@lode/zk-circuits/classifier";
import { expect, it } from "vitest";
import { renderVerifyingKeys } from "../../scripts/generate/verifying-keys.ts";

it("holds the exported key, coordinate by coordinate, and is called what it is", () => {
  const source = renderVerifyingKeys().get("contracts/generated/ClassifierKey.sol")!;
  const committed = readFileSync("contracts/generated/ClassifierKey.sol", "utf8");
  const words = (text: string): string[] => text.match(/0x[0-9a-f]{64}/g) ?? [];
  expect(words(committed)).toEqual(words(source));
  expect(words(committed)).toHaveLength(2 + 3 * 4 + 4 * 2);
  expect(committed).toContain("IS_DEVELOPMENT = true");
});

it("has as many classes as the contract takes", () => {
  expect(readFileSync("contracts/zk/ZkJobs.sol", "utf8")).toContain(`CLASSES = ${classes.length};`);
});
