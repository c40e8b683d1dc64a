import { decodeContractError } from "@lode/sdk/errors";
import type { Hex } from "@lode/sdk/hash";
import type { Signer } from "@lode/sdk/keys";
import { createWalletClient, http, type Abi, type TransactionReceipt } from "viem";
import { exitCode, MinerError } from "../errors.ts";
import type { ChainReader } from "./chain.ts";

/** One call to a contract, in words for people. */
export interface Act {
  readonly what: string;
  readonly contract: { readonly address: Hex; readonly abi: Abi };
  readonly functionName: string;
  readonly args: readonly unknown[];
}

export interface Done {
  readonly what: string;
  readonly transaction?: Hex;
  readonly gas?: string;
}

/** Sends acts one after the other, each simulated first, so that a refusal costs no gas and comes in words. */
export async function transact(
  chain: ChainReader,
  rpcUrl: string,
  signer: Signer,
  acts: readonly Act[],
  options: { dryRun: boolean; onStep?: (what: string) => void },
): Promise<Done[]> {
  const account = signer.toViemAccount();
  const wallet = createWalletClient({ account, transport: http(rpcUrl, { timeout: 10_000 }) });
  const done: Done[] = [];
  for (const [index, { what, contract, functionName, args }] of acts.entries()) {
    options.onStep?.(what);
    try {
      // Later acts of a dry run stand on earlier ones that were not sent: only the first can be simulated.
      if (options.dryRun && index > 0) {
        done.push({ what });
        continue;
      }
      const { request } = await chain.client.simulateContract({ ...contract, functionName, args, account });
      if (options.dryRun) {
        done.push({ what });
        continue;
      }
      const hash = await wallet.writeContract({ ...request, chain: null });
      const receipt: TransactionReceipt = await chain.client.waitForTransactionReceipt({ hash, timeout: 180_000 });
      if (receipt.status !== "success") {
        throw new MinerError("reverted", `${what} was reverted (${hash}).`, { exitCode: exitCode.refused });
      }
      done.push({ what, transaction: hash, gas: receipt.gasUsed.toString() });
    } catch (cause) {
      if (cause instanceof MinerError) throw cause;
      const refusal = decodeContractError(cause);
      if (refusal !== undefined) {
        throw new MinerError("refused", `${what}: ${refusal.sentence}`, { cause, exitCode: exitCode.refused });
      }
      const short = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
      throw new MinerError("chain_failed", `${what} failed: ${short}`, { cause, exitCode: exitCode.unreachable });
    }
  }
  return done;
}
