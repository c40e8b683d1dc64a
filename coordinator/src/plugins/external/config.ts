import { join, resolve } from "node:path";
import { loadAddresses, type Addresses } from "@lode/sdk/addresses";
import { publicPool } from "../../domain/matching/objective.ts";
import { places } from "../../domain/places/places.ts";
import type { Tenancy } from "../../domain/tenancy.ts";
import { LodeError } from "@lode/sdk/errors";

/** Everything that the environment decides, read and checked once. */
export interface Config {
  readonly home: string;
  readonly host: string;
  readonly port: number;
  readonly rpcUrl: string;
  readonly addresses: Addresses;
  readonly databaseUrl: string | undefined;
  readonly passwordFile: string | undefined;
  readonly password: string | undefined;
  readonly feePpm: number;
  readonly inputPriceWei: bigint;
  readonly outputPriceWei: bigint;
  /** What a client that signs for itself may owe unsigned, with what runs. */
  readonly selfSignedCreditWei: bigint;
  /** Whether prices follow the market or are the list's. */
  readonly pricing: "dynamic" | "fixed";
  /** Id of the place where this coordinator stands. */
  readonly place: string;
  /** Pools by member, a client's or a miner's account. */
  readonly tenancy: Tenancy;
  /** URLs of the federation's other coordinators. */
  readonly peers: readonly string[];
  /** Versions of cards' drivers whose miners get no work. */
  readonly badDrivers: ReadonlySet<string>;
  readonly anchorSecs: number;
  readonly heartbeatSecs: number;
  /** No sign of life at all from a working miner for this long moves its job on. */
  readonly silentMs: number;
  /** Silence of a working miner that moves its job on: until its first token, and after it. */
  readonly firstTokenMs: number;
  readonly stallMs: number;
  /** How long a client may leave its stream unread. */
  readonly clientStallMs: number;
  /** How long a request's headers, and the whole of it, may take to come. */
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** Open sockets of one address. */
  readonly connectionsPerAddress: number;
  /** A moderation server's URL, or a module's file; undefined for no filter. */
  readonly contentFilter: { readonly source: string; readonly key: string | undefined } | undefined;
  /** Where jobs may go that no miner can do and whose clients allow it; undefined, the default, for nowhere. */
  readonly cloud:
    | {
        /** Base URL of a server that speaks OpenAI's API. */
        readonly url: string;
        readonly key: string | undefined;
        readonly keyFile: string | undefined;
        /** What it calls each model, by the id that clients ask for. */
        readonly models: ReadonlyMap<string, string>;
        readonly inputPriceWei: bigint;
        readonly outputPriceWei: bigint;
      }
    | undefined;
  /** HTTPS; undefined for HTTP. */
  readonly tls:
    | {
        readonly certFile: string;
        readonly keyFile: string;
        /** Whose certificates miners must show. */
        readonly minerCaFile: string | undefined;
      }
    | undefined;
  /** How often a stream without news shows that it lives. */
  readonly keepAliveMs: number;
  readonly deadlineSecs: number;
  /** Asynchronous jobs that run at a time. */
  readonly jobsConcurrency: number;
  /** For development: webhooks may go to this machine, and by http. */
  readonly webhookAllowLoopback: boolean;
  /** After a webhook that failed once; four times as long after each further failure. */
  readonly webhookRetryMs: number;
  /** How long a polling miner has for a job. */
  readonly hostedLeaseSecs: number;
  /** What answers that are kept for clients may take of the disk, MiB. */
  readonly answersMib: number;
  /** Settles slab vouchers; undefined where none are taken. */
  readonly slabs:
    | {
        /** Between two looks for slabs that are worth settling. */
        readonly everySecs: number;
        readonly minimumWei: bigint;
        readonly minimumChannels: number;
        readonly maximumWei: bigint;
        /** An operator's own prover, called as rapidsnark's is. */
        readonly prover: string | undefined;
      }
    | undefined;
  readonly chainPollMs: number;
  /** Of one key, or of one address where there is no key. */
  readonly requestsPerMinute: number;
  /** Of everybody together. */
  readonly globalRequestsPerMinute: number;
  /** For one model, of everybody together; `undefined` is the bound of models that are not named. */
  readonly modelRequestsPerMinute: ReadonlyMap<string | undefined, number>;
  /** How long running streams may go on when the process is asked to stop, seconds. */
  readonly stopSecs: number;
  /** Where clients reach this coordinator from outside; for the documentation and `/v1/info`. */
  readonly publicUrl: string | undefined;
  /** The chain's JSON-RPC that the explorer's visitors ask; undefined where no node is for everybody. */
  readonly publicRpcUrl: string | undefined;
  /** An index of the chain that the explorer's visitors may ask for what happened; they read the chain itself without one. */
  readonly publicGraphqlUrl: string | undefined;
  /** Further origins under which clients and miners find this coordinator: what their signatures must name. */
  readonly loginOrigins: readonly string[];
  readonly logLevel: string;
  /** Where spans go; undefined for nowhere. */
  readonly tracing: { readonly endpoint: string; readonly serviceName: string; readonly ratio: number } | undefined;
}

