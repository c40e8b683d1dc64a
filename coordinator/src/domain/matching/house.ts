import type { Hex } from "@lode/sdk/hash";
import { columns } from "./columns.ts";
import { MinTree } from "./min-tree.ts";
import type { Offer } from "./objective.ts";

/** An offer in the market. */
export interface Entry {
  offer: Offer;
  /** When it last got a job, counted in jobs; when it came, before its first. */
  turn: number;
  /** Undefined while the miner is full or not to be asked. */
  group: Group | undefined;
  leaf: number;
}

/** Offers that differ in nothing that a search decides for a whole group. */
export interface Group {
  readonly site: Site;
  readonly sample: Offer;
  readonly tree: MinTree;
  readonly members: Entry[];
}

/** A place where a model is offered, with the least of each column there. */
export interface Site {
  readonly place: number;
  readonly groups: Group[];
  readonly root: Float64Array;
}

/** Everything about one model. */
export class House {
  readonly entries = new Map<Hex, Entry>();
  readonly sites: Site[] = [];

  get treeBytes(): number {
    return this.sites.reduce((sum, { groups }) => groups.reduce((bytes, { tree }) => bytes + tree.bytes, sum), 0);
  }

  /** Takes an entry out of its group, if it is in one. */
  take(entry: Entry): void {
    const { group, leaf } = entry;
    if (group === undefined) return;
    entry.group = undefined;
    group.tree.remove(leaf);
    const last = group.members.pop();
    if (last !== undefined && last !== entry) {
      last.leaf = leaf;
      group.members[leaf] = last;
    }
    if (group.members.length === 0) this.#drop(group);
    else crown(group.site);
  }

  /** Puts an entry into the group that its offer belongs to. */
  put(entry: Entry, values: Float64Array): void {
    this.take(entry);
    const group = this.#groupOf(entry.offer);
    entry.group = group;
    entry.leaf = group.tree.push(values);
    group.members.push(entry);
    crown(group.site);
  }

  /** New values for an entry that stays where it is. */
  update(entry: Entry, group: Group, values: Float64Array): void {
    if (group.tree.set(entry.leaf, values)) crown(group.site);
  }

  #groupOf(offer: Offer): Group {
    let site = this.sites.find(({ place }) => place === offer.place);
    if (site === undefined) {
      site = { place: offer.place, groups: [], root: new Float64Array(columns).fill(Infinity) };
      this.sites.push(site);
    }
    let group = site.groups.find(({ sample }) => isAlike(sample, offer));
    if (group === undefined) {
      group = { site, sample: offer, tree: new MinTree(columns), members: [] };
      site.groups.push(group);
    }
    return group;
  }

  /** A group without members would be looked at by every search for nothing. */
  #drop(group: Group): void {
    const { site } = group;
    site.groups.splice(site.groups.indexOf(group), 1);
    if (site.groups.length === 0) this.sites.splice(this.sites.indexOf(site), 1);
    else crown(site);
  }
}

/** Whether two offers of a model belong to one group. */
export function isAlike(a: Offer, b: Offer): boolean {
  return (
    a.engineClass === b.engineClass &&
    a.place === b.place &&
    a.region === b.region &&
    a.pool === b.pool &&
    a.tiers === b.tiers &&
    a.privacy === b.privacy &&
    a.isTrusted === b.isTrusted
  );
}

function crown({ groups, root }: Site): void {
  root.fill(Infinity);
  for (const { tree } of groups) {
    for (let column = 0; column < columns; column++) {
      const least = tree.root[column] ?? Infinity;
      if (least < (root[column] ?? Infinity)) root[column] = least;
    }
  }
}
