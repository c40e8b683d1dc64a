import { parseArgs } from "node:util";
import { explainSystemError, LodeError } from "@lode/sdk/errors";
import { openWallets, startCoordinator } from "./coordinator.ts";
import { auditFile, readAudit } from "./plugins/app/audit/audit-log.ts";
import { readConfig } from "./plugins/external/config.ts";

const help = `lode-coordinator: one coordinator of the Lode market.

  lode-coordinator start    serves the API and the miners; Ctrl-C stops it
  lode-coordinator init     makes its two wallets in LODE_HOME and shows their addresses; with --host a third one,
                            which must be staked as a miner and then signs for miners that poll
  lode-coordinator audit    shows who did what, and whether that log is whole

Options: --json (machine-readable lines), --host (with init), --help

Environment:
  LODE_HOME               its folder: wallets, journal, database  (.lode/coordinator)
  KEYSTORE_PASSWORD_FILE  file with the wallets' password; or KEYSTORE_PASSWORD
  RPC_URL                 the chain's JSON-RPC                    (http://127.0.0.1:8545)
  ADDRESSES_FILE          the contracts' addresses                (those known for CHAIN_ID, 31337)
  HOST, PORT              where it listens                        (127.0.0.1, 8402)
  DATABASE_URL            PostgreSQL; without it an embedded database with a journal
  INPUT_PRICE_WEI, OUTPUT_PRICE_WEI, FEE_PPM    prices for a token, its margin
  SELF_SIGNED_CREDIT_WEI  what clients that sign for themselves may owe unsigned  (a hundredth of a LODE)
  PUBLIC_URL              where clients and miners reach it from outside: both must sign for it; in /v1/info and /docs too
  LOGIN_ORIGINS           other URLs under which they reach it; without both, the addresses it listens on
  PUBLIC_RPC_URL          the chain's JSON-RPC for the explorer's visitors; RPC_URL where that is on this machine
  PUBLIC_GRAPHQL_URL      an index of the chain (the subgraph) for the explorer's visitors; none unless given
  ANCHOR_SECS, HEARTBEAT_SECS, DEADLINE_SECS, STOP_SECS, CHAIN_POLL_MS, LOG_LEVEL
  REQUESTS_PER_MINUTE           of one key, or of one address without a key  (600)
  MODEL_REQUESTS_PER_MINUTE     for one model, of everybody: 600, or 600,demo=100
  GLOBAL_REQUESTS_PER_MINUTE    of everybody together  (1000000)
  PRICING                 dynamic, or fixed for the list's prices always  (dynamic)
  PLACE                   the city where it stands, like frankfurt  (frankfurt)
  POOLS                   clients and miners that keep to themselves: acme=0x…+0x…,beta=0x…
  BAD_DRIVERS             versions of cards' drivers that compute wrongly: 531.18,535.43 (their miners get no work)
  PEERS                   URLs of other coordinators, to which jobs are handed that nobody here can do
  SILENT_MS               no sign of life from a working miner for this long moves its job on  (2000)
  FIRST_TOKEN_MS, STALL_MS, CLIENT_STALL_MS     how long miners may be silent, and clients not read
  JOBS_CONCURRENCY        asynchronous jobs that run at a time  (16)
  WEBHOOK_ALLOW_LOOPBACK  1: webhooks may go to this machine, for development  (0)
  WEBHOOK_RETRY_MS        after a webhook that failed; then four times as long each time  (1000)
  HOSTED_LEASE_SECS       how long a miner that polls has for a job  (300)
  ANSWERS_MIB             disk for answers that are kept for clients (store, Idempotency-Key); one key's is an eighth  (8192)
  SLABS                   1: clients may pay by slab vouchers (ZkSettlement), settled by proof; the operator pays the gas  (0)
  SLAB_SECS               between two looks for slabs that are worth settling  (600)
  SLAB_MINIMUM_WEI, SLAB_MINIMUM_CHANNELS       least sum and company of a settlement  (a tenth of a LODE, 2)
  SLAB_MAXIMUM_WEI        a channel that owes this much is settled in any company  (10 LODE)
  ZK_PROVER               a program that proves slabs, called as rapidsnark's prover is
  HEADERS_TIMEOUT_MS, REQUEST_TIMEOUT_MS        how long a request may take to come  (15000, 60000)
  CONNECTIONS_PER_ADDRESS                       open sockets of one address  (2000)
  TLS_CERT_FILE, TLS_KEY_FILE                   HTTPS, TLS 1.3 only
  TLS_MINER_CA_FILE                             authority whose certificates miners must show
  OTEL_EXPORTER_OTLP_ENDPOINT                   base URL of a collector for traces (OTLP, JSON over HTTP)
  OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER_ARG    the name there (lode-coordinator), the share that is traced (1)
  CONTENT_FILTER, CONTENT_FILTER_KEY            a moderation API like OpenAI's, a module with classify(), or: classifier
  CLOUD_URL               OpenAI-compatible API for jobs that no miner can do and whose clients send x-lode-cloud: allow  (none)
  CLOUD_API_KEY, CLOUD_API_KEY_FILE             what it is shown
  CLOUD_MODELS                                  what it calls each model: demo=gpt-x,other=vendor/large
  CLOUD_INPUT_PRICE_WEI, CLOUD_OUTPUT_PRICE_WEI for four bytes of text, read and made
  KEEP_ALIVE_MS                                 how often a stream without news shows that it lives

Examples:
  LODE_HOME=~/coordinator KEYSTORE_PASSWORD_FILE=~/password lode-coordinator init
  lode-coordinator start
  lode-coordinator audit --json
  DATABASE_URL=postgres://lode@127.0.0.1/lode PORT=9000 lode-coordinator start
  TLS_CERT_FILE=server.crt TLS_KEY_FILE=server.key TLS_MINER_CA_FILE=miners.crt lode-coordinator start

Exit codes: 0 stopped, 1 failed, 2 wrong usage, 3 wallet or password, 4 chain unreachable, 8 cannot listen at HOST and PORT.
`;

