import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import Type, { type Static } from "typebox";
import { ApiError } from "../../errors.ts";
import type { NodeReport } from "../../plugins/app/nodes/registry.ts";
import { marketErrorAnswers } from "../errors.ts";
import { Gpu, gpuOf, hear, MachineId, Names, NodeView, viewOf } from "./fields.ts";

const Text = Type.String({ maxLength: 256 });
const Figure = Type.Number({ minimum: 0, maximum: 1e12 });
const Percent = Type.Number({ minimum: 0, maximum: 100 });
const Time = Type.String({ format: "date-time" });

const Capabilities = Type.Object({
  workloads: Type.Optional(Names),
  models: Type.Optional(Names),
  concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 1024 })),
  limits: Type.Optional(Type.Object({ max_runtime_s: Type.Optional(Type.Number({ exclusiveMinimum: 0 })) })),
});

const Registration = Type.Object({
  node_id: MachineId,
  hardware: Type.Optional(
    Type.Object({ gpus: Type.Optional(Type.Array(Gpu, { maxItems: 32 })), ram_mb: Type.Optional(Figure) }),
  ),
  location: Type.Optional(
    Type.Union([
      Text,
      Type.Object({ region: Type.Optional(Text), country: Type.Optional(Text), city: Type.Optional(Text) }),
    ]),
  ),
  capabilities: Type.Optional(Type.Union([Names, Capabilities], { description: "Workloads, or all of M10's fields" })),
  version: Type.Optional(Text),
});

const Metrics = Type.Object({
  node_id: Type.Optional(MachineId),
  cpu: Type.Optional(Type.Object({ utilization_pct: Type.Optional(Percent) })),
  ram: Type.Optional(Type.Object({ used_mb: Type.Optional(Figure), total_mb: Type.Optional(Figure) })),
  gpus: Type.Optional(Type.Array(Gpu, { maxItems: 32 })),
  network: Type.Optional(Type.Object({ latency_ms: Type.Optional(Figure) })),
});

const AgentHeartbeat = Type.Object({
  agent_id: MachineId,
  status: Type.Union([
    Type.Literal("available"),
    Type.Literal("busy"),
    Type.Literal("degraded"),
    Type.Literal("draining"),
  ]),
  current_load: Type.Number({ minimum: 0, maximum: 1 }),
  gpu_state: Type.Optional(Type.Union([Gpu, Type.Null()])),
  network_latency_ms: Type.Optional(Figure),
  models_loaded: Type.Optional(Names),
});

const Heard = Type.Object({ ok: Type.Literal(true), server_time: Time, next_in_s: Type.Number() });

/** How often a machine reports its figures. */
const metricsSecs = 60;

