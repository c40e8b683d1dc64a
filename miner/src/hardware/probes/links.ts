import type { Machine } from "../machine.ts";
import { numberIn } from "../reading.ts";

export interface LinkReading {
  name: string;
  isWireless: boolean;
  /** What the two ends agreed on, not what the internet gives. */
  speedMbps?: number;
}

const folder = "/sys/class/net";

/** Network interfaces that are up, without the ones that lead nowhere outside. */
export async function readLinks(machine: Machine): Promise<LinkReading[]> {
  const names = (await machine.list(folder)).filter((name) => !/^(lo|docker|veth|br-|virbr|tap|tun)/.test(name));
  const links = await Promise.all(
    names.map(async (name) => {
      const [state, speed, inside] = await Promise.all([
        machine.read(`${folder}/${name}/operstate`),
        machine.read(`${folder}/${name}/speed`),
        machine.list(`${folder}/${name}`),
      ]);
      const mbps = numberIn(speed);
      const isUp = state?.trim() === "up" || state?.trim() === "unknown";
      const link = { name, isWireless: inside.includes("wireless") };
      // Virtual cards say -1.
      return isUp ? [mbps !== undefined && mbps > 0 ? { ...link, speedMbps: mbps } : link] : [];
    }),
  );
  return links.flat();
}
