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

/** A contract of a deployment. */
export type ContractName = (typeof contracts)[number];

/** Where a deployment's contracts are. Written by the deployment, read by everybody else. */
export type Addresses = Readonly<Record<ContractName, Hex>> & {
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
  return { chainId: count("chainId"), ...found, deployedAtBlock: count("deployedAtBlock") };
}
