import { lodeTokenAbi } from "@lode/sdk/abi";
import type { Addresses } from "@lode/sdk/addresses";
import { parseEther, type Hex } from "viem";
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
