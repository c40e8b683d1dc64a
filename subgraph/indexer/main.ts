/** The embedded indexer as a program of its own: `node subgraph/indexer/main.ts --help`. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadAddresses } from "@lode/sdk/addresses";
import { explainSystemError } from "@lode/sdk/errors";
import { startIndexer } from "./start.ts";

const help = `node subgraph/indexer/main.ts [options]

Indexes the contracts' events with the subgraph's own mappings and answers GraphQL queries on 127.0.0.1.

  --rpc URL          node of the chain (RPC_URL; default http://127.0.0.1:8545)
  --addresses FILE   addresses of the contracts (ADDRESSES_FILE; default: those known for chain 31337)
  --folder F         where the index is kept (default .lode/index)
  --port N           port of the GraphQL endpoint (default 8403)
  --poll-ms N        milliseconds between two looks at the chain (default 500)
  --help             this text

Example
  node subgraph/indexer/main.ts --rpc http://127.0.0.1:8545 --addresses .lode/devnet/addresses.json
`;

await main();

async function main(): Promise<void> {
  try {
    const text = { type: "string" } as const;
    const { values } = parseArgs({
      options: {
        rpc: text,
        addresses: text,
        folder: text,
        port: text,
        "poll-ms": text,
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help === true) {
      process.stdout.write(help);
      return;
    }
    const running = await startIndexer({
      rpcUrl: values.rpc ?? process.env["RPC_URL"] ?? "http://127.0.0.1:8545",
      addresses: loadAddresses(values.addresses ?? process.env["ADDRESSES_FILE"] ?? 31337),
      folder: values.folder ?? join(".lode", "index"),
      port: whole("port", values.port ?? "8403", 65_535),
      pollMs: whole("poll-ms", values["poll-ms"] ?? "500", 3_600_000),
      note: (line) => process.stdout.write(`${line}\n`),
    });
    process.stdout.write(`listening on ${running.url}\n`);
    const asked = new Promise<void>((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
    });
    await Promise.race([running.ended, asked]).finally(() => running.stop());
    process.exit(0);
  } catch (cause) {
    const error = explainSystemError(cause) ?? cause;
    const exitCode = (error as { exitCode?: unknown }).exitCode;
    const isUsage = String((error as { code?: unknown }).code).startsWith("ERR_PARSE_ARGS");
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(isUsage ? 2 : typeof exitCode === "number" ? exitCode : 1);
  }
}

function whole(name: string, text: string, maximum: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= maximum) return value;
  throw Object.assign(new Error(`--${name} takes a whole number up to ${maximum}, not ${text}.`), { exitCode: 2 });
}