/** Ends with one sentence and the error's own exit code. */
function fail(error: unknown, json: boolean): never {
  const known = error instanceof LodeError ? error : explainSystemError(error);
  const message = known?.message ?? (error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.stderr.write(
    json ? `${JSON.stringify({ error: { code: known?.code ?? "failed", message } })}\n` : `${message}\n`,
  );
  process.exit(known?.exitCode ?? 1);
}

/** Ends with what is wrong about the command line. */
function failUsage(message: string): never {
  fail(
    new LodeError("usage", `${message} See lode-coordinator --help.`, { exitCode: 2 }),
    process.argv.includes("--json"),
  );
}

function readArguments(): { command: string; json: boolean; host: boolean; help: boolean } {
  try {
    const options = {
      json: { type: "boolean" },
      host: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    return {
      command: positionals.join(" "),
      json: values.json === true,
      host: values.host === true,
      help: values.help === true,
    };
  } catch (cause) {
    return failUsage(cause instanceof Error ? cause.message : String(cause));
  }
}

const args = readArguments();
const say = (event: string, fields: Record<string, string>, text: string): void => {
  process.stdout.write(args.json ? `${JSON.stringify({ event, ...fields })}\n` : `${text}\n`);
};

if (args.help || args.command === "") {
  process.stdout.write(help);
  process.exit(args.help ? 0 : 2);
}
try {
  if (args.command === "init") {
    const wallets = await openWallets(readConfig(process.env), args.host ? ["operator", "host"] : ["operator"]);
    const [operator, session, host] = [wallets.operator.address, wallets.session.address, wallets.host?.address];
    const lines = [`operator ${operator}: stake with it as a coordinator`, `session  ${session}`];
    if (host !== undefined) lines.push(`host     ${host}: stake with it as a miner`);
    say("initialised", { operator, session, ...(host !== undefined && { host }) }, lines.join("\n"));
  } else if (args.command === "start") {
    const coordinator = await startCoordinator(readConfig(process.env), { onFatal: (error) => fail(error, args.json) });
    say("ready", { url: coordinator.url }, `listening on ${coordinator.url}`);
    let stopping = false;
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        // A second signal is an order.
        if (stopping) process.exit(1);
        stopping = true;
        coordinator.stop().then(
          () => process.exit(0),
          (error: unknown) => fail(error, args.json),
        );
      });
    }
  } else if (args.command === "audit") {
    const { home } = readConfig(process.env);
    let head: string | undefined;
    const end = await readAudit(auditFile(home), (record) => {
      head = record.hash;
      const { seq, at, action, account = "-", target = "-" } = record;
      process.stdout.write(
        args.json ? `${JSON.stringify(record)}\n` : `${seq}  ${at}  ${action}  ${account}  ${target}\n`,
      );
    });
    const fields = { head: head ?? "none", torn: String(end.isTorn) };
    say("whole", fields, `whole; the last record's hash is ${fields.head}`);
  } else {
    failUsage(`There is no command "${args.command}".`);
  }
} catch (error) {
  fail(error, args.json);
}
