export interface NetworkCounters {
  receivedBytes: number;
  sentBytes: number;
}

/** Bytes of all network devices but the loopback, from Linux' /proc/net/dev. */
export function parseNetworkCounters(text: string): NetworkCounters {
  let [receivedBytes, sentBytes] = [0, 0];
  for (const line of text.split("\n")) {
    const [, name, values = ""] = /^\s*([^:\s]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || name === "lo") continue;
    const numbers = values.split(/\s+/).map(Number);
    receivedBytes += numbers[0] ?? 0;
    sentBytes += numbers[8] ?? 0;
  }
  return { receivedBytes, sentBytes };
}
