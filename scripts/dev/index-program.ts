import { join } from "node:path";
import type { Processes, Running } from "../processes/processes.ts";
import { choosePort, startOnPort } from "../processes/ports.ts";
import { untilReady } from "../processes/ready.ts";
import { root } from "../root.ts";
import type { Surroundings } from "./programs.ts";

export interface IndexProgram {
  /** The GraphQL endpoint. */
  readonly url: string;
  readonly process: Running;
}

/** What an index has reached, and what it tells of the whole deployment. */
export interface IndexFacts {
  readonly block: number;
  readonly miners: number;
  readonly paidWei: bigint;
  readonly anchors: number;
}

const PORT = 8403;
const indexerProgram = join(root, "subgraph", "indexer", "main.ts");
/** The first start makes a database, which takes seconds of a busy machine. */
const PATIENCE_MS = 180_000;

/** Where the endpoint will be; looked for before there is any work. Another program may still take the port until then. */
export async function chooseIndexPort(auto: boolean): Promise<string> {
  return indexUrl(await choosePort("GraphQL endpoint", PORT, auto));
}

const indexUrl = (port: number): string => `http://127.0.0.1:${port}/graphql`;

/** Starts the embedded indexer and waits until it listens. The subgraph must be built. */
export function startIndexProgram(
  processes: Processes,
  around: Surroundings,
  { folder, logFile, autoPort }: { folder: string; logFile: string; autoPort: boolean },
): Promise<IndexProgram> {
  return startOnPort("GraphQL endpoint", PORT, autoPort, async (port) => {
    const process_ = processes.start({
      name: "indexer",
      command: process.execPath,
      args: [indexerProgram, "--folder", folder, "--port", `${port}`],
      env: { RPC_URL: around.rpcUrl, ADDRESSES_FILE: around.addressesFile },
      logFile,
    });
    // Its own word: another program may have taken the port between the choice and the start.
    const listens = async (): Promise<true | undefined> =>
      process_.lastLines(8).includes("listening on") ? true : undefined;
    await untilReady(process_, listens, PATIENCE_MS);
    return { url: indexUrl(port), process: process_ };
  });
}

/** Waits until the index has reached a block, and asks it for its figures. */
export function untilIndexed({ url, process: process_ }: IndexProgram, block: bigint): Promise<IndexFacts> {
  const query = `{ _meta(block: { number_gte: ${block} }) { block { number } }
    protocol(id: "lode") { miners anchors collectedWei pooledWei } }`;
  return untilReady(
    process_,
    async () => {
      const answer = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query }),
      });
      const { data } = (await answer.json()) as { data: IndexAnswer | null };
      if (data === null || data._meta === null || data.protocol === null) return undefined;
      const { miners, anchors, pooledWei } = data.protocol;
      return { block: data._meta.block.number, miners, anchors, paidWei: BigInt(pooledWei) };
    },
    PATIENCE_MS,
  );
}

interface IndexAnswer {
  readonly _meta: { readonly block: { readonly number: number } } | null;
  readonly protocol: { readonly miners: number; readonly anchors: number; readonly pooledWei: string } | null;
}
