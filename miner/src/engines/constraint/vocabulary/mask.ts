import type { Machine, State } from "../machine/machine.ts";
import type { TokenTrie } from "./trie.ts";

/** Calls back for every token whose bytes the machine can read from this state. */
export function walk(trie: TokenTrie, machine: Machine, state: State, allow: (id: number) => void): void {
  const { size, byte, depth, end, first, tokens } = trie;
  /** The state at each depth on the way to the node. */
  const states: State[] = [state];
  machine.beginMask();
  for (let node = 0; node < size;) {
    const at = depth[node] ?? 1;
    const from = states[at - 1] ?? state;
    const next = machine.next(from, byte[node] ?? 0);
    if (next === null) {
      node = end[node] ?? size;
      continue;
    }
    states[at] = next;
    // A node's own tokens come first in its range; those of the nodes behind it begin where the next node says.
    const last = first[node + 1] ?? tokens.length;
    for (let place = first[node] ?? 0; place < last; place += 1) {
      const id = tokens[place];
      if (id !== undefined) allow(id);
    }
    node += 1;
  }
}
