import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { AddressText, Bytes32, Decimal, ServiceTermsSchema, structSchema, SignatureText } from "@lode/protocol";
import type { Hex } from "@lode/sdk/hash";
import { toWire } from "@lode/sdk/typed-data";
import Type from "typebox";
import { places } from "../../domain/places/places.ts";
import { latencyTiers, type LatencyTier } from "../../domain/pricing/tier.ts";
import { qosScore, qosTier } from "../../domain/qos/score.ts";
import { uptime } from "../../domain/reliability/history.ts";
import { ApiError } from "../../errors.ts";
import { NoMinerError } from "../../plugins/app/relay/errors.ts";
import { promiseOf, tierOf } from "../../plugins/app/relay/request.ts";
import { errorAnswers } from "../errors.ts";
import { modelOf, tierOf as wantedTier } from "../inference/model.ts";

const Latency = Type.Unsafe<LatencyTier>(Type.Union(latencyTiers.map((tier) => Type.Literal(tier))));
const Numbers = Type.Record(Type.String(), Type.Number());
const Price = Type.Object({
  inputPriceWei: Decimal,
  outputPriceWei: Decimal,
  factorsPpm: Numbers,
  totalPpm: Type.Integer(),
  bound: Type.Union([Type.Literal("factors"), Type.Literal("floor"), Type.Literal("ask")]),
});
const Candidate = Type.Object({
  miner: AddressText,
  cost: Type.Optional(Type.Number()),
  terms: Type.Optional(Numbers),
  broken: Type.Array(Type.String()),
});
const Here = Type.Object({ place: Type.String(), region: Type.String(), models: Type.Array(Type.String()) });

const priceOnWire = <T extends { inputPriceWei: bigint; outputPriceWei: bigint }>(price: T) => ({
  ...price,
  inputPriceWei: price.inputPriceWei.toString(),
  outputPriceWei: price.outputPriceWei.toString(),
});

/** Tokens that a quote is for where its client does not say: twice what a chat that does not say is given. */
const quotedTokens = 1024;

