import { checkedOf, type DrawnFrom } from "@lode/sdk/draws";
import type { Hex } from "@lode/sdk/hash";
import { AnchorHistory } from "../chain/anchors.ts";
import type { ChainReader } from "../chain/chain.ts";
import type { CourtWatch, ScheduledDraw } from "../chain/court-watch.ts";
import { canBeChecked, type IsLot } from "../disclosure/index.ts";
import type { MinerStore } from "./miner-store.ts";

/** Which of this miner's receipts are its lots, from its own records and the anchors on the chain. */
export function lotsOf(chain: ChainReader, watch: CourtWatch, store: MinerStore): IsLot {
  const histories = new Map<Hex, AnchorHistory>();
  const anchorsOf = async (coordinator: Hex): Promise<AnchorHistory> => {
    const anchors = histories.get(coordinator) ?? new AnchorHistory(chain, coordinator);
    histories.set(coordinator, anchors);
    await anchors.sync();
    return anchors;
  };
  return async (about, draw, value, rules) => {
    const anchors = await anchorsOf(draw.coordinator);
    const end = anchors.at(draw.epoch)?.size;
    if (end === undefined) return false;
    const from = await drawnBefore(watch, anchors, draw);
    const own = [...store.jobs.values()].flatMap(({ assignment, receipt, receiptHash, accepted }): DrawnFrom[] => {
      if (assignment.coordinator !== draw.coordinator || receipt === undefined || receiptHash === undefined) return [];
      if (accepted === undefined || accepted.logIndex < from || accepted.logIndex >= end) return [];
      if (!canBeChecked(assignment, receipt)) return [];
      return [{ hash: receiptHash, miner: assignment.miner, amountWei: receipt.amountWei }];
    });
    return checkedOf(rules, value, own).get(about) === "lot";
  };
}

/** How much of a log was drawn from before a draw: up to the last anchor whose draw had a value. */
async function drawnBefore(watch: CourtWatch, anchors: AnchorHistory, draw: ScheduledDraw): Promise<bigint> {
  const earlier = watch.draws.filter(
    ({ coordinator, epoch }) => coordinator === draw.coordinator && epoch < draw.epoch,
  );
  for (const { epoch, moment } of earlier.reverse()) {
    if ((await watch.valueOf(moment)) !== undefined) return anchors.at(epoch)?.size ?? 0n;
  }
  return 0n;
}
