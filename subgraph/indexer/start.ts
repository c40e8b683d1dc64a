import type { Addresses } from "@lode/sdk/addresses";
import { LodeError } from "@lode/sdk/errors";
import { Chain } from "./chain.ts";
import { Database } from "./database.ts";
import { buildServer } from "./graphql/server.ts";
import { Indexer } from "./indexer.ts";
import { loadSubgraph } from "./subgraph.ts";

export interface StartOptions {
  readonly rpcUrl: string;
  readonly addresses: Addresses;
  /** Folder of the database; in memory when undefined. */
  readonly folder: string | undefined;
  /** On 127.0.0.1; any free one when 0. */
  readonly port: number;
  readonly pollMs: number;
  readonly note: (text: string) => void;
}

export interface RunningIndexer {
  readonly url: string;
  readonly indexer: Indexer;
  readonly database: Database;
  /** Rejects when a mapping fails; resolves when the indexer was stopped. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

const RANGE = 2_000n;

/**
 * Starts the embedded indexer: it follows the chain, and answers queries on the loopback interface.
 * @throws {LodeError} when the chain is another one than the addresses are of, or the subgraph is not built
 */
export async function startIndexer(options: StartOptions): Promise<RunningIndexer> {
  const subgraph = loadSubgraph(options.addresses);
  const chain = new Chain(options.rpcUrl);
  const chainId = await chain.chainId();
  if (chainId !== subgraph.chainId) {
    throw new LodeError(
      "wrong_chain",
      `The node is of chain ${chainId}, the addresses are of chain ${subgraph.chainId}.`,
    );
  }
  // Development chains that begin anew have other first blocks; a fork that deep cannot be followed.
  const genesis = (await chain.block(0n))?.hash ?? "unknown";
  const deployment = `${subgraph.fingerprint}:${genesis}`;
  const database = await Database.open(options.folder, subgraph.model, deployment);
  const { note, pollMs } = options;
  const indexer = new Indexer(chain, database, subgraph, { pollMs, note, range: RANGE });
  let hasFailed = false;
  const app = await buildServer(database, () => ({ head: indexer.head, deployment: subgraph.fingerprint, hasFailed }));
  const abort = new AbortController();
  const url = `${await app.listen({ host: "127.0.0.1", port: options.port })}/graphql`;
  const ended = indexer.follow(abort.signal).catch((error: unknown) => {
    hasFailed = true;
    throw error;
  });
  const stop = async (): Promise<void> => {
    abort.abort();
    await ended.catch(() => undefined);
    await app.close();
    await database.close();
  };
  return { url, indexer, database, ended, stop };
}
