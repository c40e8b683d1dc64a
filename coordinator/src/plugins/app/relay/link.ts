import { ProtocolError } from "@lode/protocol";
import type { Link } from "./session.ts";

/** The part of a WebSocket that a link uses. */
export interface MinerSocket {
  readonly bufferedAmount: number;
  readonly readyState: number;
  readonly OPEN: number;
  readonly isPaused: boolean;
  send(data: string): void;
  ping(): void;
  pause(): void;
  resume(): void;
  close(code: number, reason: string): void;
  terminate(): void;
  on(event: "message", listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: "close" | "error" | "pong", listener: () => void): unknown;
}

/** The connection below a WebSocket: frames of one turn leave together, in one write. */
export interface Wire {
  cork(): void;
  uncork(): void;
}

export interface LinkHandlers {
  readonly onFrame: (data: Buffer) => void;
  /** Takes a text frame at once. Work that it gives back waits its turn behind that of earlier frames. */
  readonly onMessage: (text: string) => (() => Promise<void>) | undefined;
  readonly onPong: () => void;
  /** A message that failed for a reason which is not the miner's. */
  readonly onProblem: (error: unknown) => void;
  readonly onClose: () => void;
}

/** Pieces of work that wait for those before them; with more the socket is read no further. */
const maximumWaiting = 64;
/** A miner that does not read loses its link before its backlog hurts. */
const maximumBacklogBytes = 16 * 1024 * 1024;

/**
 * One socket to a miner. Tokens and heartbeats are handled as they come; what takes time is done one after the other, so
 * that a receipt is settled before the message behind it counts. Breaking the protocol ends the link.
 */
export function openLink(
  socket: MinerSocket,
  wire: Wire,
  handlers: LinkHandlers,
): Omit<Link, "ping"> & { refuse(code: string, message: string): void } {
  let waiting = 0;
  let inOrder = Promise.resolve();
  let isCorked = false;
  const uncork = (): void => {
    if (isCorked) wire.uncork();
    isCorked = false;
  };
  const send = (text: string): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > maximumBacklogBytes) return socket.terminate();
    if (!isCorked) {
      isCorked = true;
      wire.cork();
      setImmediate(uncork);
    }
    socket.send(text);
  };
  const close = (code: number, reason: string): void => {
    uncork();
    socket.close(code, reason);
  };
  const isPaused = (): boolean => socket.isPaused;
  const refuse = (code: string, message: string): void => {
    send(JSON.stringify({ type: "error", code, message: message.slice(0, 500), fatal: true }));
    close(1008, code);
  };
  const onError = (error: unknown): void => {
    if (error instanceof ProtocolError) return refuse(error.code, error.message);
    handlers.onProblem(error);
  };
  const enqueue = (work: () => Promise<void>): void => {
    if (++waiting > maximumWaiting) socket.pause();
    inOrder = inOrder
      .then(work)
      .catch(onError)
      .then(() => {
        if (--waiting <= maximumWaiting && socket.isPaused) socket.resume();
      });
  };
  socket.on("message", (data: Buffer, isBinary: boolean) => {
    // What was read before the link was refused is not looked at any more.
    if (socket.readyState !== socket.OPEN) return;
    try {
      if (isBinary) return handlers.onFrame(data);
      const work = handlers.onMessage(data.toString("utf8"));
      if (work !== undefined) enqueue(work);
    } catch (error) {
      onError(error);
    }
  });
  socket.on("pong", handlers.onPong);
  socket.on("error", () => undefined);
  socket.on("close", handlers.onClose);
  return { send, close, isPaused, refuse };
}
