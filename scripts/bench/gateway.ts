/**
 * The coordinator against the gateways that people run, before the same stub upstream: Portkey, and the least that Fastify
 * and undici can do. A request to the market goes through auth, match, assignment, the miner's link, receipt and both
 * vouchers, each on the disk before anybody is told; the books are audited at the end. Rounds are interleaved.
 */
import { execFile } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { findPostgres, startPostgres } from "../../test/helpers/postgres.ts";
import { startAnvil } from "../dev/anvil.ts";
import { deployOnce } from "../dev/contracts.ts";
import { layoutOf } from "../dev/layout.ts";
import { choosePort } from "../processes/ports.ts";
import { Processes } from "../processes/processes.ts";
import { root } from "../root.ts";
import type { Load, LoadResult } from "./gateway/load.ts";
import { openStubMarket, type StubMarket } from "./gateway/market.ts";
import { residentMib, startHere, startPortkey, type Peer } from "./gateway/peers.ts";
import { processorMs } from "./gateway/processor-time.ts";
import { median, round } from "./statistics.ts";

const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 5);
const SECONDS = Number(process.env["BENCH_SECONDS"] ?? 3);
const TOKENS = 8;
const CHUNKS = 64;

interface Lane {
  readonly name: "upstream" | "bare" | "portkey" | "postgres" | "pglite";
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Processes whose time is told, with all that they start. */
  readonly parts: Readonly<Record<string, readonly number[]>>;
}

/** Processor time of a lane's parts for one answer, milliseconds. */
type PartTimes = Readonly<Record<string, number>>;

interface Round {
  readonly requests: LoadResult;
  readonly requestsMs: PartTimes;
  readonly streams: LoadResult;
  readonly streamsMs: PartTimes;
  /** One stream after the other. */
  readonly single: LoadResult;
}

const run = promisify(execFile);

