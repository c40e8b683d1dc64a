import type { Hex } from "@lode/sdk/hash";
import { columns } from "./columns.ts";
import { OfferTree } from "./offer-tree.ts";
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

/** What a search decides for a whole group. Kept apart from any offer, so that a search need not fetch one for it. */
export type Kind = Pick<Offer, "engineClass" | "region" | "pool" | "tiers" | "abilities" | "privacy" | "isTrusted">;

/** Offers of one kind and place. */
export interface Group extends Kind {
  readonly site: Site;
  readonly tree: OfferTree;
  readonly members: Entry[];
  /** Its place among the house's groups. */
  index: number;
}

/** A place where a model is offered. */
export interface Site {
  readonly place: number;
  readonly groups: Group[];
  /** Its place among the house's sites. */
  index: number;
}

/**
 * Everything about one model. What every search looks at lies side by side: the least of each column at each site, and of each group, those of a
 * site one after the other. Groups come and go rarely; then all of that is laid out anew.
 */
export class House {
  readonly entries = new Map<Hex, Entry>();
  readonly sites: Site[] = [];
  groups: readonly Group[] = [];
  /** Groups of one kind have one number. */
  kinds = new Int32Array(0);
  /** An offer's kind, by number. */
  samples: readonly Kind[] = [];
  crowns = new Float64Array(0);
  roots = new Float64Array(0);
  /** The sites' places. */
  places = new Int32Array(0);
  /** The first group of each site; one more for the end. */
  starts = new Int32Array(1);

  get treeBytes(): number {
    return this.groups.reduce((bytes, { tree }) => bytes + tree.bytes, 0);
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
    else this.#crown(group);
  }

  /** Puts an entry into the group that its offer belongs to. */
  put(entry: Entry, values: Float64Array): void {
    this.take(entry);
    const group = this.#groupOf(entry.offer);
    entry.group = group;
    entry.leaf = group.tree.push(values);
    group.members.push(entry);
    this.#crown(group);
  }

  /** New values for an entry that stays where it is. */
  update(entry: Entry, group: Group, values: Float64Array): void {
    if (group.tree.set(entry.leaf, values)) this.#crown(group);
  }

  #groupOf(offer: Offer): Group {
    let site = this.sites.find(({ place }) => place === offer.place);
    const known = site?.groups.find((one) => isOfKind(one, offer));
    if (known !== undefined) return known;
    if (site === undefined) {
      site = { place: offer.place, groups: [], index: this.sites.length };
      this.sites.push(site);
    }
    const { engineClass, region, pool, tiers, abilities, privacy, isTrusted } = offer;
    const kind = { engineClass, region, pool, tiers, abilities, privacy, isTrusted };
    const group: Group = { ...kind, site, tree: new OfferTree(), members: [], index: 0 };
    site.groups.push(group);
    this.#align();
    return group;
  }

  /** A group without members would be looked at by every search for nothing. */
  #drop(group: Group): void {
    const { site } = group;
    site.groups.splice(site.groups.indexOf(group), 1);
    if (site.groups.length === 0) this.sites.splice(site.index, 1);
    this.#align();
  }

  #align(): void {
    const groups = this.sites.flatMap((site) => site.groups);
    const samples: Kind[] = [];
    this.groups = groups;
    this.samples = samples;
    this.places = Int32Array.from(this.sites, ({ place }) => place);
    this.crowns = new Float64Array(this.sites.length * columns).fill(Infinity);
    this.roots = new Float64Array(groups.length * columns);
    this.starts = new Int32Array(this.sites.length + 1);
    this.sites.forEach((site, index) => {
      site.index = index;
      this.starts[index + 1] = (this.starts[index] ?? 0) + site.groups.length;
    });
    this.kinds = Int32Array.from(groups, (group) => {
      const kind = samples.findIndex((one) => isOfKind(one, group));
      return kind >= 0 ? kind : samples.push(group) - 1;
    });
    groups.forEach((group, index) => {
      group.index = index;
      this.#crown(group);
    });
  }

  /** A group's minima changed, and its site's with them. */
  #crown({ index, tree, site }: Group): void {
    const { crowns, roots, starts } = this;
    const at = site.index * columns;
    const [first, end] = [(starts[site.index] ?? 0) * columns, (starts[site.index + 1] ?? 0) * columns];
    roots.set(tree.root, index * columns);
    for (let column = 0; column < columns; column++) {
      let least = Infinity;
      for (let cell = first + column; cell < end; cell += columns) least = Math.min(least, roots[cell] ?? Infinity);
      crowns[at + column] = least;
    }
  }
}

/** Whether two offers belong to one group. */
export function isAlike(one: Offer, other: Offer): boolean {
  return one.place === other.place && isOfKind(one, other);
}

function isOfKind(kind: Kind, offer: Kind): boolean {
  return (
    kind.engineClass === offer.engineClass &&
    kind.region === offer.region &&
    kind.pool === offer.pool &&
    kind.tiers === offer.tiers &&
    kind.abilities === offer.abilities &&
    kind.privacy === offer.privacy &&
    kind.isTrusted === offer.isTrusted
  );
}
