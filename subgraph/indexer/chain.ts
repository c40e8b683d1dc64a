import {
  BaseError,
  createPublicClient,
  ExecutionRevertedError,
  http,
  type Block,
  type Hex,
  type Log,
  type PublicClient,
} from "viem";
import type { BlockFacts, TransactionFacts, Trigger } from "../host/trigger.ts";
import type { BlockRef } from "./database.ts";

type FullBlock = Block<bigint, true, "latest">;
export type MinedLog = Log<bigint, number, false>;

/** Blocks with logs that are asked for at once. */
const WIDTH = 8;
/** What geth answers for a call that reverts (EIP-1474 leaves it open). */
const REVERTED = 3;

/** The chain as an indexer asks for it. */
export class Chain {
  readonly #client: PublicClient;

  constructor(rpcUrl: string) {
    this.#client = createPublicClient({ transport: http(rpcUrl, { retryCount: 2, timeout: 20_000 }) });
  }

  chainId(): Promise<number> {
    return this.#client.getChainId();
  }

  async headNumber(): Promise<bigint> {
    return this.#client.getBlockNumber({ cacheTime: 0 });
  }

  /** The block of a number as the chain has it now; undefined when it is not that long. */
  async block(number: bigint): Promise<BlockRef | undefined> {
    const block = await this.#client.getBlock({ blockNumber: number }).catch(noBlock);
    return block === undefined
      ? undefined
      : { number, hash: block.hash, parentHash: block.parentHash, timestamp: block.timestamp };
  }

  /** Logs of these contracts in the order of the chain. */
  async logs(addresses: readonly Hex[], from: bigint, to: bigint): Promise<MinedLog[]> {
    const logs = await this.#client.getLogs({ address: [...addresses], fromBlock: from, toBlock: to });
    return (logs as MinedLog[]).sort((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex);
  }

  /** What handlers are run for: logs with their blocks and transactions. Undefined when the chain lost one of them. */
  async triggers(logs: readonly MinedLog[]): Promise<Trigger[] | undefined> {
    const hashes = [...new Set(logs.map(({ blockHash }) => blockHash))];
    const blocks = new Map<Hex, FullBlock>();
    const work = async (): Promise<void> => {
      for (let hash = hashes.pop(); hash !== undefined; hash = hashes.pop()) {
        const block = await this.#client.getBlock({ blockHash: hash, includeTransactions: true }).catch(noBlock);
        if (block === undefined) hashes.length = 0;
        else blocks.set(hash, block);
      }
    };
    await Promise.all(Array.from({ length: WIDTH }, work));
    const triggers: Trigger[] = [];
    for (const log of logs) {
      const block = blocks.get(log.blockHash);
      const transaction = block?.transactions[log.transactionIndex];
      if (block === undefined || transaction?.hash !== log.transactionHash) return undefined;
      triggers.push({
        address: log.address.toLowerCase() as Hex,
        topics: log.topics,
        data: log.data,
        logIndex: BigInt(log.logIndex),
        block: blockFacts(block),
        transaction: transactionFacts(transaction, log.transactionIndex),
      });
    }
    return triggers;
  }

  /**
   * What a call answers at the end of a block; undefined when it reverts. A node that has forgotten the state of the block
   * answers for its present one: the mappings ask for nothing that changes.
   */
  async call(to: Hex, data: Hex, blockNumber: bigint): Promise<Hex | undefined> {
    try {
      return (await this.#client.call({ to, data, blockNumber })).data ?? "0x";
    } catch (error) {
      if (isRevert(error)) return undefined;
    }
    try {
      return (await this.#client.call({ to, data })).data ?? "0x";
    } catch (error) {
      if (isRevert(error)) return undefined;
      throw error;
    }
  }
}

function isRevert(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false;
  const found = error.walk(
    (cause) => cause instanceof ExecutionRevertedError || (cause as { code?: unknown }).code === REVERTED,
  );
  return found !== null;
}

function noBlock(error: unknown): undefined {
  if (error instanceof BaseError && error.name === "BlockNotFoundError") return undefined;
  throw error;
}

function blockFacts(block: FullBlock): BlockFacts {
  return {
    hash: block.hash,
    parentHash: block.parentHash,
    unclesHash: block.sha3Uncles,
    author: block.miner,
    stateRoot: block.stateRoot,
    transactionsRoot: block.transactionsRoot,
    receiptsRoot: block.receiptsRoot,
    number: block.number,
    gasUsed: block.gasUsed,
    gasLimit: block.gasLimit,
    timestamp: block.timestamp,
    difficulty: block.difficulty,
    totalDifficulty: block.totalDifficulty ?? 0n,
    size: block.size,
    baseFeePerGas: block.baseFeePerGas,
  };
}

function transactionFacts(transaction: FullBlock["transactions"][number], index: number): TransactionFacts {
  return {
    hash: transaction.hash,
    index: BigInt(index),
    from: transaction.from,
    to: transaction.to,
    value: transaction.value,
    gasLimit: transaction.gas,
    gasPrice: transaction.gasPrice ?? transaction.maxFeePerGas,
    input: transaction.input,
    nonce: BigInt(transaction.nonce),
  };
}
