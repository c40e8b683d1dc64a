import type { AddressInfo } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import type { FastifyInstance } from "fastify";

const loopback = ["127.0.0.1", "[::1]", "localhost"];

/**
 * Where clients and miners find this coordinator, as the origins of URLs: PUBLIC_URL and LOGIN_ORIGINS when they are set, else
 * every address that it listens on. What a request says about itself (Host, forwarding headers) is anybody's to write.
 */
export function ownOrigins(app: FastifyInstance): ReadonlySet<string> {
  const { publicUrl, loginOrigins, tls, host, port } = app.config;
  const named = [...(publicUrl === undefined ? [] : [new URL(publicUrl).origin]), ...loginOrigins];
  if (named.length > 0) return new Set(named);
  const bound = app.server.address() as AddressInfo | null;
  const scheme = tls === undefined ? "http" : "https";
  // URL leaves a scheme's own port out, as clients' URLs do.
  return new Set(namesOf(host).map((name) => new URL(`${scheme}://${name}:${bound?.port ?? port}`).origin));
}

/** Every name of this machine by which a listening host is reached. */
function namesOf(host: string): string[] {
  const bare = host.replace(/^\[|\]$/g, "");
  if (bare !== "0.0.0.0" && bare !== "::") {
    return loopback.includes(bracket(bare)) ? loopback : [bracket(bare)];
  }
  const own = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => bracket(address)));
  return [...loopback, hostname(), ...own.filter((address) => !address.includes("%"))].filter((name) =>
    URL.canParse(`http://${name}`),
  );
}

const bracket = (address: string): string => (address.includes(":") ? `[${address}]` : address);
