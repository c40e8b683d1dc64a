import { BlockList, isIPv4, isIPv6 } from "node:net";

/** IPv4 that is not the public internet: private, shared, local, documentation, multicast and reserved networks. */
const special4 = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const) {
  special4.addSubnet(network, bits, "ipv4");
}

/** Global unicast; everything else of IPv6 is local, or carries IPv4 inside. */
const global6 = new BlockList();
global6.addSubnet("2000::", 3, "ipv6");
/** Within it: tunnels that lead to an IPv4 address of the writer's choice, and documentation. */
const special6 = new BlockList();
special6.addSubnet("2001::", 23, "ipv6");
special6.addSubnet("2001:db8::", 32, "ipv6");
special6.addSubnet("2002::", 16, "ipv6");
special6.addSubnet("3fff::", 20, "ipv6");

const loopback4 = new BlockList();
loopback4.addSubnet("127.0.0.0", 8, "ipv4");

/** Whether a request of somebody else may be sent to an address. Unknown forms are not allowed. */
export function mayCall(address: string, allowLoopback: boolean): boolean {
  if (isIPv4(address)) return !special4.check(address, "ipv4") || (allowLoopback && isLoopback(address));
  if (!isIPv6(address) || address.includes("%")) return false;
  if (allowLoopback && isLoopback(address)) return true;
  return global6.check(address, "ipv6") && !special6.check(address, "ipv6");
}

export function isLoopback(address: string): boolean {
  return isIPv4(address) ? loopback4.check(address, "ipv4") : address === "::1";
}
