import { connect, type Socket } from "node:net";
import { until } from "../../helpers/books.ts";
import type { Edge } from "../edge/edge.ts";

/** A socket on which a test writes HTTP by hand. */
export class RawClient {
  readonly socket: Socket;
  received = "";
  isClosed = false;

  constructor({ url }: Pick<Edge, "url">) {
    this.socket = connect(Number(new URL(url).port), "127.0.0.1");
    this.socket.on("data", (data: Buffer) => (this.received += data.toString("latin1")));
    this.socket.on("error", () => undefined);
    this.socket.on("close", () => (this.isClosed = true));
  }

  write(text: string): void {
    this.socket.write(text);
  }

  /** Waits until the server has closed the socket; gives everything it said. */
  async ended(): Promise<string> {
    await until("the server closes the socket", async () => this.isClosed);
    return this.received;
  }
}

/** Status and JSON body of an answer as it came over a socket. */
export function parseAnswer(text: string): { status: number; body: unknown } {
  const [head = "", body = ""] = text.split("\r\n\r\n");
  return { status: Number(head.split(" ")[1]), body: JSON.parse(body) };
}

/** Sockets that the server has open. */
export function openSockets({ app }: Pick<Edge, "app">): Promise<number> {
  return new Promise((resolve, reject) => {
    app.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}
