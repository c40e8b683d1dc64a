import type { AnchorView } from "@lode/protocol";
import type { Standing } from "./case-words.ts";

/** An anchor as the chain took it. */
export interface ChainAnchor {
  readonly epoch: number;
  readonly size: number;
  readonly root: string;
  readonly liabilitiesRoot: string;
  readonly transaction: string;
}

/** The chain, or its index, may be this far behind with an anchor. */
const freshMs = 3_600_000;

/** Anchors that a page shows at most, the latest. */
export const mostAnchors = 50;

/** An epoch as coordinator and chain tell it, each where it does. */
export interface ComparedAnchor {
  readonly epoch: number;
  readonly shown: AnchorView | undefined;
  readonly taken: ChainAnchor | undefined;
  readonly standing: Standing;
}

/**
 * What the coordinator says it anchored beside what the chain took, the newest first. Each side shows its latest only: what is older
 * than all that one of them shows is left out.
 */
export function compareAnchors(
  shown: readonly AnchorView[],
  taken: readonly ChainAnchor[],
  nowMs: number,
): ComparedAnchor[] {
  const [ours, theirs] = [new Map(shown.map((one) => [one.epoch, one])), new Map(taken.map((one) => [one.epoch, one]))];
  const oldest = (epochs: readonly { epoch: number }[]): number =>
    epochs.length < mostAnchors ? 0 : Math.min(...epochs.map(({ epoch }) => epoch));
  const from = Math.max(oldest(shown), oldest(taken));
  const newest = Math.max(0, ...taken.map(({ epoch }) => epoch));
  const epochs = [...new Set([...ours.keys(), ...theirs.keys()])].filter((epoch) => epoch >= from);
  return epochs
    .sort((a, b) => b - a)
    .map((epoch) => {
      const pair = { shown: ours.get(epoch), taken: theirs.get(epoch) };
      const isNew = epoch > newest && nowMs - Date.parse(pair.shown?.at ?? "") < freshMs;
      return { epoch, ...pair, standing: standingOf(pair, isNew) };
    });
}

function standingOf({ shown, taken }: Pick<ComparedAnchor, "shown" | "taken">, isNew: boolean): Standing {
  if (taken === undefined) return isNew ? ["not seen yet", "warn"] : ["not on the chain", "bad"];
  if (shown === undefined) return ["not told by the coordinator", "warn"];
  const isSame =
    shown.size === taken.size &&
    isSameHex(shown.root, taken.root) &&
    isSameHex(shown.liabilitiesRoot, taken.liabilitiesRoot);
  return isSame ? ["on the chain", "good"] : ["the chain has another", "bad"];
}

const isSameHex = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
