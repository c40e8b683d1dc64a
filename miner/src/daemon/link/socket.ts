import type { Socket } from "node:net";
import { limits } from "@lode/protocol";
import WebSocket from "ws";

/** The part of a socket that a link uses: a WebSocket, or what stands in for one over plain HTTP. */
export interface LinkSocket {
  readonly readyState: number;
  readonly OPEN: number;
  send(data: string | Uint8Array): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
  on(event: "message", listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "upgrade", listener: (response: { socket: Socket }) => void): unknown;
  on(event: "open" | "close" | "ping" | "pong", listener: () => void): unknown;
}

const handshakeMs = 10_000;

/** PEM. */
export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** @param certificate shown to a coordinator that asks for one */
export function openWebSocket(coordinatorUrl: string, certificate?: Certificate): LinkSocket {
  const url = new URL("/v1/miner/ws", coordinatorUrl);
  url.protocol = url.protocol.replace("http", "ws");
  return new WebSocket(url, {
    maxPayload: limits.frameBytes,
    perMessageDeflate: false,
    handshakeTimeout: handshakeMs,
    minVersion: "TLSv1.3",
    ...certificate,
  });
}
