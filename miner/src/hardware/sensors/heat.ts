import type { Machine } from "../machine.ts";
import { numberIn } from "../reading.ts";

/** Chips' own sensors by the kernel's name for them; the rest are disks, radios and voltage regulators. */
const processorSensors = new Set(["coretemp", "k10temp", "zenpower", "cpu_thermal", "soc_thermal"]);
const processorZones = /^(x86_pkg_temp|cpu|soc|tcpu)/i;
/** A sensor that is not there says 0 or a number from nowhere. */
const isLikely = (celsius: number): boolean => celsius > 0 && celsius < 150;

/** The processor's temperature from Linux' own files; undefined where there is none, as in most virtual machines. */
export async function readProcessorHeat(machine: Machine): Promise<number | undefined> {
  if (machine.platform !== "linux") return undefined;
  const found = (await Promise.all([readMonitors(machine), readZones(machine)])).flat().filter(isLikely);
  return found.length === 0 ? undefined : Math.max(...found);
}

async function readMonitors(machine: Machine): Promise<number[]> {
  const folder = "/sys/class/hwmon";
  const found = await Promise.all(
    (await machine.list(folder)).map(async (name) => {
      const kind = (await machine.read(`${folder}/${name}/name`))?.trim();
      // The first input is the package's, behind it come single cores.
      return processorSensors.has(kind ?? "") ? celsius(await machine.read(`${folder}/${name}/temp1_input`)) : [];
    }),
  );
  return found.flat();
}

async function readZones(machine: Machine): Promise<number[]> {
  const folder = "/sys/class/thermal";
  const zones = (await machine.list(folder)).filter((name) => name.startsWith("thermal_zone"));
  const found = await Promise.all(
    zones.map(async (name) => {
      const kind = (await machine.read(`${folder}/${name}/type`))?.trim() ?? "";
      return processorZones.test(kind) ? celsius(await machine.read(`${folder}/${name}/temp`)) : [];
    }),
  );
  return found.flat();
}

function celsius(milli: string | undefined): number[] {
  const value = numberIn(milli);
  return value === undefined ? [] : [value / 1000];
}
