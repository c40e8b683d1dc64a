import { randomBytes } from "node:crypto";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { fromWire } from "@lode/sdk/typed-data";
import Type from "typebox";
import type { Booking, BookingProblem } from "../../domain/bookings/calendar.ts";
import { ApiError } from "../../errors.ts";
import { errorAnswers } from "../errors.ts";
import { modelOf } from "../inference/model.ts";

const Time = Type.String({ format: "date-time", maxLength: 40 });
const BookingAnswer = Type.Object({
  id: Type.String(),
  modelDigest: Type.String(),
  slots: Type.Integer(),
  from: Time,
  to: Time,
});

const sentences: Readonly<Record<BookingProblem, string>> = {
  empty: "A booking needs slots, and an end after its beginning.",
  too_soon: "A booking begins at least a minute from now.",
  too_long: "A booking is for a day at most.",
  too_far: "A booking begins within 30 days.",
  too_many: "You hold as many slots at that time, or as many bookings, as one client may.",
  no_room: "So many slots cannot be kept at that time.",
};

const onWire = ({ id, modelDigest, slots, fromMs, toMs }: Booking) => ({
  id,
  modelDigest,
  slots,
  from: new Date(fromMs).toISOString(),
  to: new Date(toMs).toISOString(),
});

/** Slots that are kept for later, and what clients thought of what they got. */
export const bookingRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const shared = { tags: ["market"], security: [{ key: [] }] };
  app.post(
    "/v1/bookings",
    {
      schema: {
        summary:
          "Keeps slots of a model for a time; unused for five minutes it lapses for good, and jobs are paid as always",
        ...shared,
        body: Type.Object({
          model: Type.String({ minLength: 1, maxLength: 128 }),
          slots: Type.Integer({ minimum: 1, maximum: 1024 }),
          from: Time,
          to: Time,
        }),
        response: { 201: BookingAnswer, ...errorAnswers },
      },
      config: { scopes: ["client"] },
    },
    async (request, reply) => {
      const { model, slots, from, to } = request.body;
      const { digest: modelDigest } = modelOf(app, model);
      const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
      if (Number.isNaN(fromMs) || Number.isNaN(toMs)) {
        throw new ApiError(400, "invalid_value", "'from' and 'to' must be times like 2026-12-01T10:00:00Z.");
      }
      const wanted = { client: request.key().account, modelDigest, slots, fromMs, toMs };
      const nowMs = app.nowMs();
      app.ledger.calendar.sweep(nowMs);
      const problem = app.ledger.calendar.problem(wanted, app.floor.slots(modelDigest).total, nowMs);
      if (problem !== undefined) {
        const isFull = problem === "no_room" || problem === "too_many";
        throw new ApiError(isFull ? 409 : 400, `booking_${problem}`, sentences[problem], { shouldRetry: false });
      }
      const booking = { ...wanted, id: `book-${randomBytes(12).toString("hex")}` };
      await app.ledger.note({ kind: "booking.made", ...booking, atMs: nowMs });
      return reply.code(201).send(onWire(booking));
    },
  );
  app.get(
    "/v1/bookings",
    {
      schema: {
        summary: "Your bookings that are not over and have not lapsed",
        ...shared,
        response: { 200: Type.Object({ data: Type.Array(BookingAnswer) }), ...errorAnswers },
      },
      config: { scopes: ["client", "read"] },
    },
    async (request) => {
      app.ledger.calendar.sweep(app.nowMs());
      return { data: app.ledger.calendar.of(request.key().account).map(onWire) };
    },
  );
  app.delete(
    "/v1/bookings/:id",
    {
      schema: {
        summary: "Gives a booking back",
        ...shared,
        params: Type.Object({ id: Type.String({ maxLength: 64 }) }),
        response: { 204: Type.Null(), ...errorAnswers },
      },
      config: { scopes: ["client"] },
    },
    async (request, reply) => {
      const { id } = request.params;
      app.ledger.calendar.sweep(app.nowMs());
      if (app.ledger.calendar.get(id)?.client !== request.key().account) {
        throw new ApiError(404, "not_found", "You have no such booking.");
      }
      await app.ledger.note({ kind: "booking.cancelled", id, atMs: app.nowMs() });
      return reply.code(204).send(null);
    },
  );
  app.post(
    "/v1/reviews",
    {
      schema: {
        summary: "What you think of a job that you paid for; once for each miner that served it",
        ...shared,
        body: Type.Object({
          job: Type.String({ minLength: 1, maxLength: 128 }),
          stars: Type.Integer({ minimum: 1, maximum: 5 }),
        }),
        response: { 201: Type.Object({ reviewed: Type.Integer() }), ...errorAnswers },
      },
      config: { scopes: ["client"] },
    },
    async (request, reply) => {
      const { job, stars } = request.body;
      const client = request.key().account;
      const entries = await app.ledger.receipts(job);
      const own = entries.filter((entry) => entry.client === client);
      if (own.length === 0) throw new ApiError(404, "not_found", "You paid for no such job here.");
      // By the receipts' own id: two names of one job must not count twice.
      const fresh = own.filter(({ receipt, miner }) => !app.ledger.reviews.has(receipt.assignment, miner));
      if (fresh.length === 0) throw new ApiError(409, "reviewed", "You reviewed this job.", { shouldRetry: false });
      for (const entry of fresh) {
        const { assignment, amountWei } = fromWire("Receipt", entry.receipt);
        const review = { jobId: assignment, client, miner: entry.miner, stars, amountWei: amountWei.toString() };
        await app.ledger.note({ kind: "review.made", ...review, atMs: app.nowMs() });
      }
      return reply.code(201).send({ reviewed: fresh.length });
    },
  );
};
