import { join } from "node:path";
import websocket from "@fastify/websocket";
import { limits } from "@lode/protocol";
import type { Signer } from "@lode/sdk/keys";
import type { FastifyInstance } from "fastify";
import { Idempotency } from "./plugins/app/answers/idempotency.ts";
import { Reopening, usualReopening } from "./plugins/app/answers/reopening.ts";
import { SealedStore } from "./plugins/app/answers/sealed-store.ts";
import { AuditLog } from "./plugins/app/audit/audit-log.ts";
import { useAuth } from "./plugins/app/auth.ts";
import type { Chain } from "./plugins/app/chain/chain.ts";
import type { Cloud } from "./plugins/app/cloud/cloud.ts";
import { openCloud } from "./plugins/app/cloud/open.ts";
import type { Ledger } from "./plugins/app/ledger/types.ts";
import type { Classifier } from "./plugins/app/content-filter/classifier.ts";
import { openClassifier } from "./plugins/app/content-filter/open.ts";
import { useContentFilter } from "./plugins/app/content-filter/content-filter.ts";
import { LatencyMinutes } from "./domain/qos/latency-minutes.ts";
import { HandIns } from "./plugins/app/hosting/hand-ins.ts";
import { Host } from "./plugins/app/hosting/host.ts";
import { NodeRegistry } from "./plugins/app/nodes/registry.ts";
import { NodeTokens, secretFile } from "./plugins/app/nodes/node-tokens.ts";
import { Federation } from "./plugins/app/market/federation.ts";
import { Floor } from "./plugins/app/market/floor.ts";
import { QuoteDesk } from "./plugins/app/market/quote-desk.ts";
import { Mailbox } from "./plugins/app/letters/mailbox.ts";
import { LivedClock } from "./plugins/app/lived-clock.ts";
import { MinerHub } from "./plugins/app/relay/hub.ts";
import { Relay, type RelayOptions } from "./plugins/app/relay/relay.ts";
import type { Config } from "./plugins/external/config.ts";
import { useDocs } from "./plugins/external/docs.ts";
import { useJsonBodies } from "./plugins/external/json-body.ts";
import { Metrics, useRequestMetrics } from "./plugins/external/metrics.ts";
import { ownOrigins } from "./plugins/external/origins.ts";
import { addressGroup, useRateLimit } from "./plugins/external/rate-limit.ts";
import { makeServer } from "./plugins/external/server.ts";
import { useWeb } from "./plugins/external/web.ts";
import { useTracing } from "./plugins/external/request-tracing.ts";
import { Tracer } from "./plugins/external/tracing.ts";
import { auditRoutes } from "./routes/audit.ts";
import { messageRoutes } from "./routes/anthropic/messages.ts";
import { healthRoutes } from "./routes/health.ts";
import { infoRoutes } from "./routes/info.ts";
import { minerLinkRoutes } from "./routes/miner/link.ts";
import { keyRoutes } from "./routes/keys/keys.ts";
import { letterRoutes } from "./routes/letters/letters.ts";
import { logRoutes } from "./routes/log/log.ts";
import { chatRoutes } from "./routes/openai/chat.ts";
import { completionRoutes } from "./routes/openai/completions.ts";
import { embeddingRoutes } from "./routes/openai/embeddings.ts";
import { imageRoutes } from "./routes/openai/images.ts";
import { modelRoutes } from "./routes/openai/models.ts";
import { storedChatRoutes } from "./routes/openai/stored-chat.ts";
import { responseRoutes } from "./routes/openai/responses/responses.ts";
import { pollingRoutes } from "./routes/miner/polling.ts";
import { nodeRoutes } from "./routes/nodes/nodes.ts";
import { slabRoutes } from "./routes/slab.ts";
import { voucherRoutes } from "./routes/vouchers.ts";
import { jobRoutes } from "./routes/jobs/jobs.ts";
import { explorerRoutes } from "./routes/explorer/explorer.ts";
import { fleetRoutes } from "./routes/explorer/fleet.ts";
import { spendingRoutes } from "./routes/explorer/spending.ts";
import { bookingRoutes } from "./routes/market/bookings.ts";
import { marketRoutes } from "./routes/market/market.ts";
import { walletRoutes } from "./routes/wallet.ts";

export const version = "0.1.0";

