import { COORDINATOR, deposit, oddWei, register } from "./acts.ts";
import type { Bed } from "./bed.ts";
import { Channel, collectMany, DEDICATED } from "./vouchers.ts";

/** Gas of the 2nd and the 10,000th voucher of one channel, each alone in its transaction, without base cost and calldata. */
export interface BacklogFigures {
  readonly secondVoucher: number;
  /** The 10,000th after the 2nd: 9,997 in between were signed and never collected. */
  readonly afterBacklog: number;
  /** The 10,000th of another channel, every voucher before it collected. */
  readonly afterAllCollected: number;
}

const VOUCHERS = 10_000;
const BATCH = 200;
const STEP_WEI = 12_345_678_901_234_567n;

/** A voucher's calldata has a few non-zero bytes more or less by chance, so that calldata is left out. */
export async function measureBacklog(bed: Bed): Promise<BacklogFigures> {
  const coordinator = await bed.person("backlog coordinator");
  await register(bed, coordinator, COORDINATOR, 10_000n);
  const open = async (name: string): Promise<Channel> => {
    const client = await bed.person(name);
    await deposit(bed, client, coordinator, oddWei(1_000n));
    return new Channel(bed, client, coordinator.address, DEDICATED);
  };
  const [lazy, busy] = [await open("lazy"), await open("busy")];
  const collectNext = async (channel: Channel): Promise<number> => {
    const { gas, intrinsic } = await collectMany(bed, coordinator, [channel.next(1, STEP_WEI)]);
    return gas - intrinsic;
  };

  await collectNext(lazy);
  const secondVoucher = await collectNext(lazy);
  while (lazy.count < VOUCHERS - 1) lazy.next(1, STEP_WEI);
  const afterBacklog = await collectNext(lazy);

  while (busy.count < VOUCHERS - 1) {
    const length = Math.min(BATCH, VOUCHERS - 1 - Number(busy.count));
    await collectMany(
      bed,
      coordinator,
      Array.from({ length }, () => busy.next(1, STEP_WEI)),
    );
  }
  return { secondVoucher, afterBacklog, afterAllCollected: await collectNext(busy) };
}
