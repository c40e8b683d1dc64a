import { checkersOf, isDrawn } from "@lode/sdk/draws";
import type { Hex } from "@lode/sdk/hash";
import { fromWire, hashStruct, tier } from "@lode/sdk/typed-data";
import type { CoordinatorInfo, LogEntry } from "@lode/protocol";
import type { ChainReader } from "../chain/chain.ts";
import type { CourtWatch, ScheduledDraw } from "../chain/court-watch.ts";
import { AnchorHistory } from "./anchors.ts";
import { isRefusal, type CourtActs } from "./court.ts";
import type { VerifierEvent } from "./events.ts";
import { LogCopy } from "./log-copy.ts";
import type { Turns } from "./turns.ts";
import type { VerifierStore } from "./verifier-store.ts";

export interface DrawsOptions {
  readonly chain: ChainReader;
  readonly watch: CourtWatch;
  readonly acts: CourtActs;
  readonly turns: Turns;
  readonly store: VerifierStore;
  readonly self: Hex;
  readonly nowMs: () => number;
  readonly emit: (event: VerifierEvent) => void;
}

/** The anchors of one coordinator: has each drawn from, and notes which receipts this verifier is to check. */
export class CoordinatorDraws {
  readonly #url: string;
  readonly #options: DrawsOptions;
  readonly #log: LogCopy;
  #history: { readonly coordinator: Hex; readonly anchors: AnchorHistory } | undefined;

  constructor(url: string, options: DrawsOptions) {
    this.#url = url;
    this.#options = options;
    this.#log = new LogCopy(url);
  }

  /** Anchors of this coordinator as evidence needs them. Undefined as long as it has never answered. */
  get anchors(): AnchorHistory | undefined {
    return this.#history?.anchors;
  }

  /** One look. Throws what the coordinator or the chain fails with. */
  async step(): Promise<void> {
    const { chain, watch, store } = this.#options;
    if (this.#history === undefined) {
      const answer = await fetch(new URL("/v1/info", this.#url), { signal: AbortSignal.timeout(15_000) });
      const coordinator = ((await answer.json()) as CoordinatorInfo).coordinator.toLowerCase() as Hex;
      this.#history = { coordinator, anchors: new AnchorHistory(chain, coordinator) };
    }
    const { coordinator, anchors } = this.#history;
    await anchors.sync();
    await this.#schedule(coordinator, anchors);
    const { epoch: done } = store.lookedAt(coordinator);
    for (const draw of watch.draws) {
      if (draw.coordinator === coordinator && draw.epoch > done && !(await this.#look(draw, anchors))) return;
    }
  }

  /** Fixes the moment that draws from the newest anchor, unless it holds nothing new or a draw is still to come. */
  async #schedule(coordinator: Hex, anchors: AnchorHistory): Promise<void> {
    const { watch, acts, turns, emit } = this.#options;
    const { head } = anchors;
    const last = watch.draws.filter((draw) => draw.coordinator === coordinator).at(-1);
    const drawnSize = last === undefined ? 0n : (anchors.at(last.epoch)?.size ?? 0n);
    if (head === undefined || head.size <= drawnSize) return;
    if (last !== undefined && (await watch.valueOf(last.moment)) === undefined && !(await this.#isLost(last))) return;
    const step = `schedule ${coordinator} ${head.epoch}`;
    const everybody = watch.seats().map(({ juror }) => juror);
    if (!turns.isMine(step, everybody)) return;
    try {
      await acts.act("scheduleDraw", [coordinator], "schedule the draw of an anchor");
      emit({ event: "scheduled", coordinator, epoch: head.epoch.toString() });
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
    turns.done(step);
  }

  async #isLost({ moment }: ScheduledDraw): Promise<boolean> {
    const { client, contracts } = this.#options.chain;
    const lost = 2;
    return (await client.readContract({ ...contracts.randomness, functionName: "stateOf", args: [moment] })) === lost;
  }

  /** Whether a draw is done with. Each receipt is drawn from once: in the first draw behind it. */
  async #look(draw: ScheduledDraw, anchors: AnchorHistory): Promise<boolean> {
    const { watch, store } = this.#options;
    const { coordinator, epoch, moment } = draw;
    const anchor = anchors.at(epoch);
    if (anchor === undefined) return false;
    const size = Number(anchor.size);
    const value = await watch.valueOf(moment);
    // A value that nobody kept draws nothing; the next draw takes its receipts.
    if (value === undefined && (await this.#isLost(draw))) {
      await store.append({
        kind: "looked",
        coordinator,
        epoch: epoch.toString(),
        size: store.lookedAt(coordinator).size,
      });
      return true;
    }
    if (value === undefined) return false;
    const from = store.lookedAt(coordinator).size;
    const entries = await this.#log.entries(from, { size, root: anchor.root });
    for (const entry of entries) await this.#pick(entry, { draw, value, size });
    await store.append({ kind: "looked", coordinator, epoch: epoch.toString(), size });
    this.#options.emit({ event: "looked", coordinator, epoch: epoch.toString(), receipts: size });
    return true;
  }

  async #pick(
    entry: LogEntry,
    { draw, value, size }: { draw: ScheduledDraw; value: Hex; size: number },
  ): Promise<void> {
    const { watch, store, self, nowMs, emit } = this.#options;
    const assignment = fromWire("Assignment", entry.assignment);
    const receipt = fromWire("Receipt", entry.receipt);
    const hash = hashStruct("Receipt", receipt);
    const canBeChecked = assignment.tier === tier.sampled && receipt.outputTokens > 0 && !receipt.hosted;
    if (!canBeChecked || !isDrawn(await watch.rules(), value, { hash, amountWei: receipt.amountWei })) return;
    const { coordinator, miner, client } = assignment;
    if (!checkersOf(value, hash, watch.seats(draw.block), [miner, client]).includes(self)) return;
    const epoch = draw.epoch.toString();
    const path = this.#log.path(entry.index, size);
    const place = { coordinatorUrl: this.#url, coordinator, epoch, entry, path, pickedAtMs: nowMs() };
    await store.append({ kind: "check", receipt: hash, ...place });
    emit({ event: "drawn", receipt: hash, miner, epoch });
  }
}
