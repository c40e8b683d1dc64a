import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import {
  AddressText,
  AnchorView,
  ExplorerInfo,
  LiabilitiesView,
  MinerDetail,
  MinerPage,
  ModelPage,
  RunningJob,
} from "@lode/protocol";
import type { Hex } from "@lode/sdk/hash";
import Type from "typebox";
import { ApiError } from "../../errors.ts";
import { errorAnswers } from "../errors.ts";
import { cardOf, modelName } from "./cards.ts";
import { daysOf } from "./days.ts";
import { modelPage } from "./models.ts";

/** Items in one answer. */
const mostShown = 200;
const minerDays = 30;
const minerEvents = 20;

const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: mostShown }));

/** What the explorer's pages show of this coordinator: everything here is public. */
export const explorerRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const tags = ["explorer"];
  app.get(
    "/v1/explorer",
    {
      schema: {
        summary: "This coordinator in figures, and where its chain can be read",
        tags,
        response: { 200: ExplorerInfo, ...errorAnswers },
      },
    },
    async (): Promise<ExplorerInfo> => {
      const { config, chain, ledger, floor, hub } = app;
      const { chainId, deployedAtBlock, ...addresses } = chain.addresses;
      const { receipts, clients, debitedWei, creditedWei } = ledger.books.totals();
      const { lastAnchor } = ledger.books;
      const { id: place, region } = floor.place;
      return {
        coordinator: ledger.coordinator,
        version: app.release,
        now: new Date(app.nowMs()).toISOString(),
        place,
        region,
        chain: {
          id: chainId,
          rpcUrl: config.publicRpcUrl ?? null,
          graphqlUrl: config.publicGraphqlUrl ?? null,
          addresses,
          deployedAtBlock,
        },
        prices: {
          inputPriceWei: config.inputPriceWei.toString(),
          outputPriceWei: config.outputPriceWei.toString(),
          feePpm: config.feePpm,
        },
        miners: { online: hub.size, known: ledger.books.miners().size },
        jobs: { running: ledger.openAttempts },
        books: { receipts, clients, debitedWei: debitedWei.toString(), creditedWei: creditedWei.toString() },
        anchor: lastAnchor === undefined ? null : anchorOf({ ...lastAnchor, at: new Date(lastAnchor.atMs) }),
      };
    },
  );
  app.get(
    "/v1/explorer/jobs",
    {
      schema: {
        summary: "Attempts that have no receipt yet, the newest first",
        tags,
        querystring: Type.Object({ limit: Limit }),
        response: { 200: Type.Object({ jobs: Type.Array(RunningJob) }), ...errorAnswers },
      },
    },
    async ({ query }) => ({
      jobs: app.ledger.books.openAttempts(query.limit ?? 50).map(({ digest, assignment, state, assignedAtMs }) => ({
        assignment: digest,
        miner: assignment.miner,
        model: modelName(app, assignment.modelDigest),
        modelDigest: assignment.modelDigest,
        state,
        attempt: assignment.attempt,
        startedAt: new Date(assignedAtMs).toISOString(),
        maxOutputTokens: assignment.maxOutputTokens,
        maxAmountWei: assignment.maxAmountWei.toString(),
      })),
    }),
  );
  app.get(
    "/v1/explorer/miners",
    {
      schema: {
        summary: "Every miner that was ever here: connected ones first, then by what they earned",
        tags,
        querystring: Type.Object({
          start: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 })),
          limit: Limit,
        }),
        response: { 200: MinerPage, ...errorAnswers },
      },
    },
    async ({ query }) => {
      const { start = 0, limit = 100 } = query;
      const all = [...app.ledger.books.miners()].map((miner) => ({
        miner,
        isOnline: app.hub.session(miner) !== undefined,
        ...app.ledger.books.creditOf(miner),
      }));
      all.sort(
        (a, b) =>
          Number(b.isOnline) - Number(a.isOnline) ||
          (a.creditedWei === b.creditedWei ? (a.miner < b.miner ? -1 : 1) : a.creditedWei < b.creditedWei ? 1 : -1),
      );
      return { miners: all.slice(start, start + limit).map(({ miner }) => cardOf(app, miner)), total: all.length };
    },
  );
  app.get(
    "/v1/explorer/miners/:miner",
    {
      schema: {
        summary: "One miner: its record, its machine, what it earned by day and has not collected, its last events",
        tags,
        params: Type.Object({ miner: AddressText }),
        response: { 200: MinerDetail, ...errorAnswers },
      },
    },
    async ({ params }) => {
      const miner = params.miner.toLowerCase() as Hex;
      if (!app.ledger.books.miners().has(miner)) {
        throw new ApiError(404, "not_found", "No such miner was ever connected here.");
      }
      const [collectedWei, days, events] = await Promise.all([
        app.chain.collectedWei(miner),
        daysOf(app, "miner", miner, minerDays),
        app.ledger.books.minerEvents(miner, minerEvents),
      ]);
      return {
        card: cardOf(app, miner),
        collectedWei: collectedWei.toString(),
        days,
        events: events.map(({ event, at }) => ({ event, at: at.toISOString() })),
      };
    },
  );
  app.get(
    "/v1/explorer/models",
    {
      schema: {
        summary: "Models with their prices by region, and the places where miners are",
        tags,
        response: { 200: ModelPage, ...errorAnswers },
      },
    },
    async () => modelPage(app),
  );
  app.get(
    "/v1/explorer/epochs",
    {
      schema: {
        summary: "Anchors of the log, the latest first",
        tags,
        querystring: Type.Object({
          before: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 })),
          limit: Limit,
        }),
        response: { 200: Type.Object({ epochs: Type.Array(AnchorView) }), ...errorAnswers },
      },
    },
    async ({ query }) => ({
      epochs: (await app.ledger.books.anchors(query.before, query.limit ?? 50)).map(anchorOf),
    }),
  );
  app.get(
    "/v1/explorer/liabilities",
    {
      schema: {
        summary: "What this coordinator owes its miners, and what its clients signed for that it did not collect",
        tags,
        response: { 200: LiabilitiesView, ...errorAnswers },
      },
    },
    async () => {
      const [owed, receivableWei] = await Promise.all([app.ledger.books.owed(), app.ledger.books.receivableWei()]);
      return {
        owedWei: owed.reduce((sum, { outstandingWei }) => sum + outstandingWei, 0n).toString(),
        receivableWei: receivableWei?.toString() ?? null,
        creditors: owed.length,
        lines: owed.slice(0, mostShown).map(({ miner, creditedWei, collectedWei, outstandingWei }) => ({
          miner,
          creditedWei: creditedWei.toString(),
          collectedWei: collectedWei.toString(),
          outstandingWei: outstandingWei.toString(),
        })),
      };
    },
  );
};

function anchorOf(anchor: Omit<AnchorView, "at"> & { readonly at: Date }): AnchorView {
  const { epoch, size, root, liabilitiesRoot, transaction, at } = anchor;
  return { epoch, size, root, liabilitiesRoot, transaction, at: at.toISOString() };
}
