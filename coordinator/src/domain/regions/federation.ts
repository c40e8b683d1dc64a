import { distanceKm } from "../places/latency.ts";
import { placeOf } from "../places/places.ts";

/** A coordinator of the federation, as each lists the others. */
export interface Peer {
  /** Where clients reach it. */
  readonly url: string;
  /** Id of its place. */
  readonly place: string;
  readonly models: readonly string[];
}

/** What leads a job to another coordinator. */
export interface HandoverWish {
  readonly model: string;
  /** Areas that the job may run in; everywhere when undefined. */
  readonly regions?: ReadonlySet<string> | undefined;
}

/**
 * The coordinator that a job is handed to when nobody here can do it: the nearest that lists the model in a wanted region. A job that
 * was handed over once stays where it is, so that two coordinators cannot play ball with it.
 */
export function handover(
  here: string,
  peers: readonly Peer[],
  { model, regions }: HandoverWish,
  wasHandedOver: boolean,
): Peer | undefined {
  const from = placeOf(here);
  if (wasHandedOver || from === undefined) return undefined;
  const able = peers.flatMap((peer) => {
    const place = placeOf(peer.place);
    if (place === undefined || !peer.models.includes(model) || regions?.has(place.region) === false) return [];
    return [{ peer, km: distanceKm(from, place) }];
  });
  return able.sort((a, b) => a.km - b.km || (a.peer.url < b.peer.url ? -1 : 1))[0]?.peer;
}
