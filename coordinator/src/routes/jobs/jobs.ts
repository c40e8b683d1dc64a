import { createHash, createHmac, randomBytes } from "node:crypto";
import { join } from "node:path";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import Type, { type Static } from "typebox";
import { ApiError, toApiError } from "../../errors.ts";
import { requestText } from "../../plugins/app/answers/idempotency.ts";
import { benchmarkModel } from "../../plugins/app/hosting/models.ts";
import { JobFiles } from "../../plugins/app/jobs/job-files.ts";
import { Jobs, maximumOpenOfAccount } from "../../plugins/app/jobs/jobs.ts";
import { hasEnded, type JobRecord, type Webhook } from "../../plugins/app/jobs/record.ts";
import { addressesOf, callWebhook, signatureOf, WebhookError } from "../../plugins/app/jobs/webhook.ts";
import { secretFile } from "../../plugins/app/nodes/node-tokens.ts";
import { marketErrorAnswers } from "../errors.ts";
import { EventStream } from "../inference/event-stream.ts";
import { RequestHeaders } from "../inference/idempotent.ts";
import { modelOf } from "../inference/model.ts";
import { wishesOf, wishTextsOf } from "../inference/wishes.ts";
import { JobView, viewOf } from "./view.ts";
import { prepareWork, workloadOf } from "./work.ts";

const day = 24 * 3600;
const keyShape = /^[\x21-\x7e]{1,255}$/;
const callMs = 10_000;

const NewJob = Type.Object(
  {
    workload: Type.String({ maxLength: 32, description: "text, embedding, image, benchmark or classify" }),
    input: Type.Record(Type.String(), Type.Unknown(), {
      description:
        "text: the body of /v1/chat/completions or /v1/completions; embedding: of /v1/embeddings; image: of /v1/images/generations; benchmark: `prompt`; classify: `text`, `tier` zk, `salt`, `zk_job`",
    }),
    webhook: Type.Optional(
      Type.Object({
        url: Type.String({ minLength: 1, maxLength: 2048 }),
        secret: Type.Optional(Type.String({ minLength: 16, maxLength: 256, pattern: "^[\\x21-\\x7e]+$" })),
      }),
    ),
    expires_in_s: Type.Optional(Type.Integer({ minimum: 1, maximum: 7 * day, description: "How long it may wait" })),
    metadata: Type.Optional(
      Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 512 }), { maxProperties: 16 }),
    ),
  },
  { title: "NewJob", additionalProperties: false },
);

const ById = Type.Object({ id: Type.String({ pattern: "^job_[0-9a-f]{24}$" }) });
const Status = Type.Union([
  Type.Literal("queued"),
  Type.Literal("running"),
  Type.Literal("succeeded"),
  Type.Literal("failed"),
  Type.Literal("cancelled"),
  Type.Literal("expired"),
]);

