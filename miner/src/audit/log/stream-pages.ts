import { packedBytes, type CheckedEntries } from "@lode/sdk/audit";
import type { PageChecker } from "../check/check-pool.ts";

/** Entries that are asked for at a time: what a coordinator gives at most. */
export const entriesPerPage = 1000;

/** Where pages come from. */
export interface PageSource {
  page(start: number, count: number): Promise<Buffer>;
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly perPage: number;
}

/**
 * The checked entries of a log in order, a page at a time. Pages are fetched and checked ahead, as many as the checker is wide and no more,
 * so that memory does not grow with the log. Ends early where the log does; the caller counts.
 */
export async function* streamPages(
  source: PageSource,
  checker: PageChecker,
  span: Span,
): AsyncIterable<CheckedEntries> {
  const { end } = span;
  let [next, perPage] = [span.start, span.perPage];
  let underWay: { readonly start: number; readonly count: number; readonly checked: Promise<CheckedEntries> }[] = [];
  const begin = (): void => {
    while (underWay.length < checker.width && next < end) {
      const [start, count] = [next, Math.min(perPage, end - next)];
      const checked = source.page(start, count).then((bytes) => checker.check(bytes, start, count));
      // It is looked at in its turn; until then its failure is nobody's.
      checked.catch(() => undefined);
      underWay.push({ start, count, checked });
      next += count;
    }
  };
  for (;;) {
    begin();
    const [first, ...rest] = underWay;
    if (first === undefined) return;
    underWay = rest;
    const checked = await first.checked;
    const got = checked.packed.length / packedBytes;
    if (got > 0) yield checked;
    if (got === first.count) continue;
    // A page that is shorter than asked for: what was fetched behind it stands elsewhere.
    await Promise.allSettled(rest.map(({ checked: later }) => later));
    underWay = [];
    if (got === 0) return;
    next = first.start + got;
    perPage = got;
  }
}
