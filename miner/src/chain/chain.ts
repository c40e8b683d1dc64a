import {
  accessManagerAbi,
  blockRandomnessAbi,
  courtAbi,
  demandsAbi,
  drandRandomnessAbi,
  faultProofsAbi,
  lodeTokenAbi,
  paymentEscrowAbi,
  receiptLedgerAbi,
  recoveryAbi,
  rewardsAbi,
  stakingAbi,
  timelockControllerAbi,
} from "@lode/sdk/abi";
import type { Addresses } from "@lode/sdk/addresses";
import type { Hex } from "@lode/sdk/hash";
import { createPublicClient, http, type PublicClient } from "viem";
import { exitCode, MinerError } from "../errors.ts";

/** The contracts of a deployment, ready for viem. */
export function contractsOf(addresses: Addresses) {
  return {
    token: { address: addresses.lodeToken, abi: lodeTokenAbi },
    staking: { address: addresses.staking, abi: stakingAbi },
    escrow: { address: addresses.paymentEscrow, abi: paymentEscrowAbi },
    ledger: { address: addresses.receiptLedger, abi: receiptLedgerAbi },
    recovery: { address: addresses.recovery, abi: recoveryAbi },
    rewards: { address: addresses.rewards, abi: rewardsAbi },
    proofs: { address: addresses.faultProofs, abi: faultProofsAbi },
    demands: { address: addresses.demands, abi: demandsAbi },
    court: { address: addresses.court, abi: courtAbi },
    // One of the two is at that address: a deployment chooses its source of randomness.
    randomness: { address: addresses.randomness, abi: blockRandomnessAbi },
    drand: { address: addresses.randomness, abi: drandRandomnessAbi },
    timelock: { address: addresses.timelock, abi: timelockControllerAbi },
    access: { address: addresses.accessManager, abi: accessManagerAbi },
  } as const;
}

export type Contracts = ReturnType<typeof contractsOf>;
export type ContractName = keyof Contracts;

/** Names of the contracts for people. */
export const contractTitles: Readonly<Record<ContractName, string>> = {
  token: "LodeToken",
  staking: "Staking",
  escrow: "PaymentEscrow",
  ledger: "ReceiptLedger",
  recovery: "Recovery",
  rewards: "Rewards",
  proofs: "FaultProofs",
  demands: "Demands",
  court: "Court",
  randomness: "BlockRandomness",
  drand: "DrandRandomness",
  timelock: "TimelockController",
  access: "AccessManager",
};

/** A chain whose contracts are where the addresses say. */
export interface ChainReader {
  readonly client: PublicClient;
  readonly addresses: Addresses;
  readonly contracts: Contracts;
}

/** Connects to a chain. One sentence and exit code 4 when nothing answers, it is another chain, or it has no contracts. */
export async function openChain(rpcUrl: string, addresses: Addresses): Promise<ChainReader> {
  const client = createPublicClient({
    transport: http(rpcUrl, { retryCount: 2, timeout: 10_000 }),
    pollingInterval: 200,
  });
  const unreachable = (message: string, cause?: unknown): never => {
    throw new MinerError("chain_unreachable", message, { cause, exitCode: exitCode.unreachable, retryable: true });
  };
  const chainId = await client
    .getChainId()
    .catch((cause: unknown) => unreachable(`No chain answers at ${rpcUrl}; check --rpc or RPC_URL.`, cause));
  if (chainId !== addresses.chainId) {
    return unreachable(`${rpcUrl} is chain ${chainId}, the contracts are on chain ${addresses.chainId}; check --rpc.`);
  }
  if ((await client.getCode({ address: addresses.staking })) === undefined) {
    return unreachable(`There are no Lode contracts at ${rpcUrl}; check --addresses or ADDRESSES_FILE.`);
  }
  return { client, addresses, contracts: contractsOf(addresses) };
}

export interface CoordinatorStake {
  readonly operator: Hex;
  readonly isActive: boolean;
}

const roleCoordinator = 2;

/** Who signs for a coordinator, and whether it has its stake. */
export async function readCoordinator({ client, contracts }: ChainReader, coordinator: Hex): Promise<CoordinatorStake> {
  const [operator, isActive] = await Promise.all([
    client.readContract({ ...contracts.staking, functionName: "operatorOf", args: [coordinator] }),
    client.readContract({ ...contracts.staking, functionName: "isActive", args: [coordinator, roleCoordinator] }),
  ]);
  return { operator: operator.toLowerCase() as Hex, isActive };
}