/** `/v1/jobs`: work that goes on without its client, and tells it when it is done. */
export const jobRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const shared = { tags: ["jobs"], security: [{ key: [] }] };
  const writes = { scopes: ["client"] as const, errors: "market" as const };
  const reads = { ...writes, scopes: ["client", "read"] as const };
  const secret = secretFile(join(app.config.home, "jobs.key"));
  const jobs = makeJobs(app, secret);
  app.metrics.watchJobs((status) => jobs.count(status));
  app.addHook("onReady", () => jobs.start());
  app.addHook("preClose", () => jobs.stop());
  const jobOf = (request: FastifyRequest, { id }: Static<typeof ById>): JobRecord => {
    const record = jobs.get(request.key().account, id);
    if (record !== undefined) return record;
    throw new ApiError(
      404,
      "job_not_found",
      "There is no such job of this account; jobs are kept for a day after their end.",
    );
  };
  /** Contents are the holder's of a client's key: who may only look sees how it goes. */
  const whole = async (request: FastifyRequest, reply: FastifyReply, record: JobRecord): Promise<JobView> => {
    if (request.key().scope !== "client") return viewOf(record);
    const admit = (bytes: number): void => app.reopening.enter(request, reply, bytes);
    // What runs is polled, and has no result yet that could be large.
    return viewOf(record, await jobs.content(record, hasEnded(record) ? admit : undefined));
  };

  app.post(
    "/v1/jobs",
    {
      schema: {
        summary: "Begins a job of any workload; it goes on without its client, also after a restart",
        description: `At most ${maximumOpenOfAccount} that have not ended for an account. The webhook is called once with the job's end, signed.`,
        ...shared,
        headers: RequestHeaders,
        body: NewJob,
        response: { 200: JobView, 201: JobView, ...marketErrorAnswers },
      },
      config: { ...writes, inputModel: benchmarkModel },
    },
    async (request, reply) => {
      const { body } = request;
      const draft = await draftOf(app, request, body, secret);
      const { record, isNew } = await jobs.create(draft, body.input);
      if (!isNew) reply.header("idempotent-replayed", "true");
      const view = viewOf(record);
      const withSecret = view.webhook && { webhook: { ...view.webhook, secret: record.webhook?.secret ?? "" } };
      return reply
        .code(isNew ? 201 : 200)
        .header("location", `/v1/jobs/${record.id}`)
        .send({ ...view, ...withSecret });
    },
  );
  app.get(
    "/v1/jobs",
    {
      schema: {
        summary: "The account's jobs, the newest first, without their contents",
        ...shared,
        querystring: Type.Object({
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
          after: Type.Optional(
            Type.String({ maxLength: 64, description: "The id of the last job of the page before" }),
          ),
          status: Type.Optional(Status),
        }),
        response: {
          200: Type.Object({ object: Type.Literal("list"), data: Type.Array(JobView), has_more: Type.Boolean() }),
          ...marketErrorAnswers,
        },
      },
      config: reads,
    },
    async (request) => {
      const { limit = 20, after, status } = request.query;
      const all = jobs.list(request.key().account);
      const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
      if (after !== undefined && start === 0) {
        throw new ApiError(404, "job_not_found", "There is no such job to list after.", { param: "after" });
      }
      const rest = all.slice(start).filter((record) => status === undefined || record.status === status);
      const data = rest.slice(0, limit).map((record) => viewOf(record));
      return { object: "list" as const, data, has_more: rest.length > limit };
    },
  );
  app.get(
    "/v1/jobs/:id",
    {
      schema: {
        summary: "A job, with its result when it has ended",
        ...shared,
        params: ById,
        response: { 200: JobView, ...marketErrorAnswers },
      },
      config: reads,
    },
    async (request, reply) => whole(request, reply, jobOf(request, request.params)),
  );
  app.get(
    "/v1/jobs/:id/events",
    {
      schema: {
        summary: "A job's progress as server-sent events: `progress` with what came, then `end` with the whole job",
        ...shared,
        params: ById,
        response: {
          200: { description: "The events", content: { "text/event-stream": { schema: JobView } } },
          ...marketErrorAnswers,
        },
      },
      config: reads,
    },
    async (request, reply) => {
      const record = jobOf(request, request.params);
      const isClient = request.key().scope === "client";
      const { clientStallMs, keepAliveMs } = app.config;
      const headers = reply.getHeaders() as Record<string, string>;
      reply.hijack();
      const { raw } = reply;
      const stream = new EventStream(raw, { headers, clientStallMs, keepAliveMs, onStall: () => raw.destroy() });
      const { promise, resolve } = Promise.withResolvers<undefined>();
      raw.once("close", () => resolve(undefined));
      const show = (now: JobRecord, delta: string): void => {
        if (hasEnded(now)) return resolve(undefined);
        const text = isClient && delta !== "" ? { delta } : {};
        // Whoever does not read misses steps, not the end.
        if (!raw.writableNeedDrain) stream.write(eventOf("progress", { ...viewOf(now), ...text }));
      };
      const unlisten = jobs.listen(record, (event) => show(event.record, event.delta));
      show(jobs.get(record.account, record.id) ?? record, jobs.textSoFar(record));
      await promise;
      unlisten();
      const last = jobs.get(record.account, record.id);
      try {
        await stream.end(last !== undefined && hasEnded(last) ? eventOf("end", await whole(request, reply, last)) : "");
      } catch (error) {
        await stream.end(eventOf("error", toApiError(error).body()));
      }
      return reply;
    },
  );
  app.post(
    "/v1/jobs/:id/cancel",
    {
      schema: {
        summary: "Ends a job; what was delivered by then is billed",
        ...shared,
        params: ById,
        response: { 200: JobView, ...marketErrorAnswers },
      },
      config: writes,
    },
    async (request, reply) => {
      const record = jobOf(request, request.params);
      if (hasEnded(record)) {
        throw new ApiError(409, "job_ended", `The job is ${record.status} already.`, { shouldRetry: false });
      }
      return whole(request, reply, refuseUnsettled(await jobs.cancel(record)));
    },
  );
  app.delete(
    "/v1/jobs/:id",
    {
      schema: {
        summary: "Forgets a job that has ended, and ends one that has not",
        ...shared,
        params: ById,
        response: {
          200: Type.Object({ id: Type.String(), object: Type.Literal("job"), deleted: Type.Boolean() }),
          ...marketErrorAnswers,
        },
      },
      config: writes,
    },
    async (request) => {
      const record = jobOf(request, request.params);
      await jobs.remove(hasEnded(record) ? record : refuseUnsettled(await jobs.cancel(record)));
      return { id: record.id, object: "job" as const, deleted: true };
    },
  );
};

/** A job that was cancelled, where that is on the disk. Throws 409 where it is not yet. */
function refuseUnsettled(record: JobRecord): JobRecord {
  if (hasEnded(record)) return record;
  const message = "What becomes of the job is not settled yet; try again in a minute.";
  throw new ApiError(409, "job_unsettled", message, { headers: { "retry-after": "60" }, shouldRetry: true });
}

