import type { Machine } from "../machine.ts";
import { numberIn } from "../reading.ts";

export interface PowerSource {
  onBattery?: boolean;
  batteryPct?: number;
}

const supplies = "/sys/class/power_supply";

/**
 * From Linux' own files, or macOS' pmset. On battery is a machine whose own battery gives power while no other source does: a desktop's UPS
 * counts, the battery of its mouse does not.
 */
export async function readPower(machine: Machine): Promise<PowerSource> {
  if (machine.platform === "darwin") return parsePmset((await machine.run("pmset", ["-g", "batt"])) ?? "");
  if (machine.platform !== "linux") return {};
  const names = await machine.list(supplies);
  const all = await Promise.all(
    names.map(async (name) => {
      const read = async (file: string): Promise<string | undefined> =>
        (await machine.read(`${supplies}/${name}/${file}`))?.trim();
      const [type, online, status, capacity, scope] = await Promise.all(
        ["type", "online", "status", "capacity", "scope"].map(read),
      );
      return { type, online, status, percent: numberIn(capacity), scope };
    }),
  );
  const batteries = all.filter(({ type, scope }) => (type === "Battery" || type === "UPS") && scope !== "Device");
  if (batteries.length === 0) return {};
  const isPlugged = all.some(({ type, online }) => type !== "Battery" && type !== "UPS" && online === "1");
  const charges = batteries.flatMap(({ percent }) => percent ?? []);
  const batteryPct = charges.length === 0 ? undefined : Math.max(...charges);
  const onBattery = !isPlugged && batteries.some(({ status }) => status === "Discharging");
  return { onBattery, ...(batteryPct !== undefined && { batteryPct }) };
}

/** `Now drawing from 'Battery Power'`, and behind it a line for each battery with its per cent. */
export function parsePmset(text: string): PowerSource {
  const percent = numberIn(/(\d+)%/.exec(text)?.[1]);
  const source = /drawing from '([^']+)'/.exec(text)?.[1];
  if (percent === undefined || source === undefined) return {};
  return { onBattery: source !== "AC Power", batteryPct: percent };
}
