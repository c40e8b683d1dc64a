import { RecentMap } from "./recent-map.ts";

const mostKept = 1000;

/** Goes through many a few at a time: each look takes up where the last one under its key stopped, so that all of them come up as often. */
export class Rounds<K, V> {
  readonly #at = new RecentMap<K, Iterator<V> | undefined>(mostKept);

  /** The next `count`; all, where there are fewer. @param open begins with the first */
  next(key: K, count: number, open: () => Iterator<V>): V[] {
    const seen: V[] = [];
    let at = this.#at.get(key);
    let isFromStart = at === undefined;
    for (at ??= open(); seen.length < count;) {
      const step = at.next();
      if (step.done !== true) {
        seen.push(step.value);
        continue;
      }
      at = undefined;
      if (isFromStart) break;
      isFromStart = true;
      at = open();
    }
    this.#at.set(key, at);
    return seen;
  }
}