function eventOf(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A job that was checked, but not taken yet. Throws 400, 404. */
async function draftOf(
  app: FastifyInstance,
  request: FastifyRequest,
  body: Static<typeof NewJob>,
  secret: Buffer,
): Promise<JobRecord> {
  const { account, prefix } = request.key();
  const key = request.headers["idempotency-key"];
  if (key !== undefined && (typeof key !== "string" || !keyShape.test(key))) {
    throw new ApiError(400, "invalid_idempotency_key", "An Idempotency-Key has 1 to 255 printable characters.");
  }
  // The same key is the same job for ever: no other record of the key is needed, and no crash can come between.
  const named = key === undefined ? randomBytes(32) : createHmac("sha256", secret).update(`${account} ${key}`).digest();
  const id = `job_${named.toString("hex").slice(0, 24)}`;
  const createdMs = app.nowMs();
  const workload = workloadOf(body.workload);
  const { model } = await prepareWork(app, { id, createdMs, workload }, request.payer(), body.input);
  // The classifier is not served for tokens: whoever proves may come later.
  const wishes = wishTextsOf(request);
  if (workload !== "classify") refuseUnknownModel(app, model, wishesOf(request).cloud);
  if (wishesOf({ headers: wishes }).quote !== undefined) {
    const message = "A quote binds for minutes, and a job may wait for longer; send the most that it may cost instead.";
    throw new ApiError(400, "invalid_value", message, { param: "x-lode-quote" });
  }
  const webhook = body.webhook && (await webhookOf(app, body.webhook));
  return {
    id,
    account,
    key: prefix,
    workload,
    model,
    request: createHash("sha256")
      .update(requestText([body, wishes]))
      .digest("hex"),
    status: "queued",
    createdMs,
    startedMs: undefined,
    finishedMs: undefined,
    expiresMs: createdMs + (body.expires_in_s ?? day) * 1000,
    outputChars: 0,
    webhook,
    metadata: body.metadata ?? {},
    wishes,
  };
}

/** A job may wait for miners that are away, but not for a model that nobody has. */
function refuseUnknownModel(app: FastifyInstance, model: string, mayBeCloud?: boolean): void {
  try {
    modelOf(app, model, mayBeCloud);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "no_miner") throw error;
  }
}

async function webhookOf(app: FastifyInstance, given: { url: string; secret?: string }): Promise<Webhook> {
  try {
    await addressesOf(given.url, callOptions(app));
  } catch (error) {
    // A name that cannot be resolved now may be when the job is done.
    if (!(error instanceof WebhookError)) throw error;
    if (!error.retryable) throw new ApiError(400, error.code, error.message, { param: "webhook.url", cause: error });
  }
  const secret = given.secret ?? `whsec_${randomBytes(24).toString("base64url")}`;
  return { url: given.url, secret, state: "waiting", attempts: 0, nextMs: 0, lastStatus: undefined };
}

const callOptions = (app: FastifyInstance) => ({
  allowLoopback: app.config.webhookAllowLoopback,
  timeoutMs: callMs,
});

function makeJobs(app: FastifyInstance, key: Buffer): Jobs {
  const { config, ledger } = app;
  const nowMs = (): number => app.nowMs();
  return new Jobs({
    files: new JobFiles(join(config.home, "jobs"), key),
    ledger,
    nowMs,
    livedMs: app.lived.nowMs,
    concurrency: config.jobsConcurrency,
    retryMs: config.webhookRetryMs,
    log: (level, fields, message) => app.log[level](fields, message),
    async work(record, input, hooks) {
      const payer = { client: record.account, key: record.key };
      const work = await prepareWork(app, record, payer, input, wishesOf({ headers: record.wishes ?? {} }));
      return work.run(hooks);
    },
    async tell(webhook, record) {
      const atMs = nowMs();
      // Contents stay here: whoever knows the URL is not yet whoever may read.
      const data = viewOf(record);
      const event = {
        id: `evt_${record.id.slice(4)}`,
        type: `job.${record.status}`,
        created_at: new Date(atMs).toISOString(),
        data,
      };
      const body = JSON.stringify(event);
      const headers = {
        "content-type": "application/json",
        "user-agent": `lode-coordinator/${app.release}`,
        "lode-webhook-id": event.id,
        "lode-webhook-attempt": String(webhook.attempts + 1),
        "lode-signature": signatureOf(webhook.secret, body, atMs),
      };
      const status = await callWebhook(webhook.url, { body, headers }, callOptions(app));
      app.metrics.webhook(status >= 200 && status < 300 ? "delivered" : "refused");
      return status;
    },
    onEnd: ({ workload, status }) => app.metrics.jobEnded(workload, status),
  });
}
