import { once } from "node:events";
import { createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";

export interface PlainProxy {
  readonly url: string;
  /** WebSockets that it did not let through. */
  readonly refused: () => number;
  /** Takes so many requests to their end, and loses the answers. */
  dropNext(count: number): void;
  close(): Promise<void>;
}

/** A proxy as some networks have it: plain requests pass, an upgrade is answered as any request would be. */
export async function openPlainProxy(target: string): Promise<PlainProxy> {
  let [refused, dropping] = [0, 0];
  const server = createServer((incoming, outgoing) => {
    const { method, headers, url = "/" } = incoming;
    const isDropped = dropping > 0;
    if (isDropped) dropping -= 1;
    const passed = forward(new URL(url, target), { method, headers }, (answer) => {
      if (isDropped) {
        answer.resume();
        answer.once("end", () => outgoing.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on("error", () => outgoing.destroy());
    outgoing.on("close", () => passed.destroy());
    incoming.pipe(passed);
  });
  server.on("upgrade", (_incoming, socket) => {
    refused += 1;
    socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refused: () => refused,
    dropNext: (count) => void (dropping += count),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
