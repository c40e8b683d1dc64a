import { randomInt } from "node:crypto";
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

/** Below those that systems give to whoever asks for any port, and to every connection: nobody gets one of these by chance. */
const [firstOwn, endOfOwn] = [20_000, 32_768] as const;

/** A port nobody listens on now. Another program may take it before it is used, which hardly happens: for tests. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(firstOwn, endOfOwn);
    if (await isFree(port)) return port;
  }
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
