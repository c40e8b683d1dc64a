import { zkSettlementAbi } from "@lode/sdk/abi";
import type { Hex } from "@lode/sdk/hash";
import type { SlabChannel, SlabDomain, SlabOpening, SlabVoucher } from "@lode/sdk/slab";
import type { SolidityProof } from "@lode/zk-circuits";
import type { SlabStatement } from "@lode/zk-circuits/settlement-slab";
import type { Account, PublicClient, Transport, WalletClient } from "viem";
import { Turns } from "../chain/turns.ts";

/** A channel as the chain has it. */
export interface OpenChannel {
  readonly channel: SlabChannel;
  readonly depositWei: bigint;
  /** Whether a settlement has touched it since it was opened. */
  readonly isSettled: boolean;
  /** Unix time from which anybody may end it; 0 when no exit is announced. */
  readonly exitsAt: number;
}

/** What a payee's client has to show to end its channel with a voucher. */
export interface Closing {
  readonly channel: SlabChannel;
  /** Of the whole slab; empty for a channel that no settlement has touched. */
  readonly leaves: readonly bigint[];
  readonly settled: SlabOpening;
  readonly voucher: SlabVoucher;
}

/** What a worker asks and tells the settlement contract. */
export interface SlabChain {
  /** Channels in a slab. */
  slabSize(): Promise<number>;
  /** The payee's channels that are open. */
  channels(): Promise<readonly OpenChannel[]>;
  /** All leaves of a slab, in order. */
  leavesOf(slab: number): Promise<readonly bigint[]>;
  /** Resolves when the settlement is mined; throws when it reverted. */
  settle(statement: SlabStatement, proof: SolidityProof): Promise<void>;
  /** Ends a channel with its last voucher, without a proof. Resolves when that is mined. */
  close(closing: Closing): Promise<void>;
  /** What the payee is credited and was not paid out, in wei. */
  creditWei(): Promise<bigint>;
  /** Pays the payee's credit out. Resolves when that is mined. */
  sweep(): Promise<void>;
}

interface Seen {
  readonly head: bigint;
  readonly channels: readonly OpenChannel[];
}

/** How long a transaction may take, milliseconds. What is mined later is found at the next turn. */
const minedMs = 180_000;
/** Blocks that are read again: a short reorganisation replaces them without lowering the head. */
const againBlocks = 8n;

/** A settlement contract behind an RPC endpoint. */
export class RpcSlabChain implements SlabChain {
  readonly #address: Hex;
  readonly #payee: Hex;
  readonly #reader: PublicClient;
  readonly #writer: WalletClient<Transport, undefined, Account>;
  readonly #fromBlock: bigint;
  readonly #turns: Turns;
  /** The last channel that each slot was opened for. */
  readonly #opened = new Map<number, SlabChannel>();
  #size: number | undefined;
  #seen: Seen | undefined;
  #reading: Promise<readonly OpenChannel[]> | undefined;

  /**
   * @param fromBlock the first that can hold an event of the contract
   * @param turns shared by everything that sends from the writer's account
   */
  constructor(
    { zkSettlement }: SlabDomain,
    payee: Hex,
    reader: PublicClient,
    writer: WalletClient<Transport, undefined, Account>,
    { fromBlock = 0n, turns = new Turns() }: { readonly fromBlock?: bigint; readonly turns?: Turns } = {},
  ) {
    this.#address = zkSettlement;
    this.#payee = payee;
    this.#reader = reader;
    this.#writer = writer;
    this.#fromBlock = fromBlock;
    this.#turns = turns;
  }

  async slabSize(): Promise<number> {
    return (this.#size ??= Number(await this.#reader.readContract({ ...this.#contract, functionName: "SLAB_SIZE" })));
  }

  /** Read anew when there is a new block; those who ask meanwhile get the same answer. */
  channels(): Promise<readonly OpenChannel[]> {
    return (this.#reading ??= this.#channels().finally(() => {
      this.#reading = undefined;
    }));
  }

  async #channels(): Promise<readonly OpenChannel[]> {
    const head = await this.#reader.getBlockNumber({ cacheTime: 0 });
    if (this.#seen?.head === head) return this.#seen.channels;
    await this.#readOpened(head);
    const open = [...this.#opened.values()].map(async (channel) => {
      const [depositWei, isSettled, exitsAt] = await this.#reader.readContract({
        ...this.#contract,
        functionName: "slotOf",
        args: [this.#payee, channel.slot],
        blockNumber: head,
      });
      return { channel, depositWei, isSettled, exitsAt: Number(exitsAt) };
    });
    const channels = (await Promise.all(open)).filter(({ depositWei }) => depositWei > 0n);
    this.#seen = { head, channels };
    return channels;
  }

  async #readOpened(head: bigint): Promise<void> {
    const last = this.#seen?.head ?? 0n;
    if (head < last) this.#opened.clear();
    const from = head < last ? 0n : last - againBlocks;
    const opened = await this.#reader.getContractEvents({
      ...this.#contract,
      eventName: "ChannelOpened",
      args: { payee: this.#payee },
      fromBlock: from > this.#fromBlock ? from : this.#fromBlock,
      toBlock: head,
      strict: true,
    });
    for (const { args } of opened) {
      const { slot, generation, client, keyX, keyY } = args;
      const address = client.toLowerCase() as Hex;
      this.#opened.set(slot, { payee: this.#payee, slot, generation, client: address, key: [keyX, keyY] });
    }
  }

  async leavesOf(slab: number): Promise<readonly bigint[]> {
    const settled = await this.#reader.getContractEvents({
      ...this.#contract,
      eventName: "SlabSettled",
      args: { payee: this.#payee, slab },
      fromBlock: this.#fromBlock,
      strict: true,
    });
    const last = settled.at(-1);
    if (last !== undefined) return last.args.leaves;
    return Array.from({ length: await this.slabSize() }, () => 0n);
  }

  settle(statement: SlabStatement, proof: SolidityProof): Promise<void> {
    const { payee, slab, leavesBefore, changes, totalWei, commitment } = statement;
    return this.#send("settle", [payee, slab, leavesBefore, changes, totalWei, commitment, proof]);
  }

  close({ channel, leaves, settled, voucher }: Closing): Promise<void> {
    const { signature, ...opening } = voucher;
    const [x, y] = channel.key;
    const [r8x, r8y] = signature.r8;
    return this.#send("close", [{ ...channel, key: { x, y } }, leaves, settled, opening, { r8x, r8y, s: signature.s }]);
  }

  async creditWei(): Promise<bigint> {
    const [, creditWei] = await this.#reader.readContract({
      ...this.#contract,
      functionName: "payeeOf",
      args: [this.#payee],
    });
    return creditWei;
  }

  sweep(): Promise<void> {
    return this.#send("sweep", [this.#payee]);
  }

  /** Simulated first, so that what would be refused costs nothing. */
  #send(functionName: "settle" | "close" | "sweep", args: readonly unknown[]): Promise<void> {
    return this.#turns.take(async () => {
      const { account } = this.#writer;
      const { request } = await this.#reader.simulateContract({
        ...this.#contract,
        functionName,
        args: args as never,
        account,
      });
      const hash = await this.#writer.writeContract({ ...request, chain: null });
      const { status } = await this.#reader.waitForTransactionReceipt({ hash, timeout: minedMs });
      if (status !== "success") throw new Error(`${functionName} reverted in ${hash}; the next turn tries again.`);
    });
  }

  get #contract(): { readonly address: Hex; readonly abi: typeof zkSettlementAbi } {
    return { address: this.#address, abi: zkSettlementAbi };
  }
}
