import { connect, createServer, type Socket } from "node:net";

/** A piece of wire between a miner and its coordinator that can be cut: then nothing gets through, and nobody is told. */
export interface Wire {
  /** What the miner connects to. */
  readonly url: string;
  /** Says where it leads; before that nothing may connect. */
  lead(to: string): void;
  cut(): void;
  /** Closes what was cut, so that the miner connects again; new connections get through. */
  mend(): void;
  close(): Promise<void>;
}

/** Lays a wire on a free port of this machine. It is known before the coordinator starts, which must be told of it: hellos are signed for a place. */
export async function layWire(): Promise<Wire> {
  let target: { readonly hostname: string; readonly port: string } | undefined;
  const pairs = new Set<readonly [Socket, Socket]>();
  let isCut = false;
  const server = createServer((near) => {
    if (target === undefined) {
      near.destroy();
      return;
    }
    const far = connect(Number(target.port), target.hostname);
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
    lead: (to) => {
      target = new URL(to);
    },
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
