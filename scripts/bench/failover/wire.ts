import { connect, createServer, type Socket } from "node:net";

/** A piece of wire between a miner and its coordinator that can be cut: then nothing gets through, and nobody is told. */
export interface Wire {
  /** What the miner connects to. */
  readonly url: string;
  cut(): void;
  /** Closes what was cut, so that the miner connects again; new connections get through. */
  mend(): void;
  close(): Promise<void>;
}

/** Lays a wire to `url` on a free port of this machine. */
export async function layWire(url: string): Promise<Wire> {
  const { hostname, port } = new URL(url);
  const pairs = new Set<readonly [Socket, Socket]>();
  let isCut = false;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near]] as const) {
      from.on("data", (data) => {
        // Read and thrown away: the sender's own buffers must not tell it.
        if (!isCut) to.write(data);
      });
      from.on("error", () => undefined);
      from.on("close", () => {
        pairs.delete(pair);
        if (!isCut) to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the wire has no port");
  const drop = (): void => {
    for (const [near, far] of pairs) {
      near.destroy();
      far.destroy();
    }
    pairs.clear();
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut: () => {
      isCut = true;
    },
    mend: () => {
      isCut = false;
      drop();
    },
    close: async () => {
      drop();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