/** Prices, reasons and places: what the market does, for whoever wants to know. */
export const marketRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const tags = ["market"];
  app.post(
    "/v1/quotes",
    {
      schema: {
        summary:
          "A signed price that binds this coordinator for five minutes, for jobs of the size that is asked for; send its hash as x-lode-quote",
        tags,
        security: [{ key: [] }],
        body: Type.Object({
          model: Type.String({ minLength: 1, maxLength: 128 }),
          latency: Type.Optional(Latency),
          region: Type.Optional(
            Type.Array(Type.Union([...new Set(places.map(({ region }) => region))].map((one) => Type.Literal(one))), {
              minItems: 1,
            }),
          ),
          pool: Type.Optional(Type.String({ maxLength: 32 })),
          tier: Type.Optional(Type.String({ maxLength: 32 })),
          max_tokens: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 32_768,
              default: quotedTokens,
              description: "Most that a job under it may make; one that may make more is refused with quote_exceeded",
            }),
          ),
          constrained: Type.Optional(
            Type.Boolean({
              default: false,
              description: "Whether its jobs may be held to a schema or a tool's arguments, which costs a little more",
            }),
          ),
        }),
        response: {
          200: Type.Object({
            hash: Bytes32,
            quote: structSchema("Quote"),
            signature: SignatureText,
            service: Type.Optional(ServiceTermsSchema),
            latency: Latency,
            price: Price,
            miners: Type.Array(AddressText),
          }),
          ...errorAnswers,
        },
      },
      config: { scopes: ["client"] },
    },
    async (request) => {
      const { body } = request;
      const client = request.key().account;
      const model = modelOf(app, body.model);
      const tier = tierOf({ model, tier: wantedTier(body.tier) });
      const { latency, pool, region } = body;
      const wishes = { latency, pool, regions: region === undefined ? undefined : new Set(region) };
      const { max_tokens: maxTokens = quotedTokens, constrained: isConstrained = false } = body;
      const decision = app.floor.choose({ client, model, tier, maxTokens, isConstrained, wishes });
      if (decision === undefined) throw new NoMinerError(model.id);
      const terms = { steps: promiseOf(model, latency), isOwn: true };
      const signed = app.ledger.quote(model.digest, tier, decision.price, terms);
      app.desk.give({ client, signed, bought: latency, maxTokens, isConstrained });
      return {
        hash: signed.quoteHash,
        quote: toWire("Quote", signed.quote),
        signature: signed.signature,
        ...(signed.service !== undefined && { service: signed.service }),
        latency: decision.latency,
        price: priceOnWire(decision.price),
        miners: decision.found.map(({ offer }) => offer.miner),
      };
    },
  );
  app.get(
    "/v1/jobs/:id/explanation",
    {
      schema: {
        summary:
          "Why a job went to its miner and what its price is made of; for whoever asked for it, while it is remembered",
        tags,
        security: [{ key: [] }],
        params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) }),
        response: {
          200: Type.Object({
            chosen: Type.Array(AddressText),
            isExploring: Type.Boolean(),
            considered: Type.Integer({
              description:
                "offers that were looked at for this: all, or where they are many the best and some of the others",
            }),
            candidates: Type.Array(Candidate, { description: "the best of them, and those that were chosen" }),
            others: Type.Record(Type.String(), Type.Integer(), {
              description:
                "why the rest of those that were looked at did not get it: how many break each rule; under cost, how many keep all and cost more",
            }),
            price: Price,
            /** What its miner was told of the jobs of this model that came with it; absent where it came alone. */
            batchHint: Type.Optional(
              Type.Object({
                miner: AddressText,
                size: Type.Integer({ description: "jobs to start together" }),
                windowMs: Type.Number({ description: "how long the first of them waits" }),
              }),
            ),
          }),
          ...errorAnswers,
        },
      },
      config: { scopes: ["client", "read"] },
    },
    async (request) => {
      const kept = app.floor.explanations.get(request.params.id);
      // A stranger's job is not told from one that never was.
      if (kept === undefined || kept.client !== request.key().account) {
        throw new ApiError(404, "not_found", "No such job is remembered here.");
      }
      const { client: _client, price, chosen, candidates, ...rest } = kept;
      return {
        ...rest,
        chosen: [...chosen],
        price: priceOnWire(price),
        candidates: candidates.map((one) => ({ ...one, broken: [...one.broken] })),
      };
    },
  );
  app.get(
    "/v1/regions",
    {
      schema: {
        summary: "Where this coordinator and its peers are, what they serve, and what miners should load",
        tags,
        response: {
          200: Type.Object({
            here: Here,
            peers: Type.Array(
              Type.Object({ url: Type.String(), place: Type.String(), models: Type.Array(Type.String()) }),
            ),
            wanted: Type.Array(Type.Object({ id: Type.String(), refused: Type.Integer() })),
          }),
          ...errorAnswers,
        },
      },
    },
    async () => {
      const { id: place, region } = app.floor.place;
      return {
        here: { place, region, models: [...app.hub.models().keys()] },
        peers: app.federation.peers.map(({ url, place: where, models }) => ({
          url,
          place: where,
          models: [...models],
        })),
        wanted: app.floor.shortage.wanted(app.nowMs()),
      };
    },
  );
  app.get(
    "/v1/miners/:miner",
    {
      schema: {
        summary: "A miner's record with this coordinator: trust, attempts, time online, quality, reviews",
        tags,
        params: Type.Object({ miner: AddressText }),
        response: {
          200: Type.Object({
            miner: AddressText,
            online: Type.Boolean(),
            trust: Type.Number(),
            trusted: Type.Boolean(),
            completed: Type.Integer(),
            failed: Type.Integer(),
            sessions: Type.Integer(),
            uptime: Type.Number(),
            qos: Type.Object({ score: Type.Number(), tier: Type.String() }),
            reviews: Type.Object({ stars: Type.Union([Type.Number(), Type.Null()]), count: Type.Integer() }),
          }),
          ...errorAnswers,
        },
      },
    },
    async ({ params }) => {
      const miner = params.miner.toLowerCase() as Hex;
      const nowMs = app.nowMs();
      const history = app.ledger.registry.of(miner, nowMs);
      if (history.sessions === 0) throw new ApiError(404, "not_found", "No such miner was ever connected here.");
      const { trust, isTrusted, completed, failed } = app.ledger.registry.standing(miner, nowMs);
      const session = app.hub.session(miner);
      const reviews = app.ledger.reviews.of(miner);
      const online = uptime(history, nowMs);
      const score = qosScore({
        ...(session && app.floor.qualityOf(session)),
        accuracy: reviews === undefined ? undefined : (reviews.stars - 1) / 4,
        uptime: online,
      });
      return {
        miner,
        online: session !== undefined,
        trust,
        trusted: isTrusted,
        completed,
        failed,
        sessions: history.sessions,
        uptime: online,
        qos: { score, tier: qosTier(score) },
        reviews: { stars: reviews?.stars ?? null, count: reviews?.count ?? 0 },
      };
    },
  );
};
