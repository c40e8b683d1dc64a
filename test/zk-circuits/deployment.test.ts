import { expect, it } from "vitest";
import { networks } from "../../contracts/ignition/networks.ts";
import { lodeModule } from "../../contracts/ignition/lode.ts";
import { developmentSettings } from "../../contracts/ignition/settings.ts";
import { isDevelopmentKey, isProvable } from "../../contracts/ignition/zk.ts";

const others = [
  1337,
  424242,
  ...Object.values(networks).flatMap(({ chainId, isPublic }) => (isPublic ? [chainId] : [])),
];

it.each(["classifier", "settlement-slab-4"] as const)(
  "leaves the contracts of %s with development keys out of every public chain, known or not",
  (circuit) => {
    expect(isProvable(31337, circuit, "development")).toBe(true);
    expect(others.map((chainId) => isProvable(chainId, circuit, "development"))).toEqual(others.map(() => false));
  },
);

it("takes a ceremony's keys everywhere, and the committed ones for what the manifest calls them", () => {
  expect(isProvable(1, "classifier", "ceremony")).toBe(true);
  expect(isProvable(1, "classifier")).toBe(false);
  expect(isProvable(1, "settlement-slab-4")).toBe(false);
  expect(isDevelopmentKey("settlement-slab-4")).toBe(true);
});

it("deploys the settlement contract for the devnet, and not for a public chain", () => {
  const named = (chainId: number): string[] => {
    const module = lodeModule(developmentSettings(chainId, `0x${"11".repeat(20)}`));
    return [...module.futures].map(({ id }) => id.replace("Lode#", ""));
  };
  const proving = ["ZkJobs", "Groth16Verifier", "EddsaPoseidon", "ZkSettlement"];
  expect(named(31337)).toEqual(expect.arrayContaining(proving));
  expect(named(11155111).filter((name) => proving.includes(name))).toEqual([]);
});
