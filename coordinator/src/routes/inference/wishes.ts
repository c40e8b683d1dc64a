import type { Hex } from "@lode/sdk/hash";
import type { FastifyRequest } from "fastify";
import { ApiError } from "../../errors.ts";
import { places } from "../../domain/places/places.ts";
import { latencyTiers } from "../../domain/pricing/tier.ts";
import type { Wishes } from "../../plugins/app/market/wishes.ts";

const regions = new Set(places.map(({ region }) => region));

/** What a request's headers ask of the market. Throws 400 for what means nothing: a wish is never ignored. */
export function wishesOf({ headers }: Pick<FastifyRequest, "headers">): Wishes {
  const text = (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === "string" && value.trim() !== "" ? value.trim().toLowerCase() : undefined;
  };
  const refuse = (name: string, message: string): never => {
    throw new ApiError(400, "invalid_value", `'${name}' ${message}.`, { param: name });
  };
  const latency = text("x-lode-latency");
  const known = latencyTiers.find((tier) => tier === latency);
  if (latency !== undefined && known === undefined)
    refuse("x-lode-latency", `must be one of ${latencyTiers.join(", ")}`);
  const areas = text("x-lode-region")
    ?.split(",")
    .map((one) => one.trim());
  if (areas?.some((area) => !regions.has(area)) === true) {
    refuse("x-lode-region", `must be of ${[...regions].join(", ")}, with commas between`);
  }
  const quote = text("x-lode-quote");
  if (quote !== undefined && !/^0x[0-9a-f]{64}$/.test(quote)) refuse("x-lode-quote", "must be a quote's hash");
  return {
    latency: known,
    regions: areas === undefined ? undefined : new Set(areas),
    pool: text("x-lode-pool"),
    quote: quote as Hex | undefined,
  };
}
