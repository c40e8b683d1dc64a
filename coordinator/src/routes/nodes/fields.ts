import { ApiError } from "../../errors.ts";
import type { GpuState, Node } from "../../plugins/app/nodes/registry.ts";
import type { FastifyInstance, FastifyRequest } from "fastify";
import Type, { type Static } from "typebox";
import type { Face, NodeReport } from "../../plugins/app/nodes/registry.ts";

/** A machine's own name, unique within its account. */
export const MachineId = Type.String({ minLength: 1, maxLength: 64, pattern: "^[A-Za-z0-9._:-]+$" });
export const Names = Type.Array(Type.String({ maxLength: 128 }), { maxItems: 64 });
const Figure = Type.Number({ minimum: 0, maximum: 1e9 });

/** P5's words for a GPU, which the other interfaces share. Fields that are not here are taken and ignored. */
export const Gpu = Type.Object({
  name: Type.Optional(Type.String({ maxLength: 256 })),
  temperature_c: Type.Optional(Type.Number({ minimum: -100, maximum: 1000 })),
  vram_used_mb: Type.Optional(Figure),
  vram_total_mb: Type.Optional(Figure),
  utilization_pct: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
});
type Gpu = Static<typeof Gpu>;

export function gpuOf(gpu: Gpu): GpuState {
  const { name, temperature_c, vram_used_mb, vram_total_mb, utilization_pct } = gpu;
  return {
    ...(name !== undefined && { name }),
    ...(temperature_c !== undefined && { temperatureC: temperature_c }),
    ...(vram_used_mb !== undefined && { vramUsedMb: vram_used_mb }),
    ...(vram_total_mb !== undefined && { vramTotalMb: vram_total_mb }),
    ...(utilization_pct !== undefined && { utilizationPct: utilization_pct }),
  };
}

export const NodeView = Type.Object(
  {
    id: Type.String(),
    account: Type.String(),
    interface: Type.Union([Type.Literal("poll"), Type.Literal("node"), Type.Literal("agent")]),
    status: Type.String({ description: "available, busy, degraded, draining or offline" }),
    registered_at: Type.String({ format: "date-time" }),
    last_seen_at: Type.String({ format: "date-time" }),
    load: Type.Optional(Type.Number()),
    mode: Type.Optional(Type.String()),
    gpus: Type.Optional(Type.Array(Gpu)),
    cpu_pct: Type.Optional(Type.Number()),
    ram_used_mb: Type.Optional(Type.Number()),
    ram_total_mb: Type.Optional(Type.Number()),
    network_latency_ms: Type.Optional(Type.Number()),
    models: Type.Optional(Names),
    workloads: Type.Optional(Names),
    concurrency: Type.Optional(Type.Integer()),
    location: Type.Optional(Type.String()),
    version: Type.Optional(Type.String()),
  },
  { title: "Node" },
);

/** A machine as every interface shows it. */
export function viewOf(app: FastifyInstance, node: Node): Static<typeof NodeView> {
  const { report } = node;
  const { load, mode, gpus, cpuPct, ramUsedMb, ramTotalMb, latencyMs, models, workloads, concurrency } = report;
  return {
    id: node.id,
    account: node.account,
    interface: node.face,
    status: app.nodes.statusOf(node),
    registered_at: new Date(node.registeredMs).toISOString(),
    last_seen_at: new Date(node.lastSeenMs).toISOString(),
    ...(load !== undefined && { load }),
    ...(mode !== undefined && { mode }),
    ...(gpus !== undefined && { gpus: gpus.map(gpuView) }),
    ...(cpuPct !== undefined && { cpu_pct: cpuPct }),
    ...(ramUsedMb !== undefined && { ram_used_mb: ramUsedMb }),
    ...(ramTotalMb !== undefined && { ram_total_mb: ramTotalMb }),
    ...(latencyMs !== undefined && { network_latency_ms: latencyMs }),
    ...(models !== undefined && { models: [...models] }),
    ...(workloads !== undefined && { workloads: [...workloads] }),
    ...(concurrency !== undefined && { concurrency }),
    ...(report.location !== undefined && { location: report.location }),
    ...(report.version !== undefined && { version: report.version }),
  };
}

function gpuView({ name, temperatureC, vramUsedMb, vramTotalMb, utilizationPct }: GpuState): Gpu {
  return {
    ...(name !== undefined && { name }),
    ...(temperatureC !== undefined && { temperature_c: temperatureC }),
    ...(vramUsedMb !== undefined && { vram_used_mb: vramUsedMb }),
    ...(vramTotalMb !== undefined && { vram_total_mb: vramTotalMb }),
    ...(utilizationPct !== undefined && { utilization_pct: utilizationPct }),
  };
}

/** Notes what a machine of the request's account says. A machine's own token speaks for that machine only. Throws 403, 429. */
export async function hear(
  app: FastifyInstance,
  request: FastifyRequest,
  id: string,
  face: Face,
  report: NodeReport,
): Promise<Node> {
  refuseOtherMachine(request, id);
  const node = app.nodes.hear(request.key().account, id, face, report);
  if (node === undefined) {
    throw new ApiError(
      429,
      "too_many_machines",
      "The account has too many machines; those that are offline make room.",
    );
  }
  await app.host?.refresh();
  return node;
}

export function refuseOtherMachine(request: FastifyRequest, id: string): void {
  if (request.machineId === null || request.machineId === id) return;
  throw new ApiError(403, "other_machine", "A machine's token speaks for that machine only.");
}