/** See BENCHMARKS.md for the figures. Databases other than PostgreSQL's are told beside it, under `pglite`. */
export async function gateway(): Promise<Record<string, unknown>> {
  const processes = new Processes();
  const folder = join(root, ".cache", "bench-gateway");
  rmSync(folder, { recursive: true, force: true });
  const logs = join(folder, "logs");
  mkdirSync(logs, { recursive: true });
  const postgres = findPostgres();
  if ("missing" in postgres) throw new Error(postgres.missing);
  const database = await startPostgres(postgres.bin);
  try {
    const stub = await startHere(processes, "stub", logs);
    const upstream = `http://127.0.0.1:${stub.port}`;
    const bare = await startHere(processes, "bare", logs, [upstream]);
    const portkey = await startPortkey(processes, logs);
    const layout = layoutOf(folder);
    const chainPort = await choosePort("chain", 18545, true);
    const chain = await startAnvil(processes, { port: chainPort, from: undefined, logFile: join(logs, "chain.log") });
    const { addresses } = await deployOnce(chain, layout.addresses);
    const around = { rpcUrl: chain.url, addressesFile: layout.addresses };
    const shared = { folder, processes, chain, around, addresses, upstream };
    const markets = {
      postgres: await openStubMarket({ ...shared, name: "postgres", env: { DATABASE_URL: database.url } }),
      pglite: await openStubMarket({ ...shared, name: "pglite", env: {} }),
    };
    const laneOf = (market: StubMarket, name: Lane["name"], more: Lane["parts"]): Lane => ({
      name,
      port: Number(new URL(market.coordinator.url).port),
      headers: { authorization: `Bearer ${market.key}` },
      parts: { coordinator: [market.coordinator.process.pid], miners: market.minerPids, ...more },
    });
    const peerOf = (name: Lane["name"], { port, process: { pid } }: Peer, headers: Lane["headers"] = {}): Lane => ({
      ...{ name, port, headers },
      parts: { gateway: [pid] },
    });
    const lanes: Lane[] = [
      peerOf("upstream", stub),
      peerOf("bare", bare),
      peerOf("portkey", portkey, portkeyHeaders(upstream)),
      laneOf(markets.postgres, "postgres", { database: [database.pid] }),
      laneOf(markets.pglite, "pglite", {}),
    ];
    const rounds: Record<Lane["name"], Round>[] = [];
    // The first round warms everybody up.
    for (let number = 0; number <= ROUNDS; number++) {
      const results = {} as Record<Lane["name"], Round>;
      for (const lane of rotated(lanes, number)) results[lane.name] = await measure(lane);
      if (number > 0) rounds.push(results);
      console.error(describe(number, results));
    }
    const rss = {
      portkey: residentMib(portkey.process.pid),
      postgres: residentMib(markets.postgres.coordinator.process.pid),
      pglite: residentMib(markets.pglite.coordinator.process.pid),
    };
    const audited = { postgres: await markets.postgres.audit(), pglite: await markets.pglite.audit() };
    return summary(rounds, rss, audited);
  } finally {
    await processes.stopAll();
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function portkeyHeaders(upstream: string): Record<string, string> {
  return {
    "x-portkey-provider": "openai",
    "x-portkey-custom-host": `${upstream}/v1`,
    authorization: "Bearer nobody",
  };
}

/** Everybody goes first in turn. */
function rotated<T>(items: readonly T[], by: number): T[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

async function measure({ port, headers, parts }: Lane): Promise<Round> {
  const stream = { port, headers, body: body(CHUNKS, true), isStream: true, pieces: CHUNKS };
  const request = { port, headers, body: body(TOKENS, false), isStream: false, pieces: TOKENS };
  const requests = await timed(parts, () => send({ ...request, connections: 64, seconds: SECONDS }));
  const streams = await timed(parts, () => send({ ...stream, connections: 32, seconds: SECONDS }));
  return {
    ...{ requests: requests.result, requestsMs: requests.partsMs },
    ...{ streams: streams.result, streamsMs: streams.partsMs },
    single: await send({ ...stream, connections: 1, seconds: SECONDS / 2 }),
  };
}

async function timed(
  parts: Lane["parts"],
  work: () => Promise<LoadResult>,
): Promise<{ result: LoadResult; partsMs: PartTimes }> {
  const times = (): number[] =>
    Object.values(parts).map((pids) => pids.reduce((sum, pid) => sum + processorMs(pid), 0));
  const before = times();
  const result = await work();
  const after = times();
  const perAnswer = Object.keys(parts).map((name, at) => [name, ((after[at] ?? 0) - (before[at] ?? 0)) / result.done]);
  return { result, partsMs: Object.fromEntries(perAnswer) as PartTimes };
}

function body(maxTokens: number, isStream: boolean): string {
  const messages = [{ role: "user", content: "Hello" }];
  return JSON.stringify({ model: "stub", stream: isStream, max_tokens: maxTokens, messages });
}

async function send(load: Load): Promise<LoadResult> {
  const program = join(import.meta.dirname, "gateway", "load.ts");
  const { stdout } = await run(process.execPath, [program, JSON.stringify(load)]);
  const result = JSON.parse(stdout) as LoadResult;
  if (result.errors > 0)
    throw new Error(`Port ${load.port} answered wrongly ${result.errors} times: ${result.problem}`);
  return result;
}

function describe(number: number, results: Readonly<Record<Lane["name"], Round>>): string {
  const lines = Object.entries(results).map(
    ([name, { requests, requestsMs, streams, streamsMs, single }]) =>
      `${name} ${Math.round(requests.perSecond)} requests/s (${partsText(requestsMs)}), ${Math.round(streams.perSecond)} streams/s (${partsText(streamsMs)}), first text ${round(single.firstP50Ms, 2)} ms`,
  );
  return `${number === 0 ? "warm-up" : `round ${number}`}: ${lines.join("; ")}`;
}

const partsText = (times: PartTimes): string =>
  Object.entries(times)
    .map(([part, ms]) => `${part} ${round(ms, 3)} ms`)
    .join(", ");

function summary(
  rounds: readonly Record<Lane["name"], Round>[],
  rss: Readonly<Record<"portkey" | "postgres" | "pglite", number>>,
  audited: Readonly<Record<"postgres" | "pglite", number>>,
): Record<string, unknown> {
  const of = (read: (round: Record<Lane["name"], Round>) => number, digits: number): number =>
    round(median(rounds.map(read)), digits);
  const processorFigures = (name: Lane["name"]): Record<"requestMs" | "streamMs", PartTimes> => {
    const parts = Object.keys(rounds[0]?.[name].requestsMs ?? {});
    const each = (read: (round: Round) => PartTimes): PartTimes =>
      Object.fromEntries(parts.map((part) => [part, of((r) => read(r[name])[part] ?? 0, 3)]));
    return { requestMs: each((r) => r.requestsMs), streamMs: each((r) => r.streamsMs) };
  };
  const figures = (name: "postgres" | "pglite"): Record<string, unknown> => ({
    rpsVsPortkey: of((r) => r[name].requests.perSecond / r.portkey.requests.perSecond, 2),
    streamsVsPortkey: of((r) => r[name].streams.perSecond / r.portkey.streams.perSecond, 2),
    rpsVsBare: of((r) => r[name].requests.perSecond / r.bare.requests.perSecond, 3),
    streamsVsBare: of((r) => r[name].streams.perSecond / r.bare.streams.perSecond, 3),
    rssVsPortkey: round(rss[name] / rss.portkey, 2),
    ttftAddedP50Ms: of((r) => r[name].single.firstP50Ms - r.upstream.single.firstP50Ms, 2),
    ttftAddedP99Ms: of((r) => r[name].single.firstP99Ms - r.upstream.single.firstP99Ms, 2),
    rps: of((r) => r[name].requests.perSecond, 0),
    streams: of((r) => r[name].streams.perSecond, 0),
    eventsPerStream: of((r) => r[name].streams.events, 1),
    rssMib: round(rss[name], 0),
    audited: audited[name],
    ...processorFigures(name),
  });
  const peer = (name: "portkey" | "bare"): Record<string, unknown> => ({
    rps: of((r) => r[name].requests.perSecond, 0),
    streams: of((r) => r[name].streams.perSecond, 0),
    eventsPerStream: of((r) => r[name].streams.events, 1),
    ...processorFigures(name),
  });
  return {
    bench: "gateway",
    rounds: rounds.length,
    ...figures("postgres"),
    pglite: figures("pglite"),
    portkey: { ...peer("portkey"), rssMib: round(rss.portkey, 0) },
    bare: peer("bare"),
  };
}
