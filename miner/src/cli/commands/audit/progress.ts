import type { Progress } from "../../../audit/auditor.ts";
import type { Context } from "../../context.ts";

const names = { chain: "chain: block", copy: "own copy: entry", log: "log: entry" } as const;
const barWidth = 24;

/** Shows how far an audit is: a bar that moves where somebody watches, else a line for each tenth. */
export function showProgress(context: Context, nowMs = (): number => performance.now()): (progress: Progress) => void {
  const { status } = context.io;
  const isWatched = status !== undefined && !context.json;
  let [stage, begunMs, begunAt, shownMs, shownTenth] = ["", 0, 0, -Infinity, -1];
  return ({ stage: now, done, total }) => {
    const atMs = nowMs();
    if (now !== stage) [stage, begunMs, begunAt, shownMs, shownTenth] = [now, atMs, done, -Infinity, -1];
    const share = total === 0 ? 1 : Math.min(1, done / total);
    const counted = `${names[now]} ${done} of ${total}`;
    if (!isWatched) {
      const tenth = Math.floor(share * 10);
      if (tenth > shownTenth) context.note(counted);
      shownTenth = Math.max(tenth, shownTenth);
      return;
    }
    if (atMs - shownMs < 100 && share < 1) return;
    shownMs = atMs;
    const full = Math.round(share * barWidth);
    const bar = `[${"#".repeat(full)}${".".repeat(barWidth - full)}] ${Math.floor(share * 100)} %`;
    const perSecond = (done - begunAt) / Math.max(0.001, (atMs - begunMs) / 1000);
    const isTold = now === "log" && perSecond > 0 && share < 1;
    const rest = isTold ? `, ${Math.round(perSecond)}/s, ${Math.ceil((total - done) / perSecond)} s left` : "";
    status(`${bar} ${counted}${rest}`);
  };
}

/** Takes the bar away, so that the result stands alone. */
export function endProgress({ io }: Context): void {
  io.status?.("");
}
