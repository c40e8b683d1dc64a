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
type Kind = Pick<Offer, "engineClass" | "region" | "pool" | "tiers" | "privacy" | "isTrusted">;

/** Offers of one kind and place. */
export interface Group extends Kind {
  readonly site: Site;
  readonly tree: OfferTree;
  readonly members: Entry[];
}

/** A place where a model is offered. */
export interface Site {
  readonly place: number;
  readonly groups: Group[];
  /** Its place among the house's. */
  index: number;
}

/** Everything about one model. */
export class House {
  readonly entries = new Map<Hex, Entry>();
  readonly sites: Site[] = [];
  /** The least of each column at each site, side by side: every search looks at all of them. */
  crowns = new Float64Array(0);
  /** The sites' places. */
  places = new Int32Array(0);

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
    else this.#crown(group.site);
  }

  /** Puts an entry into the group that its offer belongs to. */
  put(entry: Entry, values: Float64Array): void {
    this.take(entry);
    const group = this.#groupOf(entry.offer);
    entry.group = group;
    entry.leaf = group.tree.push(values);
    group.members.push(entry);
    this.#crown(group.site);
  }

  /** New values for an entry that stays where it is. */
  update(entry: Entry, group: Group, values: Float64Array): void {
    if (group.tree.set(entry.leaf, values)) this.#crown(group.site);
  }

  #groupOf(offer: Offer): Group {
    let site = this.sites.find(({ place }) => place === offer.place);
    if (site === undefined) {
      site = { place: offer.place, groups: [], index: this.sites.length };
      this.sites.push(site);
      this.#align();
    }
    let group = site.groups.find((one) => isOfKind(one, offer));
    if (group === undefined) {
      const { engineClass, region, pool, tiers, privacy, isTrusted } = offer;
      const kind = { engineClass, region, pool, tiers, privacy, isTrusted };
      group = { ...kind, site, tree: new OfferTree(), members: [] };
      site.groups.push(group);
    }
    return group;
  }

  /** A group without members would be looked at by every search for nothing. */
  #drop(group: Group): void {
    const { site } = group;
    site.groups.splice(site.groups.indexOf(group), 1);
    if (site.groups.length > 0) return this.#crown(site);
    this.sites.splice(site.index, 1);
    this.sites.forEach((one, index) => (one.index = index));
    this.#align();
  }

  /** Places come and go rarely: then everything is laid side by side anew. */
  #align(): void {
    this.places = Int32Array.from(this.sites, ({ place }) => place);
    this.crowns = new Float64Array(this.sites.length * columns);
    for (const site of this.sites) this.#crown(site);
  }

  #crown({ groups, index }: Site): void {
    const { crowns } = this;
    const at = index * columns;
    crowns.fill(Infinity, at, at + columns);
    for (const { tree } of groups) {
      const { root } = tree;
      for (let column = 0; column < columns; column++) {
        const least = root[column] ?? Infinity;
        if (least < (crowns[at + column] ?? Infinity)) crowns[at + column] = least;
      }
    }
  }
}

/** Whether an offer belongs to a group. */
export function isIn(group: Group, offer: Offer): boolean {
  return group.site.place === offer.place && isOfKind(group, offer);
}

function isOfKind(kind: Kind, offer: Kind): boolean {
  return (
    kind.engineClass === offer.engineClass &&
    kind.region === offer.region &&
    kind.pool === offer.pool &&
    kind.tiers === offer.tiers &&
    kind.privacy === offer.privacy &&
    kind.isTrusted === offer.isTrusted
  );
}