declare module "fastify" {
  interface FastifyInstance {
    config: Config;
    ledger: Ledger;
    chain: Chain;
    hub: MinerHub;
    relay: Relay;
    floor: Floor;
    desk: QuoteDesk;
    federation: Federation;
    metrics: Metrics;
    /** What miners took to their first token, for the operator. */
    latencyMinutes: LatencyMinutes;
    /** What clients asked to be kept. */
    answers: SealedStore;
    /** What it may cost to give that again. */
    reopening: Reopening;
    idempotency: Idempotency;
    audit: AuditLog;
    /** Where spans go; undefined when nobody collects them. */
    tracer: Tracer | undefined;
    /** Machines that speak over HTTP. */
    nodes: NodeRegistry;
    nodeTokens: NodeTokens;
    /** Letters between verifiers and miners. */
    mailbox: Mailbox;
    /** Who polling miners work for; undefined where nobody hosts them. */
    host: Host | undefined;
    /** Who does what no miner can and a client lets it; undefined where there is none. */
    cloud: Cloud | undefined;
    release: string;
    startedMs: number;
    nowMs(): number;
    /** By which what is kept for clients expires. */
    lived: LivedClock;
  }
}

export interface Parts {
  readonly config: Config;
  readonly ledger: Ledger;
  readonly chain: Chain;
  /** Judges what clients send; what the configuration names unless given. */
  readonly classifier?: Classifier;
  readonly nowMs: () => number;
  /** Milliseconds since any moment, by a clock that is never set; the process's own unless given. */
  readonly steadyMs?: () => number;
  /** Signs for polling miners; none are hosted without it. */
  readonly host?: Signer | undefined;
  /** Where log lines go; standard output unless given. */
  readonly logStream?: { write(line: string): void };
}

/** How long answers may take to end when the server closes. */
const goodbyeMs = 2_000;
/** One API key may keep this part of what all may keep. */
const shareOfKey = 8;

