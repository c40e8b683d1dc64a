import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { AuditEntry } from "@lode/sdk/audit";
import { MerkleTree } from "@lode/sdk/merkle";
import { fromWire, hashStruct, toWire } from "@lode/sdk/typed-data";
import type { History } from "../../sdk/audit-history.ts";

/** A coordinator's public log over HTTP, telling whatever history it is given. */
export class LogServer {
  history: History;
  /** Entries that were asked for, by the index of the first of each page. */
  readonly asked: { start: number; limit: number }[] = [];
  /** Served instead of the history's own entries, while paths are still those of the history. */
  servedEntries: readonly AuditEntry[] | undefined;
  /** Answers a path instead of the log. */
  instead: ((path: string) => { status: number; body: string } | undefined) | undefined;
  readonly #server: Server;

  private constructor(history: History, server: Server) {
    this.history = history;
    this.#server = server;
  }

  static async open(history: History): Promise<LogServer> {
    const server = createServer();
    const log = new LogServer(history, server);
    server.on("request", (request, response) => {
      const url = new URL(request.url ?? "/", "http://log");
      const given = log.instead?.(url.pathname);
      const answer = given ?? log.#answer(url);
      response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return log;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(url: URL): { status: number; body: string } {
    let body: unknown;
    try {
      body = this.#body(url);
    } catch {
      body = undefined;
    }
    return body === undefined
      ? { status: 404, body: JSON.stringify({ error: { code: "none", message: "None." } }) }
      : { status: 200, body: JSON.stringify(body) };
  }

  #body({ pathname, searchParams }: URL): unknown {
    const { context, entries } = this.history;
    const { head, signature } = context.head;
    const number = (name: string): number => Number(searchParams.get(name) ?? Number.NaN);
    switch (pathname) {
      case "/v1/info":
        return { coordinator: context.coordinator };
      case "/v1/log/root":
        return { head: toWire("TreeHead", head), signature };
      case "/v1/log/vouchers":
        return {
          vouchers: context.vouchers.map((one) => ({
            voucher: toWire("Voucher", one.voucher),
            signature: one.signature,
          })),
        };
      case "/v1/log/entries":
        this.asked.push({ start: number("start"), limit: number("limit") });
        return {
          entries: this.#entries().slice(number("start"), number("start") + number("limit")),
          size: entries.length,
        };
      case "/v1/log/proof":
        return searchParams.has("index")
          ? { kind: "inclusion", path: this.#tree().inclusionProof(number("index"), number("size")) }
          : { kind: "consistency", path: this.#tree().consistencyProof(number("from"), number("to")) };
      default:
        return pathname.startsWith("/v1/receipts/") ? this.#receipts(pathname.slice(13)) : undefined;
    }
  }

  #entries(): readonly AuditEntry[] {
    return this.servedEntries ?? this.history.entries;
  }

  #receipts(digest: string): unknown {
    const receipts = this.history.entries.filter(({ receipt }) => receipt.assignment === digest);
    return receipts.length === 0 ? undefined : { receipts, size: this.history.entries.length };
  }

  #tree(): MerkleTree {
    const tree = new MerkleTree();
    for (const entry of this.history.entries) tree.append(leafOf(entry));
    return tree;
  }
}

function leafOf({ receipt }: AuditEntry) {
  return hashStruct("Receipt", fromWire("Receipt", receipt));
}
