import { createServer } from "node:net";
import { ProcessFailedError } from "./processes.ts";

/** A port another program listens on. */
export class PortInUseError extends Error {
  override readonly name = "PortInUseError";
  readonly exitCode = 8;
  constructor(what: string, port: number) {
    super(
      `Port ${port} for the ${what} is in use by another program: stop that one, or run again with --auto-port to take the next free port.`,
    );
  }
}

/**
 * The port to use: the wanted one, or the next free one above it when `auto`.
 * @throws {PortInUseError}
 */
export async function choosePort(what: string, wanted: number, auto: boolean): Promise<number> {
  for (let port = wanted; port < wanted + 100; port++) {
    if (await isFree(port)) return port;
    if (!auto) break;
  }
  throw new PortInUseError(what, wanted);
}

/**
 * Starts a program on the port that `choosePort` gives. A port that somebody else takes before the program listens is
 * chosen anew when `auto`.
 * @param start throws ProcessFailedError when the program ends before it listens
 * @throws {PortInUseError}
 */
export async function startOnPort<T>(
  what: string,
  wanted: number,
  auto: boolean,
  start: (port: number) => Promise<T>,
): Promise<T> {
  for (;;) {
    const port = await choosePort(what, wanted, auto);
    try {
      return await start(port);
    } catch (error) {
      if (!(error instanceof ProcessFailedError) || (await isFree(port))) throw error;
    }
  }
}

/** A port nobody listens on now. Another program may take it before it is used: for tests. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" || error.code === "EACCES" ? resolve(false) : reject(error),
    );
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
