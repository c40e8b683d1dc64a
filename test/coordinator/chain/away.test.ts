import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { openChain, type Chain } from "../../../coordinator/src/plugins/app/chain/chain.ts";
import { until } from "../../helpers/books.ts";
import { addresses, operator, session } from "../fixture.ts";

/** A node that knows its chain and its newest block. */
function node(port = 0): Promise<{ server: Server; port: number }> {
  const results: Readonly<Record<string, unknown>> = {
    ...{ eth_chainId: `0x${addresses.chainId.toString(16)}`, eth_getCode: "0x00", eth_blockNumber: "0x5" },
    eth_getLogs: [],
  };
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (data: Buffer) => (text += data.toString()));
    request.on("end", () => {
      const { id, method } = JSON.parse(text) as { id: number; method: string };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ jsonrpc: "2.0", id, result: results[method] }));
    });
  });
  return new Promise((resolve) => {
    server.listen(port, "127.0.0.1", () => resolve({ server, port: (server.address() as AddressInfo).port }));
  });
}

let chain: Chain | undefined;
afterEach(() => chain?.close());

describe("a chain", () => {
  it("is away from its first missing answer to its next one", async () => {
    const { server, port } = await node();
    const warnings: string[] = [];
    chain = await openChain({
      ...{ rpcUrl: `http://127.0.0.1:${port}`, addresses, coordinator: operator.address, operator, pollMs: 10 },
      sessionSigner: session.address,
      warn: (message) => void warnings.push(message),
    });
    expect(chain.isAway).toBe(false);
    server.close();
    server.closeAllConnections();
    await until("it is away", async () => chain?.isAway === true);
    expect(warnings[0]).toContain("the chain does not answer");
    const again = await node(port);
    await until("it is back", async () => chain?.isAway === false);
    again.server.close();
    again.server.closeAllConnections();
  });
});
