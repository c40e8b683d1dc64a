/** A set of byte strings as a tree. Node 0 is the root. */
export interface Words {
  /** The node behind a byte, or undefined. */
  next(node: number, byte: number): number | undefined;
  /** Which word ends at this node, by its place in the list; the first of equals. */
  endsAt(node: number): number | undefined;
  /** Whether words go on behind this node. */
  goesOn(node: number): boolean;
  /** Places of the words that end at this node or behind it, rising. */
  below(node: number): readonly number[];
  readonly list: readonly string[];
}

export function createWords(list: readonly string[]): Words {
  const children = [new Map<number, number>()];
  const ends: (number | undefined)[] = [undefined];
  const below: number[][] = [[]];
  list.forEach((word, place) => {
    let node = 0;
    below[0]?.push(place);
    for (const byte of Buffer.from(word, "utf8")) {
      let child = children[node]?.get(byte);
      if (child === undefined) {
        child = children.length;
        children[node]?.set(byte, child);
        children.push(new Map());
        ends.push(undefined);
        below.push([]);
      }
      below[child]?.push(place);
      node = child;
    }
    ends[node] ??= place;
  });
  return {
    list,
    next: (node, byte) => children[node]?.get(byte),
    endsAt: (node) => ends[node],
    goesOn: (node) => (children[node]?.size ?? 0) > 0,
    below: (node) => below[node] ?? [],
  };
}
