/** Looks for stop texts in a growing text. Offsets count UTF-16 units from the text's beginning. */
export interface StopMatcher {
  /** Adds text; returns the offset of the first stop text, once there is one, and its place in the list. */
  push(text: string): { at: number; stop: number } | undefined;
  /** Everything before this offset is known to lie before any stop text. */
  readonly safeUntil: number;
}

export function createStopMatcher(stops: readonly string[]): StopMatcher {
  const longest = Math.max(0, ...stops.map((stop) => stop.length));
  let seen = 0;
  /** The end of the text, as much as can still be part of a stop text. */
  let tail = "";

  /** Length of the longest end of `tail` that begins a stop text. */
  const pending = (): number => {
    for (let length = Math.min(longest - 1, tail.length); length > 0; length -= 1) {
      const end = tail.slice(-length);
      if (stops.some((stop) => stop.startsWith(end))) return length;
    }
    return 0;
  };

  return {
    push(text) {
      tail += text;
      seen += text.length;
      const [first] = stops
        .map((text, stop) => ({ at: tail.indexOf(text), stop }))
        .filter(({ at }) => at >= 0)
        .sort((a, b) => a.at - b.at);
      if (first !== undefined) return { at: seen - tail.length + first.at, stop: first.stop };
      tail = longest > 1 ? tail.slice(1 - longest) : "";
      return undefined;
    },
    get safeUntil() {
      return seen - pending();
    },
  };
}
