import type { Hex } from "@lode/sdk/hash";
import { fromWire } from "@lode/sdk/typed-data";
import type { CourtWatch } from "../chain/court-watch.ts";
import type { AnchorHistory } from "../chain/anchors.ts";
import { isRefusal, type CourtActs } from "./court.ts";
import type { VerifierEvent } from "./events.ts";
import type { Letters } from "./letters.ts";
import type { Reference } from "./reference.ts";
import type { Turns } from "./turns.ts";
import type { CheckState, VerifierStore } from "./verifier-store.ts";

export interface ChecksOptions {
  readonly watch: CourtWatch;
  readonly acts: CourtActs;
  readonly turns: Turns;
  readonly store: VerifierStore;
  readonly letters: Letters;
  readonly reference: Reference;
  readonly self: Hex;
  /** How long a miner has to show a drawn receipt's transcript before it is accused of its silence. */
  readonly disclosureMs: number;
  /** Most that may lie in bonds of own accusations at once, in wei; none without it. */
  readonly maxBondsWei: bigint | undefined;
  readonly anchorsOf: (coordinatorUrl: string) => AnchorHistory | undefined;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
  /** Milliseconds since any moment, by a clock that is never set: silence is counted by it. */
  readonly steadyMs: () => number;
  readonly emit: (event: VerifierEvent) => void;
}

/** Silence counts from the first question of this process on, and for so long at most: whoever was stopped has not asked meanwhile. */
const mostPatienceMs = 3_600_000;

/** Checks receipts that draws named, and accuses for wrong ones where it may. */
export class Checks {
  readonly #options: ChecksOptions;
  /** When this process asked about a receipt first. */
  readonly #askedMs = new Map<Hex, number>();

  constructor(options: ChecksOptions) {
    this.#options = options;
  }

  /** One look at every check that is not done. */
  async step(): Promise<void> {
    for (const check of this.#options.store.checks.values()) {
      if (check.found === undefined) await this.#check(check);
      else if (check.isLot !== true && ["wrong", "undisclosed"].includes(check.found.verdict))
        await this.#accuse(check);
    }
  }

  async #check({ receipt, entry, pickedAtMs }: CheckState): Promise<void> {
    const { letters, reference, store, disclosureMs, signal, nowMs, steadyMs, emit } = this.#options;
    const disclosure = letters.get(receipt);
    if (disclosure === undefined) {
      const askedMs = this.#askedMs.get(receipt) ?? steadyMs();
      this.#askedMs.set(receipt, askedMs);
      const isSilent = steadyMs() - askedMs >= Math.min(disclosureMs, mostPatienceMs);
      if (!isSilent || nowMs() - pickedAtMs < disclosureMs) {
        await letters.ask(receipt, entry.assignment.miner, { onChain: false });
        return;
      }
    }
    this.#askedMs.delete(receipt);
    const judged =
      disclosure === undefined
        ? { verdict: "undisclosed", reason: "the miner did not show its transcript in time" }
        : ((await reference.judge(disclosure, signal)) ?? {
            verdict: "unknown",
            reason: "its model is not here, or not for so long a job",
          });
    const { verdict, reason } = judged;
    await store.append({ kind: "found", receipt, verdict, reason });
    emit({ event: "checked", receipt, verdict, reason });
    if (verdict === "right") letters.forget(receipt);
  }

  async #accuse(check: CheckState): Promise<void> {
    const { watch, acts, turns, store, self, maxBondsWei, emit } = this.#options;
    const { receipt, coordinatorUrl, epoch, entry, path, filing } = check;
    if (maxBondsWei === undefined) return;
    // Its own case, or somebody else's: no receipt is tried twice.
    if ([...watch.cases.values()].some((one) => one.receipt === receipt)) return;
    const everybody = watch.seats().map(({ juror }) => juror);
    const step = `accuse ${receipt}`;
    if (filing === undefined && !turns.isMine(step, everybody)) return;
    const anchors = this.#options.anchorsOf(coordinatorUrl);
    if (anchors === undefined) return;
    await anchors.sync();
    const head = anchors.head?.epoch;
    const shown = anchors.evidence(BigInt(epoch));
    if (shown === undefined) return;
    const { assignmentBatch, receiptBatch } = entry;
    const args = [
      fromWire("Assignment", entry.assignment),
      assignmentBatch,
      fromWire("Receipt", entry.receipt),
      receiptBatch,
      BigInt(entry.index),
      path,
      shown.previous,
      shown.anchors,
    ];
    try {
      const bondWei = await acts.bondOf(args);
      const bound = [...watch.open()].filter(({ challenger }) => challenger === self).length;
      if (bondWei * BigInt(bound + 1) > maxBondsWei) return;
      // Written first: after a crash the same accusation is sent again, and the court takes only one.
      await store.append({ kind: "filing", receipt, bondWei: bondWei.toString() });
      await acts.accuse(args, bondWei);
      emit({ event: "filed", receipt, bondWei: bondWei.toString() });
      await watch.sync();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await watch.sync();
      const isTried = [...watch.cases.values()].some((one) => one.receipt === receipt);
      await anchors.sync();
      // Anchored in between: the next look shows the newer anchors too.
      if (isTried || anchors.head?.epoch !== head) return;
      await store.append({ kind: "dropped", receipt, reason: error.message });
      emit({ event: "warning", message: `${receipt} is not tried: ${error.message}` });
    }
  }
}
