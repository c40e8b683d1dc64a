import { setTimeout as pause } from "node:timers/promises";
import { startIndexer, type RunningIndexer } from "../../subgraph/indexer/start.ts";
import { ensureSubgraphBuilt } from "../../scripts/subgraph/build.ts";
import type { TestDevnet } from "./devnet.ts";

/** An indexer of a test's chain, on whatever port is free. */
export interface TestIndexer extends RunningIndexer {
  /** What it noted so far. */
  readonly notes: readonly string[];
  /** Answers a query once the index has reached the chain's present head, whichever fork that is of. */
  ask(query: string, variables?: object): Promise<any>;
  /** The status and body of a query's answer, at once. */
  send(query: string, variables?: object): Promise<{ status: number; body: any }>;
}

/** @param folder of the database; in memory when undefined */
export async function startTestIndexer(devnet: TestDevnet, folder?: string): Promise<TestIndexer> {
  await ensureSubgraphBuilt();
  const notes: string[] = [];
  const running = await startIndexer({
    rpcUrl: devnet.rpcUrl,
    addresses: devnet.addresses,
    folder,
    port: 0,
    pollMs: 20,
    note: (text) => void notes.push(text),
  });
  const send = (query: string, variables?: object) => sendQuery(running.url, query, variables);
  const isThere = async (): Promise<boolean> => {
    const block = await devnet.chain.client.getBlock();
    return running.indexer.head?.hash === block.hash;
  };
  return {
    ...running,
    notes,
    send,
    ask: async (query, variables) => {
      while (!(await isThere())) {
        await Promise.race([pause(20), running.ended]);
      }
      const { body } = await send(query, variables);
      if (body.errors !== undefined && body.errors.length > 0) throw new Error(JSON.stringify(body.errors));
      return body.data;
    },
  };
}

/** Sends a query to an endpoint. */
export async function sendQuery(
  url: string,
  query: string,
  variables: object = {},
): Promise<{ status: number; body: any }> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  return { status: answer.status, body: await answer.json() };
}
