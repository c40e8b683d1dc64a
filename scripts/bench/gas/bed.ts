import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { lodeTokenAbi, paymentEscrowAbi, receiptLedgerAbi, stakingAbi } from "@lode/sdk/abi";
import type { Addresses } from "@lode/sdk/addresses";
import { keccak, type Hex } from "@lode/sdk/hash";
import { anvilSigner, devnetChainId, signerFromKey, type Signer } from "@lode/sdk/keys";
import {
  createWalletClient,
  encodeFunctionData,
  hexToBytes,
  http,
  parseEther,
  type Abi,
  type TransactionReceipt,
} from "viem";
import { startAnvil, type Devnet } from "../../dev/anvil.ts";
import { deployOnce } from "../../dev/contracts.ts";
import { layoutOf } from "../../dev/layout.ts";
import { findFreePort } from "../../processes/ports.ts";
import type { Processes } from "../../processes/processes.ts";
import { root } from "../../root.ts";

/** Gas of one mined transaction. */
export interface Spent {
  /** The receipt's `gasUsed`: base cost, calldata, execution, less refunds. */
  readonly gas: number;
  /** 21,000 and the calldata's bytes. */
  readonly intrinsic: number;
}

/** Whom a call goes to: its ABI and where it is. */
export interface Target {
  readonly address: Hex;
  readonly abi: Abi;
}

/** A fresh chain with the repository's deployment on it, where every account may send. */
export interface Bed {
  readonly addresses: Addresses;
  readonly token: Target;
  readonly staking: Target;
  readonly escrow: Target;
  readonly ledger: Target;
  readonly client: Devnet["client"];
  /** Sends a transaction and waits for its receipt. A reverted one throws. */
  send(from: Hex, to: Target, functionName: string, args: readonly unknown[]): Promise<Spent>;
  /** A key of the bench's own, with ether and `lode` tokens, that lets staking and escrow take any amount of them. */
  person(name: string, lode?: bigint): Promise<Signer>;
}

const GAS_LIMIT = 16_000_000n;
const ANY_AMOUNT = 2n ** 256n - 1n;

/** Starts a chain from nothing and deploys to it. */
export async function makeBed(processes: Processes): Promise<Bed> {
  const folder = join(root, ".cache", "bench-gas");
  rmSync(folder, { recursive: true, force: true });
  const layout = layoutOf(folder);
  const chain = await startAnvil(processes, {
    port: await findFreePort(),
    from: undefined,
    logFile: layout.log("chain"),
  });
  const { addresses } = await deployOnce(chain, layout.addresses);
  return bedOn(chain, addresses);
}

/** The same on a chain that has the contracts. */
export async function bedOn(chain: Devnet, addresses: Addresses): Promise<Bed> {
  const { client } = chain;
  await client.request({ method: "anvil_autoImpersonateAccount" as never, params: [true] as never });
  const treasury = anvilSigner(0, devnetChainId).address;
  const token: Target = { address: addresses.lodeToken, abi: lodeTokenAbi };
  const staking: Target = { address: addresses.staking, abi: stakingAbi };
  const escrow: Target = { address: addresses.paymentEscrow, abi: paymentEscrowAbi };
  const ledger: Target = { address: addresses.receiptLedger, abi: receiptLedgerAbi };

  const sender = createWalletClient({ transport: http(chain.url) });

  const send = async (from: Hex, to: Target, functionName: string, args: readonly unknown[]): Promise<Spent> => {
    const data = encodeFunctionData({ abi: to.abi, functionName, args });
    const hash = await sender.sendTransaction({ account: from, to: to.address, data, gas: GAS_LIMIT, chain: null });
    const receipt = await receiptOf(client, hash);
    if (receipt.status !== "success") throw new Error(`${functionName} from ${from} reverted`);
    return { gas: Number(receipt.gasUsed), intrinsic: intrinsicGas(data) };
  };

  const person = async (name: string, lode = 100_000n): Promise<Signer> => {
    const signer = signerFromKey(keccak(new TextEncoder().encode(`lode-bench-gas:${name}`)));
    await client.setBalance({ address: signer.address, value: parseEther("100") });
    if (lode > 0n) await send(treasury, token, "transfer", [signer.address, lode * 10n ** 18n]);
    await send(signer.address, token, "approve", [staking.address, ANY_AMOUNT]);
    await send(signer.address, token, "approve", [escrow.address, ANY_AMOUNT]);
    return signer;
  };
  return { addresses, token, staking, escrow, ledger, client, send, person };
}

/** The chain mines at once, but answers before it has; viem would then wait for a block that nobody sends. */
async function receiptOf(client: Devnet["client"], hash: Hex): Promise<TransactionReceipt> {
  for (let tries = 0; tries < 2_000; tries++) {
    const receipt = await client.getTransactionReceipt({ hash }).catch(() => undefined);
    if (receipt !== undefined) return receipt;
    await pause(5);
  }
  throw new Error(`there is no receipt of ${hash}`);
}

/** What a transaction costs before its first instruction (EIP-2028): 21,000, 4 for a zero byte, 16 for any other. */
export function intrinsicGas(data: Hex): number {
  return hexToBytes(data).reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 21_000);
}
