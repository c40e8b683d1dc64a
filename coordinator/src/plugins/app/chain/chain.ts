import { paymentEscrowAbi, receiptLedgerAbi, stakingAbi } from "@lode/sdk/abi";
import type { Addresses } from "@lode/sdk/addresses";
import type { Hex } from "@lode/sdk/hash";
import type { Signer } from "@lode/sdk/keys";
import { voucherKind } from "@lode/sdk/typed-data";
import { createPublicClient, createWalletClient, http, parseEventLogs, type PublicClient } from "viem";
import type { ClientAccount } from "../../../domain/settlement/index.ts";
import { readClassification, type Classification } from "./classifications.ts";
import { ChainError } from "./errors.ts";
import { Turns } from "./turns.ts";

/** A staked miner as the chain shows it. */
export interface MinerStake {
  readonly operator: Hex;
  readonly isActive: boolean;
}

export interface AnchorHead {
  readonly epoch: number;
  readonly size: number;
  /** Chains all anchors with the times of their blocks. */
  readonly commitment: Hex;
}

export interface Anchored {
  readonly size: number;
  readonly root: Hex;
  readonly liabilitiesRoot: Hex;
  /** Hash of the secret that the epoch's nonces are made of. */
  readonly nextNonceHash: Hex;
  readonly transaction: Hex;
}

/** An anchor that was sent and mined: as which one. */
export interface MinedAnchor {
  readonly epoch: number;
  readonly transaction: Hex;
}

/** What the coordinator reads from the chain and writes to it. Reads are remembered until a block touches them. */
export interface Chain {
  readonly chainId: number;
  readonly addresses: Addresses;
  /** @param signer whose cap and expiry count; the coordinator's own session key unless given */
  account(client: Hex, signer?: Hex): Promise<ClientAccount>;
  miner(miner: Hex): Promise<MinerStake>;
  /** What a miner has collected from a pool: this coordinator's unless another payer is named. */
  collectedWei(miner: Hex, payer?: Hex): Promise<bigint>;
  anchorHead(): Promise<AnchorHead>;
  /** What an earlier anchor of this coordinator holds, from its event. */
  anchored(epoch: number): Promise<Anchored | undefined>;
  anchor(epoch: { root: Hex; size: number; liabilitiesRoot: Hex; nextNonceHash: Hex }): Promise<MinedAnchor>;
  /** A job of ZkJobs, never remembered. Only where the deployment has that contract. */
  classification(jobId: bigint): Promise<Classification>;
  /** Address that signs for this coordinator: its operator as staked. */
  operator(): Promise<Hex>;
  /** Whether it has its stake now. Without it no miner links and nothing can be anchored. */
  hasStake(): Promise<boolean>;
  /** Whether the chain's last answer is missing: jobs of clients that are not known yet cannot begin, and nothing is anchored. */
  readonly isAway: boolean;
  close(): void;
}

export interface ChainOptions {
  readonly rpcUrl: string;
  readonly addresses: Addresses;
  readonly coordinator: Hex;
  readonly sessionSigner: Hex;
  readonly operator: Signer;
  /** Shared by everything that sends from the operator's account; its own unless given. */
  readonly turns?: Turns;
  /** How often new blocks are looked for, milliseconds. */
  readonly pollMs: number;
  warn(message: string): void;
}

const [roleMiner, roleCoordinator] = [1, 2];
/** Addresses whose state is remembered, of each kind. */
export const mostRemembered = 50_000;
/** A node that takes this long to name its newest block is as good as away. */
const awayAfterMs = 5_000;
/** More than this at once many nodes refuse to search. */
const mostBlocksRead = 1_000n;
const unbounded = { signerCapWei: 2n ** 128n - 1n, signerExpiresAt: 2n ** 64n - 1n } as const;

/** Connects and checks that the chain is the one that the addresses belong to. */
export async function openChain(options: ChainOptions): Promise<Chain> {
  const { addresses } = options;
  const reader = createPublicClient({ transport: http(options.rpcUrl, { retryCount: 2, timeout: 10_000 }) });
  let chainId: number;
  try {
    chainId = await reader.getChainId();
  } catch (cause) {
    throw new ChainError("unreachable", `No chain answers at ${options.rpcUrl}; start one or set RPC_URL.`, cause);
  }
  if (chainId !== addresses.chainId) {
    throw new ChainError(
      "wrong",
      `${options.rpcUrl} is chain ${chainId}, the contracts are on chain ${addresses.chainId}.`,
    );
  }
  if ((await reader.getCode({ address: addresses.paymentEscrow })) === undefined) {
    throw new ChainError("undeployed", `There is no escrow at ${addresses.paymentEscrow}; deploy the contracts first.`);
  }
  return new ChainReader(reader, options);
}

