import { toFunctionSelector } from "viem";

type Name = "lodeToken" | "staking" | "paymentEscrow" | "recovery" | "rewards" | "faultProofs" | "demands" | "court";

/** A role of the access manager: its number, the restricted functions that it may call, and the contracts that hold it. */
export interface Role {
  readonly id: bigint;
  readonly label: string;
  readonly functions: Partial<Record<Name, readonly string[]>>;
  readonly holders: readonly Name[];
}

const selectors = (...signatures: string[]): string[] => signatures.map((text) => toFunctionSelector(text));
const intake = selectors("pauseIntake()", "resumeIntake()");

/** Without a role of its own a restricted function belongs to the admin: every one of them is named here. */
export const roles = [
  {
    id: 1n,
    label: "MINTER",
    functions: { lodeToken: selectors("mint(address,uint256)") },
    holders: ["rewards"],
  },
  {
    id: 2n,
    label: "SLASHER",
    functions: { staking: selectors("slash(address,uint128,address)", "freeze(address)", "unfreeze(address)") },
    holders: ["recovery", "faultProofs", "demands", "court"],
  },
  {
    id: 3n,
    label: "RECOVERER",
    functions: {
      paymentEscrow: selectors("freezePool(address)", "releasePool(address)", "closePool(address,uint128,address)"),
    },
    holders: ["recovery"],
  },
] as const satisfies readonly Role[];

/** The guardian's role, held by an account that a deployment names: it can stop intake for a while and nothing else. */
export const guardian = {
  id: 4n,
  label: "GUARDIAN",
  functions: { staking: intake, paymentEscrow: intake },
  holders: [],
} as const satisfies Role;
