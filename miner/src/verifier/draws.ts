import { checkedOf, checkersOf, isDrawn, type Naming } from "@lode/sdk/draws";
import type { Hex } from "@lode/sdk/hash";
import { fromWire, hashStruct } from "@lode/sdk/typed-data";
import type { CoordinatorInfo, LogEntry } from "@lode/protocol";
import type { ChainReader } from "../chain/chain.ts";
import type { CourtWatch, ScheduledDraw } from "../chain/court-watch.ts";
import { AnchorHistory } from "../chain/anchors.ts";
import { canBeChecked } from "../disclosure/index.ts";
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

  /** Whether a draw is done with. Each receipt is checked at most once: in the first draw behind it. */
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
    const found = entries.map(readEntry).filter(({ assignment, receipt }) => canBeChecked(assignment, receipt));
    const checked = checkedOf(
      await watch.rules(),
      value,
      found.map(({ hash, assignment: { miner }, receipt: { amountWei } }) => ({ hash, miner, amountWei })),
    );
    for (const one of found) {
      const naming = checked.get(one.hash);
      if (naming !== undefined) await this.#pick(one, naming, { draw, value, size });
    }
    await this.#nameLots({ draw, value, size });
    await store.append({ kind: "looked", coordinator, epoch: epoch.toString(), size });
    this.#options.emit({ event: "looked", coordinator, epoch: epoch.toString(), receipts: size });
    return true;
  }

  async #pick({ entry, assignment, hash }: ReadEntry, naming: Naming, drawn: Drawn): Promise<void> {
    const { watch, store, self, nowMs, emit } = this.#options;
    const { draw, value, size } = drawn;
    const { coordinator, miner, client } = assignment;
    if (!checkersOf(value, hash, watch.seats(draw.block), [miner, client]).includes(self)) return;
    const epoch = draw.epoch.toString();
    const path = this.#log.path(entry.index, size);
    const place = { coordinatorUrl: this.#url, coordinator, epoch, entry, path, pickedAtMs: nowMs() };
    await store.append({ kind: "check", receipt: hash, ...place, ...(naming === "lot" && { isLot: true }) });
    emit({ event: "drawn", receipt: hash, miner, epoch, naming });
  }

  /** Lots that were found wrong are no evidence for the court until the rate of a later draw names them. */
  async #nameLots({ draw, value, size }: Drawn): Promise<void> {
    const { watch, store, self, nowMs, emit } = this.#options;
    const epoch = draw.epoch.toString();
    for (const { receipt: hash, isLot, found, coordinator, entry, epoch: before } of store.checks.values()) {
      if (isLot !== true || coordinator !== draw.coordinator || BigInt(before) >= draw.epoch) continue;
      if (found?.verdict !== "wrong" && found?.verdict !== "undisclosed") continue;
      const { assignment, receipt } = readEntry(entry);
      if (!isDrawn(await watch.rules(), value, { hash, amountWei: receipt.amountWei })) continue;
      // Whoever showed nothing is asked once more, by those whom this draw entitles: the lot may have been unknown to it.
      const excluded = [assignment.miner, assignment.client];
      const isSilent = found.verdict === "undisclosed";
      if (isSilent && !checkersOf(value, hash, watch.seats(draw.block), excluded).includes(self)) continue;
      const path = this.#log.path(entry.index, size);
      await store.append({ kind: "named", receipt: hash, epoch, path, isAskedAgain: isSilent, atMs: nowMs() });
      emit({ event: "named", receipt: hash, epoch });
    }
  }
}

/** A draw whose value has come, and the size of the log that it draws from. */
interface Drawn {
  readonly draw: ScheduledDraw;
  readonly value: Hex;
  readonly size: number;
}

type ReadEntry = ReturnType<typeof readEntry>;

function readEntry(entry: LogEntry) {
  const receipt = fromWire("Receipt", entry.receipt);
  const assignment = fromWire("Assignment", entry.assignment);
  return { entry, assignment, receipt, hash: hashStruct("Receipt", receipt) };
}
