import { expect, it } from "vitest";
import { networks } from "../../contracts/ignition/networks.ts";
import { isProvable } from "../../contracts/ignition/zk.ts";

it("leaves contracts with development keys out of every public chain, known or not", () => {
  expect(isProvable(31337, "classifier", "development")).toBe(true);
  const others = [
    1337,
    424242,
    ...Object.values(networks).flatMap(({ chainId, isPublic }) => (isPublic ? [chainId] : [])),
  ];
  expect(others.map((chainId) => isProvable(chainId, "classifier", "development"))).toEqual(others.map(() => false));
});

it("takes a ceremony's keys everywhere, and the committed ones for what the manifest calls them", () => {
  expect(isProvable(1, "classifier", "ceremony")).toBe(true);
  expect(isProvable(1, "classifier")).toBe(false);
});