/** The coordinator's HTTP and WebSocket face over its parts. */
export async function buildApp(parts: Parts): Promise<FastifyInstance> {
  const { config, ledger, chain, nowMs, steadyMs = () => performance.now() } = parts;
  const app = makeServer(config, parts.logStream);
  const log: RelayOptions["log"] = (level, fields, message) => app.log[level](fields, message);
  const { inputPriceWei, outputPriceWei, pricing, place, tenancy, heartbeatSecs, silentMs, firstTokenMs } = config;
  const list = { inputPriceWei, outputPriceWei };
  const floor = new Floor({
    registry: ledger.registry,
    calendar: ledger.calendar,
    list,
    pricing,
    place,
    tenancy,
    badDrivers: config.badDrivers,
    firstTokenMs,
    nowMs,
    random: Math.random,
  });
  const desk = new QuoteDesk();
  const hub = new MinerHub({
    ledger,
    chain,
    floor,
    origins: () => ownOrigins(app),
    heartbeatSecs,
    silentMs,
    nowMs,
    steadyMs,
    log,
  });
  const nodes = new NodeRegistry(ledger, heartbeatSecs, { nowMs, steadyMs });
  const metrics = new Metrics({
    miners: () => hub.size,
    cards: () => hub.cards(),
    jobs: () => relay.running,
    openAttempts: () => ledger.openAttempts,
    logSize: () => ledger.logSize,
    nodes: () => nodes.online,
    hostedLeases: () => host?.leases ?? 0,
    hostedWaiting: () => host?.waiting ?? 0,
    isChainAway: () => chain.isAway,
  });
  const { stallMs, deadlineSecs } = config;
  const latencyMinutes = new LatencyMinutes();
  const onEnd = (outcome: string): void => metrics.cloudJob(outcome);
  const cloud = openCloud({ config, chain, host: parts.host, ledger, hub, nowMs, onEnd });
  const relay = new Relay({
    ledger,
    cloud,
    hub,
    floor,
    desk,
    patience: { firstTokenMs, stallMs },
    deadlineSecs,
    nowMs,
    log,
    onFailover: (code) => metrics.failover(code),
    onHedge: (isWon) => metrics.hedge(isWon),
    onFirstToken: (latency, ms) => metrics.firstToken(latency, ms),
    onServed: (miner, firstTokenMs) => latencyMinutes.add(miner, firstTokenMs, nowMs()),
  });
  const host =
    parts.host &&
    new Host({
      signer: parts.host,
      ledger,
      hub,
      chain,
      nodes,
      handIns: new HandIns(join(config.home, "hosted")),
      leaseMs: config.hostedLeaseSecs * 1000,
      waitMs: firstTokenMs,
      stallMs,
      version,
      clocks: { nowMs, steadyMs },
      log,
      onProof: (workload, outcome) => metrics.proof(workload, outcome),
    });
  app.decorate("nodes", nodes);
  app.decorate(
    "nodeTokens",
    new NodeTokens(secretFile(join(config.home, "node-tokens.key")), ledger.coordinator, ledger.keys, nowMs),
  );
  app.decorate("mailbox", new Mailbox(chain, nowMs));
  app.decorate("host", host);
  app.decorate("cloud", cloud);
  app.decorate("config", config);
  app.decorate("ledger", ledger);
  app.decorate("chain", chain);
  app.decorate("hub", hub);
  app.decorate("relay", relay);
  app.decorate("metrics", metrics);
  app.decorate("latencyMinutes", latencyMinutes);
  app.decorate("floor", floor);
  app.decorate("desk", desk);
  app.decorate("federation", new Federation(config.peers));
  const lived = await LivedClock.open(join(config.home, "lived"), { nowMs, steadyMs });
  app.decorate("lived", lived);
  const mostKept = config.answersMib * 2 ** 20;
  const answers = new SealedStore(join(config.home, "answers"), lived.nowMs, {
    total: mostKept,
    ofKey: mostKept / shareOfKey,
  });
  app.decorate("answers", answers);
  app.decorate("reopening", new Reopening(usualReopening, nowMs));
  app.decorate(
    "idempotency",
    new Idempotency(answers, ledger, nowMs, (error) =>
      app.log.warn({ err: error }, "an answer is not kept for its Idempotency-Key"),
    ),
  );
  const tracer = tracerOf(config, (message) => app.log.warn(message));
  app.decorate("tracer", tracer);
  const audit = await AuditLog.open(config.home, nowMs);
  app.decorate("audit", audit);
  app.decorate("release", version);
  app.decorate("startedMs", nowMs());
  app.decorate("nowMs", nowMs);
  useJsonBodies(app);
  useRequestMetrics(app, metrics);
  useTracing(app, tracer);
  useAuth(app);
  useRateLimit(app, config);
  const classifier = parts.classifier ?? (await openClassifier(config));
  if (classifier !== undefined) useContentFilter(app, classifier);
  await useDocs(app, version, config.publicUrl);
  await useWeb(app, config);
  await app.register(websocket, { options: { maxPayload: limits.frameBytes, perMessageDeflate: false } });
  await app.register(async (routes) => {
    const config = { isMinerDoor: true };
    routes.get("/v1/miner/ws", { websocket: true, schema: { hide: true }, config }, (socket, { ip, raw }) =>
      hub.accept(socket, raw.socket, addressGroup(ip)),
    );
  });
  const houses = [
    chatRoutes,
    storedChatRoutes,
    completionRoutes,
    embeddingRoutes,
    imageRoutes,
    messageRoutes,
    modelRoutes,
    responseRoutes,
    walletRoutes,
    pollingRoutes,
    jobRoutes,
    nodeRoutes,
    voucherRoutes,
    slabRoutes,
    logRoutes,
    letterRoutes,
    infoRoutes,
    marketRoutes,
    bookingRoutes,
    explorerRoutes,
    spendingRoutes,
    fleetRoutes,
    keyRoutes,
    auditRoutes,
    healthRoutes,
    minerLinkRoutes,
  ];
  for (const routes of houses) await app.register(routes);
  app.addHook("preClose", async () => {
    host?.close();
    hub.close();
    // A client that does not read its last words must not hold the process.
    setTimeout(() => app.server.closeAllConnections(), goodbyeMs).unref();
  });
  app.addHook("onClose", async () => {
    await lived.save().catch((error: unknown) => app.log.warn({ err: error }, "how long was lived cannot be written"));
    await audit.close();
  });
  return app;
}

function tracerOf({ tracing }: Config, warn: (message: string) => void): Tracer | undefined {
  return tracing === undefined ? undefined : new Tracer({ ...tracing, version, warn });
}
