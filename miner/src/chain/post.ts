import type { Hex } from "@lode/sdk/hash";
import type { Signer } from "@lode/sdk/keys";
import { createWalletClient, defineChain, http } from "viem";
import { exitCode, MinerError } from "../errors.ts";
import type { ChainReader } from "./chain.ts";

/** Puts data on the chain as a transaction to oneself, and waits until it is there. Throws MinerError. */
export async function postData(chain: ChainReader, rpcUrl: string, signer: Signer, data: Hex): Promise<void> {
  const { chainId } = chain.addresses;
  const named = defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  });
  const account = signer.toViemAccount();
  const wallet = createWalletClient({ account, chain: named, transport: http(rpcUrl, { timeout: 10_000 }) });
  const hash = await wallet.sendTransaction({ to: signer.address, data, value: 0n });
  const { status } = await chain.client.waitForTransactionReceipt({ hash, timeout: 180_000 });
  if (status !== "success") {
    throw new MinerError("reverted", `The letter's transaction failed (${hash}).`, { exitCode: exitCode.refused });
  }
}