class ChainReader implements Chain {
  readonly chainId: number;
  readonly addresses: Addresses;
  readonly #reader: PublicClient;
  readonly #options: ChainOptions;
  readonly #accounts = new Map<Hex, Promise<ClientAccount>>();
  /** Of clients that sign for themselves, by client and signer. */
  readonly #selfSigned = new Map<string, Promise<ClientAccount>>();
  readonly #miners = new Map<Hex, Promise<MinerStake>>();
  readonly #collected = new Map<Hex, Promise<bigint>>();
  /** From pools of others, by payer and payee together. */
  readonly #collectedOfOthers = new Map<Hex, Promise<bigint>>();
  readonly #timer: NodeJS.Timeout;
  readonly #turns: Turns;
  #block = 0n;
  #hasFailed = false;
  /** When the question was asked that has no answer yet. */
  #askedMs: number | undefined;

  constructor(reader: PublicClient, options: ChainOptions) {
    this.#reader = reader;
    this.#options = options;
    this.#turns = options.turns ?? new Turns();
    this.addresses = options.addresses;
    this.chainId = options.addresses.chainId;
    this.#timer = setInterval(() => {
      if (this.#askedMs !== undefined) return;
      this.#askedMs = performance.now();
      this.#poll()
        .then(
          () => {
            this.#hasFailed = false;
          },
          (error: unknown) => {
            this.#hasFailed = true;
            options.warn(`the chain does not answer: ${String(error).split("\n")[0] ?? ""}`);
          },
        )
        .finally(() => {
          this.#askedMs = undefined;
        });
    }, options.pollMs);
    this.#timer.unref();
  }

  get isAway(): boolean {
    const isWaiting = this.#askedMs !== undefined && performance.now() - this.#askedMs > awayAfterMs;
    return this.#hasFailed || isWaiting;
  }

  account(client: Hex, signer: Hex = this.#options.sessionSigner): Promise<ClientAccount> {
    if (signer === this.#options.sessionSigner) {
      return remember(this.#accounts, client, () => this.#readAccount(client, signer));
    }
    return remember(this.#selfSigned, `${client}:${signer}`, () => this.#readAccount(client, signer));
  }

  miner(miner: Hex): Promise<MinerStake> {
    return remember(this.#miners, miner, async () => {
      const [operator, isActive] = await Promise.all([
        this.#reader.readContract({ ...this.#staking, functionName: "operatorOf", args: [miner] }),
        this.#reader.readContract({ ...this.#staking, functionName: "isActive", args: [miner, roleMiner] }),
      ]);
      return { operator: operator.toLowerCase() as Hex, isActive };
    });
  }

  collectedWei(miner: Hex, payer = this.#options.coordinator): Promise<bigint> {
    const isOwn = payer === this.#options.coordinator;
    const [known, name]: [Map<Hex, Promise<bigint>>, Hex] = isOwn
      ? [this.#collected, miner]
      : [this.#collectedOfOthers, `${payer}${miner.slice(2)}`];
    return remember(known, name, async () => {
      const args = [payer, miner, voucherKind.pooled] as const;
      const [collected] = await this.#reader.readContract({ ...this.#escrow, functionName: "channelOf", args });
      return collected;
    });
  }

  async classification(jobId: bigint): Promise<Classification> {
    const { zkJobs, deployedAtBlock } = this.addresses;
    if (zkJobs === undefined) throw new ChainError("undeployed", "No contract on this chain takes proofs.");
    return readClassification(this.#reader, { zkJobs, fromBlock: BigInt(deployedAtBlock) }, jobId);
  }

  async anchorHead(): Promise<AnchorHead> {
    const [epoch, size, , commitment] = await this.#reader.readContract({
      ...this.#ledger,
      functionName: "headOf",
      args: [this.#options.coordinator],
    });
    return { epoch: Number(epoch), size: Number(size), commitment };
  }

  async anchored(epoch: number): Promise<Anchored | undefined> {
    const [event] = await this.#reader.getContractEvents({
      ...this.#ledger,
      eventName: "Anchored",
      args: { coordinator: this.#options.coordinator, epoch: BigInt(epoch) },
      fromBlock: BigInt(this.addresses.deployedAtBlock),
      strict: true,
    });
    if (event === undefined) return undefined;
    const { size, root, liabilitiesRoot, nextNonceHash } = event.args;
    return { size: Number(size), root, liabilitiesRoot, nextNonceHash, transaction: event.transactionHash };
  }

  async anchor(epoch: { root: Hex; size: number; liabilitiesRoot: Hex; nextNonceHash: Hex }): Promise<MinedAnchor> {
    const account = this.#options.operator.toViemAccount();
    const writer = createWalletClient({ transport: http(this.#options.rpcUrl, { timeout: 10_000 }), account });
    const args = [
      this.#options.coordinator,
      epoch.root,
      BigInt(epoch.size),
      epoch.liabilitiesRoot,
      epoch.nextNonceHash,
    ] as const;
    return this.#turns.take(async () => {
      const { request } = await this.#reader.simulateContract({
        ...this.#ledger,
        functionName: "anchor",
        args,
        account,
      });
      const hash = await writer.writeContract({ ...request, chain: null });
      const receipt = await this.#reader.waitForTransactionReceipt({ hash, timeout: 120_000, pollingInterval: 200 });
      if (receipt.status !== "success")
        throw new ChainError("reverted", `The anchor transaction ${hash} was reverted.`);
      const [event] = parseEventLogs({ abi: receiptLedgerAbi, eventName: "Anchored", logs: receipt.logs });
      if (event === undefined) throw new ChainError("wrong", `The anchor transaction ${hash} anchored nothing.`);
      return { epoch: Number(event.args.epoch), transaction: hash };
    });
  }

  async operator(): Promise<Hex> {
    const args = [this.#options.coordinator] as const;
    return (
      await this.#reader.readContract({ ...this.#staking, functionName: "operatorOf", args })
    ).toLowerCase() as Hex;
  }

  hasStake(): Promise<boolean> {
    const args = [this.#options.coordinator, roleCoordinator] as const;
    return this.#reader.readContract({ ...this.#staking, functionName: "isActive", args });
  }

  close(): void {
    clearInterval(this.#timer);
  }

  get #escrow() {
    return { address: this.addresses.paymentEscrow, abi: paymentEscrowAbi } as const;
  }
  get #staking() {
    return { address: this.addresses.staking, abi: stakingAbi } as const;
  }
  get #ledger() {
    return { address: this.addresses.receiptLedger, abi: receiptLedgerAbi } as const;
  }

  async #readAccount(client: Hex, signer: Hex): Promise<ClientAccount> {
    const { coordinator } = this.#options;
    const escrow = this.#escrow;
    const [[balanceWei, thawingWei, thawEndsAt], [collectedWei], [signerCapWei, signerExpiresAt]] = await Promise.all([
      this.#reader.readContract({ ...escrow, functionName: "accountOf", args: [client, coordinator] }),
      this.#reader.readContract({
        ...escrow,
        functionName: "channelOf",
        args: [client, coordinator, voucherKind.dedicated],
      }),
      this.#reader.readContract({ ...escrow, functionName: "signerOf", args: [client, coordinator, signer] }),
    ]);
    // The escrow asks a payer's own key for no authorisation.
    if (signer === client) return { balanceWei, thawingWei, thawEndsAt, collectedWei, ...unbounded };
    return { balanceWei, thawingWei, thawEndsAt, collectedWei, signerCapWei, signerExpiresAt };
  }

  /** Any event of our contracts drops what it names; a reorganisation or a long absence drops everything. */
  async #poll(): Promise<void> {
    const head = await this.#reader.getBlockNumber({ cacheTime: 0 });
    if (head === this.#block) return;
    if (head < this.#block || this.#block === 0n || head - this.#block > mostBlocksRead) {
      this.#accounts.clear();
      this.#miners.clear();
      this.#collected.clear();
      this.#collectedOfOthers.clear();
      this.#selfSigned.clear();
    } else {
      const logs = await this.#reader.getLogs({
        address: [this.addresses.paymentEscrow, this.addresses.staking],
        // A few blocks twice: a short reorganisation replaces them without lowering the head.
        fromBlock: this.#block > 8n ? this.#block - 8n : 0n,
        toBlock: head,
      });
      if (logs.length > 0) {
        this.#collectedOfOthers.clear();
        this.#selfSigned.clear();
      }
      for (const { topics } of logs) {
        for (const topic of topics.slice(1)) {
          const address: Hex = `0x${topic.slice(26)}`;
          this.#accounts.delete(address);
          this.#miners.delete(address);
          this.#collected.delete(address);
        }
      }
    }
    this.#block = head;
  }
}

/** A failed read is not remembered, and of all others only so many: anybody may name any address. */
export function remember<K extends string, T>(map: Map<K, Promise<T>>, key: K, read: () => Promise<T>): Promise<T> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const reading = read().catch((cause: unknown) => {
    map.delete(key);
    throw new ChainError("unreachable", "The chain does not answer; try again in a moment.", cause);
  });
  map.set(key, reading);
  const [oldest] = map.keys();
  if (map.size > mostRemembered && oldest !== undefined) map.delete(oldest);
  return reading;
}
