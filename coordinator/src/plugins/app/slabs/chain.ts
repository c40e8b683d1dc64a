import { zkSettlementAbi } from "@lode/sdk/abi";
import type { Hex } from "@lode/sdk/hash";
import type { SlabChannel, SlabDomain } from "@lode/sdk/slab";
import type { SolidityProof } from "@lode/zk-circuits";
import type { SlabStatement } from "@lode/zk-circuits/settlement-slab";
import type { Account, Chain, PublicClient, Transport, WalletClient } from "viem";

/** A channel as the chain has it. */
export interface OpenChannel {
  readonly channel: SlabChannel;
  readonly depositWei: bigint;
  /** Whether a settlement has touched it since it was opened. */
  readonly isSettled: boolean;
  /** Unix time from which anybody may end it; 0 when no exit is announced. */
  readonly exitsAt: number;
}

/** What a worker asks and tells the settlement contract. */
export interface SlabChain {
  /** The payee's channels that are open. */
  channels(): Promise<readonly OpenChannel[]>;
  /** All leaves of a slab, in order. */
  leavesOf(slab: number): Promise<readonly bigint[]>;
  stateOf(slab: number): Promise<Hex>;
  /** Resolves when the settlement is mined; throws when it reverted. */
  settle(statement: SlabStatement, proof: SolidityProof): Promise<void>;
}

/** A settlement contract behind an RPC endpoint. */
export class RpcSlabChain implements SlabChain {
  readonly #address: Hex;
  readonly #payee: Hex;
  readonly #reader: PublicClient;
  readonly #writer: WalletClient<Transport, Chain, Account>;
  readonly #fromBlock: bigint;

  /** @param fromBlock the first that can hold an event of the contract */
  constructor(
    { zkSettlement }: SlabDomain,
    payee: Hex,
    reader: PublicClient,
    writer: WalletClient<Transport, Chain, Account>,
    fromBlock = 0n,
  ) {
    this.#address = zkSettlement;
    this.#payee = payee;
    this.#reader = reader;
    this.#writer = writer;
    this.#fromBlock = fromBlock;
  }

  async channels(): Promise<readonly OpenChannel[]> {
    const opened = await this.#reader.getContractEvents({
      ...this.#contract,
      eventName: "ChannelOpened",
      args: { payee: this.#payee },
      fromBlock: this.#fromBlock,
      strict: true,
    });
    // The last one that a slot was opened for has it, if anybody has.
    const last = new Map(opened.map(({ args }) => [args.slot, args]));
    const open = [...last.values()].map(async ({ slot, generation, client, keyX, keyY }) => {
      const args = [this.#payee, slot] as const;
      const [depositWei, isSettled, exitsAt] = await this.#reader.readContract({
        ...this.#contract,
        functionName: "slotOf",
        args,
      });
      const address = client.toLowerCase() as Hex;
      const channel: SlabChannel = { payee: this.#payee, slot, generation, client: address, key: [keyX, keyY] };
      return { channel, depositWei, isSettled, exitsAt: Number(exitsAt) };
    });
    return (await Promise.all(open)).filter(({ depositWei }) => depositWei > 0n);
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
    const size = await this.#reader.readContract({ ...this.#contract, functionName: "SLAB_SIZE" });
    return Array.from({ length: Number(size) }, () => 0n);
  }

  stateOf(slab: number): Promise<Hex> {
    return this.#reader.readContract({ ...this.#contract, functionName: "stateOf", args: [this.#payee, slab] });
  }

  async settle(statement: SlabStatement, proof: SolidityProof): Promise<void> {
    const { payee, slab, leavesBefore, changes, totalWei, commitment } = statement;
    const { request } = await this.#reader.simulateContract({
      ...this.#contract,
      functionName: "settle",
      args: [payee, slab, leavesBefore, changes, totalWei, commitment, proof],
      account: this.#writer.account,
    });
    const hash = await this.#writer.writeContract(request);
    const { status } = await this.#reader.waitForTransactionReceipt({ hash });
    if (status !== "success") throw new Error(`The settlement ${hash} reverted; it is planned again at the next turn.`);
  }

  get #contract(): { readonly address: Hex; readonly abi: typeof zkSettlementAbi } {
    return { address: this.#address, abi: zkSettlementAbi };
  }
}
