import { LodeError } from "../errors/lode-error.ts";
import type { Hex } from "../hash/index.ts";

const contracts = [
  "accessManager",
  "timelock",
  "lodeToken",
  "staking",
  "paymentEscrow",
  "receiptLedger",
  "randomness",
  "recovery",
  "rewards",
  "faultProofs",
  "demands",
  "court",
] as const;

/** Contracts that take proofs. A deployment with development keys on a public chain has none of them. */
const provable = ["zkJobs", "zkSettlement"] as const;

/** A contract that every deployment has. */
export type ContractName = (typeof contracts)[number];
/** A contract that a deployment may lack. */
export type ProvableName = (typeof provable)[number];

/** Where a deployment's contracts are. Written by the deployment, read by everybody else. */
export type Addresses = Readonly<Record<ContractName, Hex> & Partial<Record<ProvableName, Hex>>> & {
  readonly chainId: number;
  /** First block that can hold an event of these contracts. */
  readonly deployedAtBlock: number;
};

/** Checks the shape of an addresses object from outside. */
export function parseAddresses(value: unknown): Addresses {
  const record = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const wrong = (field: string): never => {
    throw new LodeError("bad_addresses", `The contract addresses lack a valid "${field}".`);
  };
  const address = (field: string): Hex => {
    const text = record[field];
    return typeof text === "string" && /^0x[0-9a-fA-F]{40}$/.test(text) ? (text.toLowerCase() as Hex) : wrong(field);
  };
  const count = (field: string): number => {
    const n = record[field];
    return typeof n === "number" && Number.isSafeInteger(n) && n >= 0 ? n : wrong(field);
  };
  const found = Object.fromEntries(contracts.map((name) => [name, address(name)])) as Record<ContractName, Hex>;
  const there = provable.filter((name) => record[name] !== undefined).map((name) => [name, address(name)]);
  const proving = Object.fromEntries(there) as Partial<Record<ProvableName, Hex>>;
  return { chainId: count("chainId"), ...found, ...proving, deployedAtBlock: count("deployedAtBlock") };
}
