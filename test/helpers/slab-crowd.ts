import { rmSync } from "node:fs";
import { RecordLog } from "@lode/sdk/record-log";
import type { SlabChannel, SlabOpening } from "@lode/sdk/slab";
import { voucherOn } from "./slab.ts";

/** The opening of a crowd's voucher: a wei more with each. */
export const crowdOpening = (nonce: number): SlabOpening => ({ cumulativeWei: BigInt(nonce), nonce, blinding: 1n });

/** Writes the log of a book with one channel and its vouchers of all nonces up to `count`, so many openings in one fact. */
export async function writeCrowd(path: string, channel: SlabChannel, count: number, inFact: number): Promise<void> {
  const { slot, generation } = channel;
  function* facts(): Generator<object> {
    const voucher = voucherOn(channel, crowdOpening(count));
    yield { kind: "channel", entry: { channel, voucher, openings: [crowdOpening(1)] } };
    for (let nonce = 2; nonce <= count; nonce += inFact) {
      const length = Math.min(inFact, count + 1 - nonce);
      yield {
        ...{ kind: "openings", slot, generation },
        openings: Array.from({ length }, (_, at) => crowdOpening(nonce + at)),
      };
    }
    yield { kind: "current", channel };
  }
  rmSync(path, { force: true });
  const log = await RecordLog.open<object>(path, () => undefined);
  await log.replace(facts(), (fact) => {
    const text = JSON.stringify(fact, (_, each: unknown) => (typeof each === "bigint" ? `${each}n` : each));
    return JSON.parse(text) as object;
  });
  await log.close();
}

/** The openings that one record of a book's log holds. */
export function openingsIn(record: unknown): readonly { readonly nonce: number }[] {
  interface Held {
    readonly openings?: readonly { readonly nonce: number }[];
  }
  const { entry, openings } = record as Held & { readonly entry?: Held };
  return entry?.openings ?? openings ?? [];
}