/** Machines by registration and metrics, and by the pooled agent's heartbeat: two more faces of the registry of pollers. */
export const nodeRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const shared = { tags: ["nodes"], security: [{ key: [] }] };
  const config = { scopes: ["miner"] as const, errors: "market" as const };
  const heard = (secs: number): Static<typeof Heard> => ({
    ok: true,
    server_time: new Date(app.nowMs()).toISOString(),
    next_in_s: secs,
  });
  app.post(
    "/nodes/register",
    {
      schema: {
        summary: "Registers a machine of the key's account; its token is good for 30 days, for polling too",
        ...shared,
        body: Registration,
        response: {
          201: Type.Object({ token: Type.String(), expires_at: Time, node_id: Type.String() }),
          ...marketErrorAnswers,
        },
      },
      config,
    },
    async (request, reply) => {
      const { node_id } = request.body;
      await hear(app, request, node_id, "node", reportOf(request.body));
      const { account, prefix } = request.key();
      const { token, expiresMs } = app.nodeTokens.issue({ account, nodeId: node_id, key: prefix });
      return reply.code(201).send({ token, expires_at: new Date(expiresMs).toISOString(), node_id });
    },
  );
  app.post(
    "/nodes/metrics",
    {
      schema: {
        summary: "A machine's figures, once a minute: processor, memory, each GPU, network",
        ...shared,
        body: Metrics,
        response: { 200: Heard, ...marketErrorAnswers },
      },
      config,
    },
    async (request) => {
      const id = request.body.node_id ?? request.machineId;
      if (id === null)
        throw new ApiError(400, "missing_node_id", "Name the machine: 'node_id', or send its own token.");
      const known = app.nodes.get(request.key().account, id);
      // A token proves that the machine registered, also when this process does not remember it.
      if (known === undefined && request.machineId === null) {
        throw new ApiError(404, "unknown_node", "Register the machine first: POST /nodes/register.");
      }
      await hear(app, request, id, "node", figuresOf(request.body));
      return heard(metricsSecs);
    },
  );
  app.post(
    "/v1/agents/heartbeat",
    {
      schema: {
        summary: "A pooled agent's heartbeat",
        ...shared,
        body: AgentHeartbeat,
        response: { 200: Heard, ...marketErrorAnswers },
      },
      config,
    },
    async (request) => {
      const { agent_id, status, current_load, gpu_state, network_latency_ms, models_loaded } = request.body;
      await hear(app, request, agent_id, "agent", {
        status,
        load: current_load,
        ...(gpu_state !== undefined && gpu_state !== null && { gpus: [gpuOf(gpu_state)] }),
        ...(network_latency_ms !== undefined && { latencyMs: network_latency_ms }),
        ...(models_loaded !== undefined && { models: models_loaded }),
      });
      return heard(app.config.heartbeatSecs);
    },
  );
  app.get(
    "/nodes",
    {
      schema: {
        summary: "The account's machines as they were heard last, whatever interface they use",
        ...shared,
        response: { 200: Type.Object({ nodes: Type.Array(NodeView) }), ...marketErrorAnswers },
      },
      config: { ...config, scopes: ["miner", "read"] as const },
    },
    async (request) => ({ nodes: app.nodes.of(request.key().account).map((node) => viewOf(app, node)) }),
  );
};

function reportOf({ hardware, location, capabilities, version }: Static<typeof Registration>): NodeReport {
  const given = Array.isArray(capabilities) ? { workloads: capabilities } : (capabilities ?? {});
  const { workloads, models, concurrency, limits } = given;
  const place = typeof location === "object" ? [location.city, location.region, location.country] : [location];
  const at = place.filter((part) => part !== undefined && part !== "").join(", ");
  return {
    ...(hardware?.gpus !== undefined && { gpus: hardware.gpus.map(gpuOf) }),
    ...(hardware?.ram_mb !== undefined && { ramTotalMb: hardware.ram_mb }),
    ...(at !== "" && { location: at }),
    ...(workloads !== undefined && { workloads }),
    ...(models !== undefined && { models }),
    ...(concurrency !== undefined && { concurrency }),
    ...(limits?.max_runtime_s !== undefined && { maxRuntimeSecs: limits.max_runtime_s }),
    ...(version !== undefined && { version }),
  };
}

/** The busiest part is the machine's load. */
function figuresOf({ cpu, ram, gpus, network }: Static<typeof Metrics>): NodeReport {
  const shares = [cpu?.utilization_pct, ...(gpus ?? []).map((gpu) => gpu.utilization_pct)];
  const known = shares.filter((share) => share !== undefined);
  return {
    ...(known.length > 0 && { load: Math.max(...known) / 100 }),
    ...(cpu?.utilization_pct !== undefined && { cpuPct: cpu.utilization_pct }),
    ...(ram?.used_mb !== undefined && { ramUsedMb: ram.used_mb }),
    ...(ram?.total_mb !== undefined && { ramTotalMb: ram.total_mb }),
    ...(gpus !== undefined && { gpus: gpus.map(gpuOf) }),
    ...(network?.latency_ms !== undefined && { latencyMs: network.latency_ms }),
  };
}
