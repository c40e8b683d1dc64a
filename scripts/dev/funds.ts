import { lodeTokenAbi, stakingAbi } from "@lode/sdk/abi";
import type { Addresses } from "@lode/sdk/addresses";
import { unlockKeystore } from "@lode/sdk/keys";
import { readFileSync } from "node:fs";
import {
  createWalletClient,
  http,
  parseEther,
  publicActions,
  zeroAddress,
  zeroHash,
  type Address,
  type Hex,
} from "viem";
import { foundry } from "viem/chains";
import { deployer } from "./anvil.ts";
import type { Person } from "./people.ts";

const GAS_MONEY_WEI = parseEther("10");

/** Who has less than this gets tokens again. */
const POOR_WEI = parseEther("100");

/**
 * The devnet's faucet: gives `lode` tokens, and ether for gas, to everybody who is short of them.
 * @returns the tokens it paid out, wei
 */
export async function fund(
  rpcUrl: string,
  addresses: Addresses,
  people: readonly Person[],
  lode: bigint,
): Promise<bigint> {
  const faucet = deployer(rpcUrl);
  const token = { address: addresses.lodeToken, abi: lodeTokenAbi } as const;
  const giftWei = lode * 10n ** 18n;
  let [paidWei, nonce] = [0n, await faucet.getTransactionCount({ address: faucet.account.address })];
  const sent: Hex[] = [];
  for (const { address } of people) {
    const etherWei = await faucet.getBalance({ address });
    if (etherWei < GAS_MONEY_WEI / 2n) {
      sent.push(await faucet.sendTransaction({ to: address, value: GAS_MONEY_WEI, nonce: nonce++ }));
    }
    const hasWei = await faucet.readContract({ ...token, functionName: "balanceOf", args: [address] });
    if (hasWei >= POOR_WEI) continue;
    sent.push(
      await faucet.writeContract({ ...token, functionName: "transfer", args: [address, giftWei], nonce: nonce++ }),
    );
    paidWei += giftWei;
  }
  await Promise.all(sent.map((hash) => faucet.waitForTransactionReceipt({ hash })));
  return paidWei;
}

/** What somebody has at stake, wei; 0 for who is not registered. */
export async function stakeOf(rpcUrl: string, addresses: Addresses, staker: Address): Promise<bigint> {
  const staking = { address: addresses.staking, abi: stakingAbi } as const;
  const [, stakedWei] = await deployer(rpcUrl).readContract({ ...staking, functionName: "stakeOf", args: [staker] });
  return stakedWei;
}

/** The number Staking has for the role of a coordinator. */
const COORDINATOR = 2;

/** Registers a coordinator with a stake, unless it has one. */
export async function stakeCoordinator(
  rpcUrl: string,
  addresses: Addresses,
  coordinator: Person,
  stakeWei: bigint,
): Promise<void> {
  if ((await stakeOf(rpcUrl, addresses, coordinator.address)) > 0n) return;
  const signer = await unlockKeystore(coordinator.keystoreFile, readFileSync(coordinator.passwordFile, "utf8"));
  const account = signer.toViemAccount();
  const wallet = createWalletClient({ account, chain: foundry, transport: http(rpcUrl) }).extend(publicActions);
  const approval = await wallet.writeContract({
    address: addresses.lodeToken,
    abi: lodeTokenAbi,
    functionName: "approve",
    args: [addresses.staking, stakeWei],
  });
  await wallet.waitForTransactionReceipt({ hash: approval, pollingInterval: 50 });
  const registration = await wallet.writeContract({
    address: addresses.staking,
    abi: stakingAbi,
    functionName: "register",
    args: [COORDINATOR, stakeWei, zeroAddress, zeroAddress, zeroHash],
  });
  await wallet.waitForTransactionReceipt({ hash: registration, pollingInterval: 50 });
}