/** A setting that is missing or odd. */
export class ConfigError extends LodeError {
  override readonly name = "ConfigError";
  constructor(name: string, problem: string) {
    super("config", `${name} ${problem}.`, { exitCode: 2 });
  }
}

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];

function oneOf<T extends string>(name: string, value: string, known: readonly T[]): T {
  const found = known.find((one) => one === value);
  if (found === undefined) throw new ConfigError(name, `must be one of ${known.join(", ")}`);
  return found;
}

/** Reads `a, b`. */
const listed = (list: string): string[] => list.split(",").flatMap((one) => (one.trim() === "" ? [] : [one.trim()]));

/** Reads `acme=0x…+0x…,beta=0x…`: who belongs to which pool. */
function poolMembers(list: string): Tenancy {
  const members = new Map<string, Set<string>>();
  for (const item of list.split(",")) {
    if (item.trim() === "") continue;
    const [, pool = "", accounts = ""] = /^\s*([a-z0-9-]{1,32})=((?:0x[0-9a-fA-F]{40}\+?)+)\s*$/.exec(item) ?? [];
    if (pool === "" || pool === publicPool) throw new ConfigError("POOLS", "must be like acme=0x…+0x…,beta=0x…");
    for (const account of accounts.toLowerCase().split("+")) {
      const pools = members.get(account) ?? new Set<string>();
      if (account !== "") members.set(account, pools.add(pool));
    }
  }
  return members;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Default prices: half a thousandth of a LODE for 1,000 tokens out, a tenth of that in. */
const defaultOutputPriceWei = "500000000000";
const defaultInputPriceWei = "50000000000";

/** Reads the configuration from an environment. Every problem names its variable. */
export function readConfig(env: Environment): Config {
  const text = (name: string, fallback: string): string => {
    const value = env[name]?.trim();
    return value === undefined || value === "" ? fallback : value;
  };
  const optional = (name: string): string | undefined => text(name, "") || undefined;
  const url = (name: string, value: string): string => {
    if (!/^https?:$/.test(URL.parse(value)?.protocol ?? "")) throw new ConfigError(name, "must be an http(s) URL");
    return value;
  };
  const whole = (name: string, fallback: number, minimum: number, maximum: number): number => {
    const value = number(name, fallback, minimum, maximum);
    if (!Number.isInteger(value)) throw new ConfigError(name, "must be a whole number");
    return value;
  };
  const number = (name: string, fallback: number, minimum: number, maximum: number): number => {
    const value = Number(text(name, String(fallback)));
    if (!Number.isFinite(value) || value < minimum || value > maximum) {
      throw new ConfigError(name, `must be a number from ${minimum} to ${maximum}`);
    }
    return value;
  };
  const amount = (name: string, fallback: string): bigint => {
    const value = text(name, fallback);
    if (!/^[0-9]{1,30}$/.test(value)) throw new ConfigError(name, "must be a whole number of wei for a token");
    return BigInt(value);
  };
  const flag = (name: string): boolean => {
    const value = text(name, "0");
    if (value !== "0" && value !== "1") throw new ConfigError(name, "must be 1 or 0");
    return value === "1";
  };
  const publicUrl = optional("PUBLIC_URL");
  const indexUrl = optional("PUBLIC_GRAPHQL_URL");
  const filter = optional("CONTENT_FILTER");
  const collector = optional("OTEL_EXPORTER_OTLP_ENDPOINT");
  const logLevel = text("LOG_LEVEL", "info");
  if (!logLevels.includes(logLevel)) throw new ConfigError("LOG_LEVEL", `must be one of ${logLevels.join(", ")}`);
  const rpcUrl = url("RPC_URL", text("RPC_URL", "http://127.0.0.1:8545"));
  const home = resolve(text("LODE_HOME", join(".lode", "coordinator")));
  return {
    home,
    host: text("HOST", "127.0.0.1"),
    port: whole("PORT", 8402, 0, 65535),
    rpcUrl,
    addresses: loadAddresses(optional("ADDRESSES_FILE") ?? whole("CHAIN_ID", 31337, 1, Number.MAX_SAFE_INTEGER)),
    databaseUrl: optional("DATABASE_URL"),
    passwordFile: optional("KEYSTORE_PASSWORD_FILE"),
    password: optional("KEYSTORE_PASSWORD"),
    feePpm: whole("FEE_PPM", 50_000, 0, 1_000_000),
    inputPriceWei: amount("INPUT_PRICE_WEI", defaultInputPriceWei),
    outputPriceWei: amount("OUTPUT_PRICE_WEI", defaultOutputPriceWei),
    selfSignedCreditWei: amount("SELF_SIGNED_CREDIT_WEI", "10000000000000000"),
    anchorSecs: number("ANCHOR_SECS", 30, 0.1, 86_400),
    heartbeatSecs: number("HEARTBEAT_SECS", 30, 0.1, 3600),
    pricing: oneOf("PRICING", text("PRICING", "dynamic"), ["dynamic", "fixed"]),
    place: oneOf(
      "PLACE",
      text("PLACE", "frankfurt"),
      places.map(({ id }) => id),
    ),
    tenancy: poolMembers(text("POOLS", "")),
    badDrivers: new Set(listed(text("BAD_DRIVERS", ""))),
    peers: listed(text("PEERS", "")).map((one) => url("PEERS", one)),
    silentMs: number("SILENT_MS", 2000, 500, 600_000),
    firstTokenMs: number("FIRST_TOKEN_MS", 60_000, 50, 600_000),
    stallMs: number("STALL_MS", 20_000, 50, 600_000),
    clientStallMs: number("CLIENT_STALL_MS", 60_000, 50, 3_600_000),
    headersTimeoutMs: number("HEADERS_TIMEOUT_MS", 15_000, 50, 600_000),
    requestTimeoutMs: number("REQUEST_TIMEOUT_MS", 60_000, 50, 3_600_000),
    connectionsPerAddress: whole("CONNECTIONS_PER_ADDRESS", 2000, 1, 100_000),
    contentFilter: filter === undefined ? undefined : { source: filter, key: optional("CONTENT_FILTER_KEY") },
    cloud: cloudOf(optional, url, amount),
    tls: tlsOf(optional),
    keepAliveMs: number("KEEP_ALIVE_MS", 15_000, 50, 600_000),
    deadlineSecs: whole("DEADLINE_SECS", 600, 1, 86_400),
    jobsConcurrency: whole("JOBS_CONCURRENCY", 16, 1, 10_000),
    webhookAllowLoopback: flag("WEBHOOK_ALLOW_LOOPBACK"),
    webhookRetryMs: number("WEBHOOK_RETRY_MS", 1000, 10, 3_600_000),
    hostedLeaseSecs: number("HOSTED_LEASE_SECS", 300, 1, 86_400),
    answersMib: number("ANSWERS_MIB", 8192, 1, 1_000_000_000),
    slabs: flag("SLABS")
      ? {
          everySecs: number("SLAB_SECS", 600, 0.1, 86_400),
          minimumWei: amount("SLAB_MINIMUM_WEI", "100000000000000000"),
          minimumChannels: whole("SLAB_MINIMUM_CHANNELS", 2, 1, 64),
          maximumWei: amount("SLAB_MAXIMUM_WEI", "10000000000000000000"),
          prover: optional("ZK_PROVER"),
        }
      : undefined,
    chainPollMs: number("CHAIN_POLL_MS", 1000, 10, 60_000),
    requestsPerMinute: whole("REQUESTS_PER_MINUTE", 600, 1, 10_000_000),
    globalRequestsPerMinute: whole("GLOBAL_REQUESTS_PER_MINUTE", 1_000_000, 1, 100_000_000),
    modelRequestsPerMinute: modelRates(text("MODEL_REQUESTS_PER_MINUTE", "")),
    stopSecs: number("STOP_SECS", 10, 0, 3600),
    loginOrigins: text("LOGIN_ORIGINS", "")
      .split(",")
      .flatMap((one) => (one.trim() === "" ? [] : [new URL(url("LOGIN_ORIGINS", one.trim())).origin])),
    publicRpcUrl: publicRpc(rpcUrl, optional("PUBLIC_RPC_URL"), url),
    publicGraphqlUrl: indexUrl === undefined ? undefined : url("PUBLIC_GRAPHQL_URL", indexUrl),
    publicUrl: publicUrl === undefined ? undefined : url("PUBLIC_URL", publicUrl),
    logLevel,
    tracing:
      collector === undefined
        ? undefined
        : {
            endpoint: url("OTEL_EXPORTER_OTLP_ENDPOINT", collector),
            serviceName: text("OTEL_SERVICE_NAME", "lode-coordinator"),
            ratio: number("OTEL_TRACES_SAMPLER_ARG", 1, 0, 1),
          },
  };
}

/** RPC_URL may hold a provider's key, so that only one on this machine is told to visitors without being named for them. */
function publicRpc(
  rpcUrl: string,
  named: string | undefined,
  check: (name: string, value: string) => string,
): string | undefined {
  if (named !== undefined) return check("PUBLIC_RPC_URL", named);
  return ["127.0.0.1", "localhost", "[::1]"].includes(new URL(rpcUrl).hostname) ? rpcUrl : undefined;
}

/** All or nothing of it: a price that nobody set would be a price that nobody knows. */
function cloudOf(
  optional: (name: string) => string | undefined,
  url: (name: string, value: string) => string,
  amount: (name: string, fallback: string) => bigint,
): Config["cloud"] {
  const base = optional("CLOUD_URL");
  const [key, keyFile] = [optional("CLOUD_API_KEY"), optional("CLOUD_API_KEY_FILE")];
  const names = ["CLOUD_MODELS", "CLOUD_INPUT_PRICE_WEI", "CLOUD_OUTPUT_PRICE_WEI"] as const;
  const idle = [...names, "CLOUD_API_KEY", "CLOUD_API_KEY_FILE"].find((name) => optional(name) !== undefined);
  if (base === undefined && idle !== undefined) throw new ConfigError("CLOUD_URL", `must be set beside ${idle}`);
  if (base === undefined) return undefined;
  if (key !== undefined && keyFile !== undefined) {
    throw new ConfigError("CLOUD_API_KEY_FILE", "must not be set beside CLOUD_API_KEY");
  }
  const missing = names.find((name) => optional(name) === undefined);
  if (missing !== undefined) throw new ConfigError(missing, "must be set beside CLOUD_URL");
  const { protocol, hostname } = new URL(url("CLOUD_URL", base));
  const isHere = ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
  if ((key ?? keyFile) !== undefined && protocol === "http:" && !isHere) {
    throw new ConfigError("CLOUD_URL", "must be https: a key goes there");
  }
  return {
    ...{ url: base, key, keyFile, models: cloudModels(optional("CLOUD_MODELS") ?? "") },
    inputPriceWei: amount("CLOUD_INPUT_PRICE_WEI", "0"),
    outputPriceWei: amount("CLOUD_OUTPUT_PRICE_WEI", "0"),
  };
}

/** Reads `demo=gpt-x,other=vendor/large`: the id that clients ask for, and what the cloud calls it. */
function cloudModels(list: string): ReadonlyMap<string, string> {
  const models = new Map<string, string>();
  for (const item of list.split(",")) {
    if (item.trim() === "") continue;
    const [, id = "", name = ""] = /^\s*([A-Za-z0-9][A-Za-z0-9._:/-]{0,127})=([!-<>-~]{1,128})\s*$/.exec(item) ?? [];
    if (id === "" || models.has(id))
      throw new ConfigError("CLOUD_MODELS", "must be like demo=gpt-x,other=vendor/large");
    models.set(id, name);
  }
  return models;
}

function tlsOf(optional: (name: string) => string | undefined): Config["tls"] {
  const certFile = optional("TLS_CERT_FILE");
  const keyFile = optional("TLS_KEY_FILE");
  const minerCaFile = optional("TLS_MINER_CA_FILE");
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile, minerCaFile };
  if (certFile !== undefined) throw new ConfigError("TLS_KEY_FILE", "must be set beside TLS_CERT_FILE");
  if (keyFile !== undefined) throw new ConfigError("TLS_CERT_FILE", "must be set beside TLS_KEY_FILE");
  if (minerCaFile !== undefined) throw new ConfigError("TLS_MINER_CA_FILE", "needs TLS_CERT_FILE and TLS_KEY_FILE");
  return undefined;
}

/** Reads `600,demo=100`: a bound for each model, and others for those that are named. */
function modelRates(list: string): ReadonlyMap<string | undefined, number> {
  const rates = new Map<string | undefined, number>();
  for (const item of list.split(",")) {
    if (item.trim() === "") continue;
    const [, model, rate = ""] = /^\s*(?:([^=\s]+)=)?([0-9]{1,9})\s*$/.exec(item) ?? [];
    if (rate === "" || Number(rate) < 1 || rates.has(model)) {
      throw new ConfigError("MODEL_REQUESTS_PER_MINUTE", "must be like 600 or 600,demo=100");
    }
    rates.set(model, Number(rate));
  }
  return rates;
}
