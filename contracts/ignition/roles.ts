import { toFunctionSelector } from "viem";

/** A role of the access manager: its number, and the restricted functions that it may call. Nobody holds one at first. */
export interface Role {
  readonly id: bigint;
  readonly label: string;
  readonly target: "lodeToken" | "staking";
  readonly selectors: readonly string[];
}

/** Without a role of its own a restricted function belongs to the admin, who could then mint and slash by itself. */
export const roles: readonly Role[] = [
  { id: 1n, label: "MINTER", target: "lodeToken", selectors: [toFunctionSelector("mint(address,uint256)")] },
  { id: 2n, label: "SLASHER", target: "staking", selectors: [toFunctionSelector("slash(address,uint128,address)")] },
];
