import { join } from "node:path";
import type { Signer } from "@lode/sdk/keys";
import type { Addresses } from "@lode/sdk/addresses";
import type { SlabDomain } from "@lode/sdk/slab";
import { LodeError } from "@lode/sdk/errors";
import { createPublicClient, createWalletClient, http } from "viem";
import type { Turns } from "../chain/turns.ts";
import { SlabBook } from "./book.ts";
import { RpcSlabChain } from "./chain.ts";
import { SlabDesk } from "./desk.ts";
import { ProverProcess } from "./prover-process.ts";
import { SlabWorker, type SlabPolicy, type SlabSettlement } from "./worker.ts";

export interface SlabOptions {
  readonly home: string;
  readonly rpcUrl: string;
  readonly addresses: Addresses;
  /** Signs for the payee, whose address the channels are with, and pays the gas of settlements. */
  readonly operator: Signer;
  readonly policy: SlabPolicy;
  /** An operator's own prover; snarkjs when undefined. */
  readonly prover: string | undefined;
  /** Shared by everything that sends from the operator's account. */
  readonly turns: Turns;
  readonly nowMs: () => number;
  readonly onAccepted: () => void;
  readonly onSettled: (settlement: SlabSettlement) => void;
  readonly warn: (message: string) => void;
}

/** Slab vouchers as one coordinator takes and settles them. */
export interface Slabs {
  readonly desk: SlabDesk;
  readonly worker: SlabWorker;
  close(): Promise<void>;
}

/** Opens the book of slab vouchers. Throws LodeError `no_contract` where the chain has no ZkSettlement, and RecordLogError. */
export async function openSlabs(options: SlabOptions): Promise<Slabs> {
  const { home, rpcUrl, addresses, operator, policy, prover, turns, nowMs, onAccepted, onSettled, warn } = options;
  const { chainId, zkSettlement, deployedAtBlock } = addresses;
  if (zkSettlement === undefined) {
    const message = "This chain's deployment has no ZkSettlement; start without SLABS.";
    throw new LodeError("no_contract", message, { exitCode: 2 });
  }
  const domain: SlabDomain = { chainId, zkSettlement };
  const payee = operator.address;
  const transport = http(rpcUrl, { retryCount: 2, timeout: 10_000 });
  const reader = createPublicClient({ transport, pollingInterval: 200 });
  const writer = createWalletClient({ transport, account: operator.toViemAccount() });
  const book = await SlabBook.open(join(home, "slabs.log"), domain, warn);
  const chain = new RpcSlabChain(domain, payee, reader, writer, { fromBlock: BigInt(deployedAtBlock), turns });
  return {
    desk: new SlabDesk({ domain, payee, onAccepted }, book, chain),
    worker: new SlabWorker({
      ...{ domain, payee, policy, book, chain, nowMs, onSettled, warn },
      prover: new ProverProcess(prover),
    }),
    close: () => book.close(),
  };
}
