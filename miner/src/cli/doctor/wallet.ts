import { stat } from "node:fs/promises";
import { LodeError } from "@lode/sdk/errors";
import type { Hex } from "@lode/sdk/hash";
import { formatEther } from "viem";
import type { ChainReader } from "../../chain/chain.ts";
import { exitCode } from "../../errors.ts";
import { showAmount } from "../amounts.ts";
import type { Context } from "../context.ts";
import type { Finding } from "./finding.ts";

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The keystore: that it is there, its owner's alone, and that its password is at hand. */
export async function checkWallet(context: Context): Promise<Finding> {
  const name = "wallet";
  const problem = (says: string, next?: string): Finding => {
    return { name, state: "problem", says, ...(next !== undefined && { next }), exitCode: exitCode.wallet };
  };
  let address: string;
  try {
    address = await context.address();
  } catch (error) {
    // Never an advice that could end with a lost key: a damaged keystore is put back, not replaced.
    const isMissing = error instanceof LodeError && error.code === "no_keystore";
    return isMissing
      ? problem(`There is no keystore at ${context.walletFile}.`, "lode wallet create")
      : problem(wordsOf(error), "put your copy of it back, or name another with --wallet");
  }
  const figures = { address, file: context.walletFile };
  const { mode } = await stat(context.walletFile);
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    const says = `Others on this machine may read ${context.walletFile}.`;
    return { name, state: "warning", says, next: `chmod 600 ${context.walletFile}`, figures };
  }
  if (!context.hasPassword()) {
    const next = "set KEYSTORE_PASSWORD_FILE where the miner has to start by itself";
    return { name, state: "ok", says: `${address}; its password will be asked for.`, next, figures };
  }
  try {
    await context.signer();
  } catch (error) {
    // The sentence says what to check.
    return { ...problem(wordsOf(error)), figures };
  }
  return { name, state: "ok", says: `${address}; the password opens it.`, figures };
}

const unstaked = (says: string): Finding => ({ name: "stake", state: "unknown", says });

/** The chain, and on it the stake, tokens and gas money of this wallet or of the staker it works for. */
export async function checkChain(context: Context): Promise<Finding[]> {
  let reader: ChainReader;
  try {
    reader = await context.chain();
  } catch (error) {
    const next = "where there is none yet, `npm start` in a checkout brings a development chain";
    return [
      { name: "chain", state: "problem", says: wordsOf(error), next, exitCode: exitCode.unreachable },
      unstaked("The chain cannot be asked."),
    ];
  }
  const { client, addresses } = reader;
  const block = await client.getBlockNumber();
  const chain: Finding = {
    name: "chain",
    state: "ok",
    says: `Chain ${addresses.chainId} answers at ${context.rpcUrl}, block ${block}.`,
    figures: { chainId: addresses.chainId, block: Number(block) },
  };
  const key = await context.address().catch(() => undefined);
  if (key === undefined) return [chain, unstaked("There is no wallet.")];
  return [chain, await checkStake(reader, key, context.env["WALLET_ADDR"]?.toLowerCase() as Hex | undefined)];
}

const roleMiner = 1;

/** @param staker who has the stake, where the wallet is only its operator */
async function checkStake({ client, contracts }: ChainReader, key: Hex, staker: Hex = key): Promise<Finding> {
  const name = "stake";
  const [isActive, operator, tokensWei, gasWei] = await Promise.all([
    client.readContract({ ...contracts.staking, functionName: "isActive", args: [staker, roleMiner] }),
    client.readContract({ ...contracts.staking, functionName: "operatorOf", args: [staker] }),
    client.readContract({ ...contracts.token, functionName: "balanceOf", args: [key] }),
    client.getBalance({ address: key }),
  ]);
  const figures = { staker, isActive, operator, tokensWei, gasWei };
  const has = `${showAmount(tokensWei)} and ${formatEther(gasWei)} of gas money`;
  if (isActive && operator.toLowerCase() !== key) {
    const says = `${staker} is a staked miner, but ${operator} works for it, not this wallet.`;
    return { name, state: "problem", says, next: `lode stake set-operator ${key}, from the staker's wallet`, figures };
  }
  const who = staker === key ? "This wallet" : `${staker}, which this wallet works for,`;
  if (isActive) return { name, state: "ok", says: `${who} is a staked miner; the wallet has ${has}.`, figures };
  const next =
    tokensWei === 0n ? "get LODE (on a development chain: lode faucet), then lode stake 500" : "lode stake 500";
  const says = `${who} has no stake as a miner; the wallet has ${has}.`;
  return { name, state: "problem", says, next, figures };
}
