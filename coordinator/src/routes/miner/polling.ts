import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { AddressText, Bytes32, Decimal } from "@lode/protocol";
import type { Hex } from "@lode/sdk/hash";
import type { FastifyInstance } from "fastify";
import Type, { type Static, type TSchema } from "typebox";
import { Value } from "typebox/value";
import { ApiError } from "../../errors.ts";
import type { Host } from "../../plugins/app/hosting/host.ts";
import type { Node, NodeReport } from "../../plugins/app/nodes/registry.ts";
import { Gpu, gpuOf, hear, MachineId, Names, refuseOtherMachine } from "../nodes/fields.ts";
import { marketErrorAnswers } from "../errors.ts";
import { PolledJob, viewOfJob } from "./polled-job.ts";

const Time = Type.String({ format: "date-time" });

/** What a heartbeat can say beside who it is. Scripts have fields of these names that mean something else to them. */
const said = {
  status: Type.Union([Type.Literal("available"), Type.Literal("busy"), Type.Literal("draining")]),
  workloads: Names,
  models: Names,
  concurrency: Type.Integer({ minimum: 1, maximum: 1024 }),
  limits: Type.Object({ max_runtime_s: Type.Optional(Type.Number({ exclusiveMinimum: 0 })) }),
} as const;
type Said = { readonly [Name in keyof typeof said]?: Static<(typeof said)[Name]> };
const orAnything = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Unknown()]));

const Heartbeat = Type.Object(
  {
    miner_id: MachineId,
    wallet: Type.Optional(Type.Union([AddressText, Type.Null()], { description: "The key's account" })),
    mode: Type.Optional(Type.Union([Type.String({ maxLength: 32 }), Type.Null()])),
    gpu: Type.Optional(Type.Unknown({ description: "P5's fields where there is a GPU; anything else is only a word" })),
    status: orAnything(said.status),
    workloads: orAnything(said.workloads),
    models: orAnything(said.models),
    concurrency: orAnything(said.concurrency),
    limits: orAnything(said.limits),
  },
  {
    title: "MinerHeartbeat",
    description: "Unknown fields are taken and ignored, and so are known ones of another kind",
  },
);

const Metrics = Type.Record(Type.String(), Type.Unknown(), {
  description: "The miner's own figures; numbers are passed on to the client, of 64 at most",
});

const Proof = Type.Object(
  {
    id: Bytes32,
    mode: Type.Optional(Type.Union([Type.String({ maxLength: 32 }), Type.Null()])),
    output_sha: Type.String({ pattern: "^(sha256:|0x)?[0-9a-fA-F]{64}$", description: "sha256 of the output, as hex" }),
    output: Type.Optional(Type.Union([Type.String(), Type.Null()], { description: "The text; needed for text jobs" })),
    metrics: Type.Optional(Type.Union([Metrics, Type.Unknown()])),
  },
  { title: "MinerProof", description: "Unknown fields are taken and ignored" },
);

const mostFigures = 64;
/** How long a proof's answer waits for its receipt; a client that reads slowly may hold it up. */
const receiptMs = 15_000;

