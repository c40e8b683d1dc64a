import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { FleetView } from "@lode/protocol";
import { ApiError } from "../../errors.ts";
import type { MinerSession } from "../../plugins/app/relay/session.ts";
import { errorAnswers } from "../errors.ts";

/** Miners in one answer: more than a page shows. */
const mostMiners = 500;

/** `GET /v1/operator/fleet`: what is connected, what waits, how long first tokens take. For the operator only. */
export const fleetRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    "/v1/operator/fleet",
    {
      schema: {
        summary: "Connected miners, queues and first-token latencies by minute, for the operator's admin key",
        tags: ["operations"],
        security: [{ key: [] }],
        response: { 200: FleetView, ...errorAnswers },
      },
      config: { scopes: ["admin"] },
    },
    async (request): Promise<FleetView> => {
      if (request.key().account !== app.ledger.coordinator) {
        throw new ApiError(403, "not_operator", "Only the operator's admin key sees the fleet.");
      }
      const { fromMs, minuteCount, rows } = app.latencyMinutes.rows(app.nowMs());
      return {
        miners: [...app.hub.sessions].slice(0, mostMiners).map(lineOf),
        queue: [...app.hub.models().values()].map(({ id, digest }) => {
          const { total, used, queued } = app.floor.slots(digest);
          return { model: id, total, used, queued };
        }),
        latency: {
          from: new Date(fromMs).toISOString(),
          minuteCount,
          rows: rows.slice(0, mostMiners).map(({ miner, cells }) => ({ miner, cells: [...cells] })),
        },
        nodesOnline: app.nodes.online,
        openAttempts: app.ledger.openAttempts,
      };
    },
  );
};

function lineOf(session: MinerSession): FleetView["miners"][number] {
  const { miner, isHost, status, isQuiet, streams, capabilities, metrics } = session;
  return {
    miner,
    host: isHost,
    status,
    quiet: isQuiet,
    running: streams.size,
    concurrency: capabilities.concurrency,
    roundTripMs: Math.round(session.roundTripMs * 10) / 10,
    firstTokenMs: session.firstTokenMs ?? null,
    tokensPerSecond: session.tokensPerSecond ?? null,
    temperatureC: session.temperatureC ?? null,
    cpuPct: metrics?.cpu_load_pct ?? null,
    memoryUsedMb: metrics?.memory_used_mb ?? null,
    memoryTotalMb: metrics?.memory_total_mb ?? null,
    cards: (metrics?.gpus ?? []).map((gpu) => ({
      name: gpu.name,
      utilizationPct: gpu.utilization_pct ?? null,
      vramUsedMb: gpu.vram_used_mb ?? null,
      vramTotalMb: gpu.vram_total_mb ?? null,
      temperatureC: gpu.temperature_c ?? null,
      powerW: gpu.power_w ?? null,
    })),
    version: capabilities.version,
  };
}
