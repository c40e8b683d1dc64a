import { slabChannelId, slabLeaf, type SlabChannel, type SlabDomain } from "@lode/sdk/slab";
import type { SlabStatement } from "@lode/zk-circuits/settlement-slab";
import type { Closing, OpenChannel, SlabChain } from "../../coordinator/src/plugins/app/slabs/chain.ts";
import type { SlabProver } from "../../coordinator/src/plugins/app/slabs/prover-process.ts";

/** A settlement contract in memory, as strict as the real one about everything but proofs. */
export class MemorySlabChain implements SlabChain {
  readonly #domain: SlabDomain;
  readonly #size: number;
  readonly #leaves = new Map<number, bigint[]>();
  readonly open = new Map<number, OpenChannel>();
  /** Every settlement that came through, with its sum. */
  readonly settled: { readonly slab: number; readonly totalWei: bigint }[] = [];
  credit = 0n;
  sweptWei = 0n;

  constructor(domain: SlabDomain, size = 4) {
    this.#domain = domain;
    this.#size = size;
  }

  /** Opens a channel; its slot must be free. */
  add(channel: SlabChannel, depositWei: bigint): void {
    if (this.open.has(channel.slot)) throw new Error("taken");
    this.open.set(channel.slot, { channel, depositWei, isSettled: false, exitsAt: 0 });
  }

  change(slot: number, fields: Partial<OpenChannel>): void {
    this.open.set(slot, { ...this.open.get(slot)!, ...fields });
  }

  slabSize = async (): Promise<number> => this.#size;
  channels = async (): Promise<readonly OpenChannel[]> => [...this.open.values()];
  leavesOf = async (slab: number): Promise<readonly bigint[]> =>
    this.#leaves.get(slab) ?? Array.from({ length: this.#size }, () => 0n);

  async settle({ slab, leavesBefore, leavesAfter, changes, totalWei }: SlabStatement): Promise<void> {
    if (leavesBefore.join() !== (await this.leavesOf(slab)).join()) throw new Error("ZkSettlement_StateMoved");
    for (const { slot, depositWei } of changes) {
      const there = this.open.get(slot);
      if (there === undefined || depositWei > there.depositWei) throw new Error("ZkSettlement_DepositTooLow");
      this.change(slot, { isSettled: true });
    }
    this.#leaves.set(slab, [...leavesAfter]);
    this.credit += totalWei;
    this.settled.push({ slab, totalWei });
  }

  /** Somebody else settles a channel: its leaf becomes that of another opening. */
  settleElsewhere(slot: number, opening: Parameters<typeof slabLeaf>[2]): void {
    const { channel } = this.open.get(slot)!;
    const slab = Math.floor(slot / this.#size);
    const leaves = [...(this.#leaves.get(slab) ?? Array.from({ length: this.#size }, () => 0n))];
    leaves[slot % this.#size] = slabLeaf(slabChannelId(this.#domain, channel), channel.key, opening);
    this.#leaves.set(slab, leaves);
    this.change(slot, { isSettled: true });
  }

  /** A reorganisation: the leaves as they were before the last settlement. */
  takeBack(slab: number, leaves: readonly bigint[]): void {
    this.#leaves.set(slab, [...leaves]);
    this.settled.pop();
  }

  async close({ channel, leaves, settled, voucher }: Closing): Promise<void> {
    const { slot, key } = channel;
    const there = this.open.get(slot)!;
    if (there.isSettled) {
      const expected = leaves[slot % this.#size];
      if (slabLeaf(slabChannelId(this.#domain, channel), key, settled) !== expected) {
        throw new Error("ZkSettlement_WrongOpening");
      }
    }
    if (voucher.nonce <= settled.nonce) throw new Error("ZkSettlement_StaleVoucher");
    this.credit += voucher.cumulativeWei - settled.cumulativeWei;
    this.open.delete(slot);
  }

  creditWei = async (): Promise<bigint> => this.credit;
  async sweep(): Promise<void> {
    this.sweptWei += this.credit;
    this.credit = 0n;
  }
}

/** A prover that says yes: what is proved is the chain's concern. */
export const anyProver: SlabProver = {
  prove: async () => ({
    a: { x: 1n, y: 2n },
    b: { xImaginary: 0n, xReal: 0n, yImaginary: 0n, yReal: 0n },
    c: { x: 1n, y: 2n },
  }),
};