/** Simple miners that poll over HTTP: a key, a heartbeat, a job, a proof. */
export const pollingRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const shared = { tags: ["miner"], security: [{ key: [] }] };
  const config = { scopes: ["miner"] as const, errors: "market" as const };
  app.post(
    "/v1/miner/heartbeat",
    {
      schema: {
        summary: "A polling miner is there",
        ...shared,
        body: Heartbeat,
        response: {
          200: Type.Object({
            ok: Type.Literal(true),
            miner_id: Type.String(),
            status: Type.String(),
            host: Type.Union([AddressText, Type.Null()], { description: "Who signs its receipts; null: no work here" }),
            ignored: Type.Optional(Type.Array(Type.String(), { description: "Fields that are not what is read here" })),
            server_time: Time,
            heartbeat_secs: Type.Number(),
          }),
          ...marketErrorAnswers,
        },
      },
      config,
    },
    async (request) => {
      const { body } = request;
      const { account } = request.key();
      if (typeof body.wallet === "string" && body.wallet.toLowerCase() !== account) {
        throw new ApiError(
          403,
          "wrong_wallet",
          "The key belongs to another wallet; a miner earns for its key's account.",
          {
            param: "wallet",
          },
        );
      }
      const { known, ignored } = saidIn(body);
      const node = await hear(app, request, body.miner_id, "poll", reportOf(body, known));
      return {
        ok: true as const,
        miner_id: node.id,
        status: app.nodes.statusOf(node),
        host: app.host?.address ?? null,
        ...(ignored.length > 0 && { ignored }),
        server_time: new Date(app.nowMs()).toISOString(),
        heartbeat_secs: app.config.heartbeatSecs,
      };
    },
  );
  app.get(
    "/v1/miner/next",
    {
      schema: {
        summary: "The next job for a polling miner; 204 when there is none",
        ...shared,
        querystring: Type.Object({
          miner: MachineId,
          slots: Type.Optional(Type.Integer({ minimum: 0, maximum: 1024, description: "Jobs it can begin now" })),
        }),
        response: { 200: PolledJob, 204: Type.Null({ description: "Nothing to do" }), ...marketErrorAnswers },
      },
      config,
    },
    async (request, reply) => {
      const { miner, slots = 1 } = request.query;
      refuseOtherMachine(request, miner);
      const host = hostOf(app, request.key().account);
      if (app.nodes.get(request.key().account, miner) === undefined) {
        throw new ApiError(
          404,
          "unknown_miner",
          "No heartbeat of this miner was heard: POST /v1/miner/heartbeat first.",
        );
      }
      const node = await hear(app, request, miner, "poll", {});
      const job = host.next(node, slots);
      if (job === undefined) return reply.code(204).send(null);
      return viewOfJob(job);
    },
  );
  app.post(
    "/v1/miner/proof",
    {
      schema: {
        summary: "Hands in a job's work; the same proof again gets the same answer",
        ...shared,
        body: Proof,
        response: {
          200: Type.Object({
            id: Bytes32,
            status: Type.Union([Type.Literal("accepted"), Type.Literal("pending")]),
            amount_wei: Type.Optional(Decimal),
            log_index: Type.Optional(Type.Integer()),
            work_salt: Type.Optional(Bytes32),
            host: AddressText,
          }),
          ...marketErrorAnswers,
        },
      },
      config,
    },
    async (request) => {
      const { account } = request.key();
      const host = hostOf(app, account);
      const { id: given, output_sha, output, metrics } = request.body;
      const id = given.toLowerCase() as Hex;
      const proof = {
        outputSha: `0x${output_sha.slice(-64).toLowerCase()}` as const,
        output: output ?? undefined,
        metrics: figuresOf(metrics),
      };
      const proved = await within(host.prove(account, id, proof), receiptMs);
      if (proved === undefined) return { id, status: "pending" as const, host: host.address };
      return {
        id,
        status: "accepted" as const,
        amount_wei: proved.creditWei.toString(),
        log_index: proved.logIndex,
        ...(proved.jobSalt !== undefined && { work_salt: proved.jobSalt }),
        host: host.address,
      };
    },
  );
};

/** Throws 503 where nobody hosts polling miners, 403 for the host itself, which cannot owe itself. */
function hostOf(app: FastifyInstance, account: Hex): Host {
  const { host } = app;
  if (host === undefined) {
    throw new ApiError(
      503,
      "no_host",
      "This coordinator hosts no polling miners: its operator has made no host wallet.",
      {
        shouldRetry: false,
      },
    );
  }
  if (host.address !== account) return host;
  throw new ApiError(403, "own_wallet", "The host cannot poll for itself; use another wallet.");
}

/** A heartbeat's own fields as far as they are what is read here, and the names of the others. */
function saidIn(body: Static<typeof Heartbeat>): { known: Said; ignored: string[] } {
  const given = Object.entries(said).flatMap(([name, schema]) => {
    const value = body[name as keyof Said];
    return value === undefined || value === null ? [] : [{ name, value, isKnown: Value.Check(schema, value) }];
  });
  const known = given.filter(({ isKnown }) => isKnown).map(({ name, value }) => [name, value]);
  return { known: Object.fromEntries(known) as Said, ignored: given.flatMap((one) => (one.isKnown ? [] : [one.name])) };
}

function reportOf({ mode, gpu }: Static<typeof Heartbeat>, known: Said): NodeReport {
  const { status, workloads, models, concurrency, limits } = known;
  const gpus = gpusOf(gpu);
  return {
    ...(typeof mode === "string" && { mode }),
    ...(gpus !== undefined && { gpus }),
    status: status ?? "available",
    ...(workloads !== undefined && { workloads }),
    ...(models !== undefined && { models }),
    ...(concurrency !== undefined && { concurrency }),
    ...(limits?.max_runtime_s !== undefined && { maxRuntimeSecs: limits.max_runtime_s }),
  };
}

/** A GPU is described in many ways by scripts: what can be read of it is taken. */
function gpusOf(gpu: unknown): Node["report"]["gpus"] {
  if (gpu === undefined || gpu === null || gpu === false) return undefined;
  if (typeof gpu === "string") return [{ name: gpu.slice(0, 256) }];
  return (Array.isArray(gpu) ? gpu : [gpu]).slice(0, 32).flatMap((one) => (Value.Check(Gpu, one) ? [gpuOf(one)] : []));
}

/** What can be read of a miner's figures: a proof that is good is not refused for them. */
function figuresOf(metrics: unknown): Record<string, number> {
  if (typeof metrics !== "object" || metrics === null || Array.isArray(metrics)) return {};
  const numbers = Object.entries(metrics).filter((entry): entry is [string, number] => Number.isFinite(entry[1]));
  return Object.fromEntries(numbers.filter(([name]) => /^[A-Za-z0-9_.:/-]{1,64}$/.test(name)).slice(0, mostFigures));
}

async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
