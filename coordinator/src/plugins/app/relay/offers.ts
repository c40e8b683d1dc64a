import { hostedEngineClass } from "@lode/sdk/typed-data";
import { ProtocolError, type Capabilities } from "@lode/protocol";
import { placeOf, places } from "../../../domain/places/places.ts";
import type { MinerSession } from "./session.ts";

/** A place that nobody knows here is nowhere: its miner is told, because it would wait for nearby work in vain. */
export function tellUnknownPlace(session: MinerSession): void {
  const { place } = session.capabilities;
  if (place === undefined || placeOf(place) !== undefined) return;
  const known = places.map(({ id }) => id).join(", ");
  const message = `There is no place '${place}' here, so that no job that must stay in a region comes; known are ${known}.`;
  session.send({ type: "error", code: "unknown_place", message: message.slice(0, 500), fatal: false });
}

/** What stands for polling miners is their host's to offer: nobody else may take these names or this class. */
export function refuseHostedNames({ models }: Capabilities): void {
  const isHosted = models.some(({ id, engineClass }) => id.startsWith("hosted/") || engineClass === hostedEngineClass);
  if (isHosted) throw new ProtocolError("hosted_name", "Models under hosted/ belong to miners that poll.");
}
