import type { Hex } from "@lode/sdk/hash";
import type { FastifyRequest } from "fastify";
import Type from "typebox";
import { ApiError } from "../../errors.ts";
import { places } from "../../domain/places/places.ts";
import { latencyTiers } from "../../domain/pricing/tier.ts";
import type { Wishes } from "../../plugins/app/market/wishes.ts";

const regions = new Set(places.map(({ region }) => region));

/** For the routes' schemas: what a request can ask of the market. */
export const WishHeaders = {
  "x-lode-latency": Type.Optional(
    Type.String({ description: `A time to the first token: ${latencyTiers.join(", ")}` }),
  ),
  "x-lode-region": Type.Optional(Type.String({ description: "Where it may run, with commas between" })),
  "x-lode-pool": Type.Optional(Type.String({ description: "Whose miners it may go to" })),
  "x-lode-quote": Type.Optional(
    Type.String({
      description: "A quote's hash: its prices bind for five minutes, for jobs no larger than it was asked for",
    }),
  ),
  "x-lode-max-input-price": Type.Optional(Type.String({ description: "Most that a token read may cost, wei" })),
  "x-lode-max-output-price": Type.Optional(
    Type.String({ description: "Most that a token made may cost, wei; 402 where nobody does it for that now" }),
  ),
  "x-lode-cloud": Type.Optional(
    Type.String({
      description: "allow: where no miner can do it, a cloud may; the answer says so. Never without this",
    }),
  ),
};

/** A request's wishes as they were written, for one that is done later. */
export function wishTextsOf({ headers }: Pick<FastifyRequest, "headers">): Record<string, string> {
  return Object.fromEntries(
    Object.keys(WishHeaders).flatMap((name) => {
      const value = headers[name];
      return typeof value === "string" ? [[name, value]] : [];
    }),
  );
}

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
  const cloud = text("x-lode-cloud");
  if (cloud !== undefined && cloud !== "allow") refuse("x-lode-cloud", "must be allow, or be left out");
  const quote = text("x-lode-quote");
  if (quote !== undefined && !/^0x[0-9a-f]{64}$/.test(quote)) refuse("x-lode-quote", "must be a quote's hash");
  const price = (name: string): bigint | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    return /^[0-9]{1,30}$/.test(value) ? BigInt(value) : refuse(name, "must be a whole number of wei for a token");
  };
  return {
    maxInputPriceWei: price("x-lode-max-input-price"),
    maxOutputPriceWei: price("x-lode-max-output-price"),
    latency: known,
    cloud: cloud === "allow",
    regions: areas === undefined ? undefined : new Set(areas),
    pool: text("x-lode-pool"),
    quote: quote as Hex | undefined,
  };
}
