import { describe, expect, it } from "vitest";
import { EnergyMeter, tokensPerKilojoule } from "../../../miner/src/daemon/accounting/energy.ts";
import { isCardWanted, parsePmon } from "../../../miner/src/hardware/sensors/card-users.ts";
import { readProcessorHeat } from "../../../miner/src/hardware/sensors/heat.ts";
import { parsePmset, readPower } from "../../../miner/src/hardware/sensors/power.ts";
import { joulesBetween, readRapl } from "../../../miner/src/hardware/sensors/rapl.ts";
import { hottestC, sample, type Sample, type SensorOptions } from "../../../miner/src/hardware/sensors/sensors.ts";
import { fakeMachine, fixture, type FakeMachine } from "./fake-machine.ts";

const rapl = (energy: Readonly<Record<string, [name: string, microjoules: number]>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(energy).flatMap(([zone, [name, microjoules]]) => {
      const folder = `/sys/class/powercap/${zone}`;
      return [
        [`${folder}/name`, `${name}\n`],
        [`${folder}/energy_uj`, `${microjoules}\n`],
        [`${folder}/max_energy_range_uj`, "262143328850\n"],
      ];
    }),
  );

const supply = (name: string, fields: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [`/sys/class/power_supply/${name}/${field}`, `${value}\n`]),
  );

describe("RAPL", () => {
  it("counts packages and memory, not what lies within them", async () => {
    const files = rapl({
      "intel-rapl:0": ["package-0", 5_000_000],
      "intel-rapl:0:0": ["core", 3_000_000],
      "intel-rapl:0:1": ["dram", 1_000_000],
      "intel-rapl:1": ["package-1", 7_000_000],
      "intel-rapl:2": ["psys", 20_000_000],
    });
    const counters = await readRapl(fakeMachine({ files }));
    expect(counters.map(({ name }) => name)).toEqual(["intel-rapl:0", "intel-rapl:0:1", "intel-rapl:1"]);
  });

  it("goes on where a counter begins anew, and leaves out one that was not there before", () => {
    const range = { rangeMicrojoules: 1_000_000_000 };
    const before = [{ name: "a", microjoules: 999_000_000, ...range }];
    const after = [
      { name: "a", microjoules: 4_000_000, ...range },
      { name: "b", microjoules: 9_000_000, ...range },
    ];
    expect(joulesBetween(before, after)).toBe(5);
  });

  it("has none where only root may read them", async () => {
    const files = rapl({ "intel-rapl:0": ["package-0", 5_000_000] });
    delete files["/sys/class/powercap/intel-rapl:0/energy_uj"];
    expect(await readRapl(fakeMachine({ files }))).toEqual([]);
  });
});

describe("power", () => {
  const battery = { type: "Battery", status: "Discharging", capacity: "64", scope: "System" };
  const mains = { type: "Mains", online: "0" };
  const read = (files: Record<string, string>): ReturnType<typeof readPower> => readPower(fakeMachine({ files }));

  it("is the battery's when it gives and nothing else does", async () => {
    const files = { ...supply("BAT0", battery), ...supply("AC", mains) };
    expect(await read(files)).toEqual({ onBattery: true, batteryPct: 64 });
  });

  it.each([
    ["plugged in", { ...supply("BAT0", battery), ...supply("AC", { ...mains, online: "1" }) }],
    ["charging", { ...supply("BAT0", { ...battery, status: "Charging" }), ...supply("AC", mains) }],
    ["by USB", { ...supply("BAT0", battery), ...supply("usb", { type: "USB", online: "1" }) }],
  ])("is not when it is %s", async (_how, files) => {
    expect(await read(files)).toEqual({ onBattery: false, batteryPct: 64 });
  });

  it("a mouse's battery is nobody's business", async () => {
    expect(await read(supply("hidpp_battery_0", { ...battery, scope: "Device" }))).toEqual({});
  });

  it("macOS", () => {
    const words =
      "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=4522083)\t83%; discharging; 4:21 remaining";
    expect(parsePmset(words)).toEqual({ onBattery: true, batteryPct: 83 });
    expect(parsePmset(words.replace("Battery Power", "AC Power"))).toEqual({ onBattery: false, batteryPct: 83 });
    expect(parsePmset("Now drawing from 'AC Power'\n")).toEqual({});
  });
});

describe("heat", () => {
  it("is the processor's package, whichever file tells more", async () => {
    const files = {
      "/sys/class/hwmon/hwmon0/name": "nvme\n",
      "/sys/class/hwmon/hwmon0/temp1_input": "91000\n",
      "/sys/class/hwmon/hwmon1/name": "k10temp\n",
      "/sys/class/hwmon/hwmon1/temp1_input": "67125\n",
      "/sys/class/thermal/thermal_zone0/type": "x86_pkg_temp\n",
      "/sys/class/thermal/thermal_zone0/temp": "66000\n",
      "/sys/class/thermal/thermal_zone1/type": "iwlwifi_1\n",
      "/sys/class/thermal/thermal_zone1/temp": "88000\n",
      "/sys/class/thermal/cooling_device0/type": "Processor\n",
    };
    expect(await readProcessorHeat(fakeMachine({ files }))).toBe(67.125);
  });

  it("believes no impossible number", async () => {
    const zone = "/sys/class/thermal/thermal_zone0";
    const files = { [`${zone}/type`]: "cpu-thermal\n", [`${zone}/temp`]: "-274000\n" };
    expect(await readProcessorHeat(fakeMachine({ files }))).toBeUndefined();
  });
});

describe("who works the card", () => {
  const text = fixture("nvidia-smi-pmon.game-and-desktop.txt");
  const machine = fakeMachine({ tools: { "nvidia-smi pmon -c 1 -s u": text } });

  it("reads every process that has a share", () => {
    expect(parsePmon(text)).toEqual([
      { pid: 2210, kind: "G", sharePct: 3 },
      { pid: 40112, kind: "C+G", sharePct: 87 },
      { pid: 51877, kind: "C", sharePct: 12 },
    ]);
  });

  it("is a game, not a desktop and not ourselves", async () => {
    expect(await isCardWanted(machine, () => false)).toBe(true);
    expect(await isCardWanted(machine, (pid) => pid === 40112)).toBe(false);
    expect(await isCardWanted(fakeMachine(), () => false)).toBe(false);
  });
});

describe("a sample", () => {
  const take = (fake: FakeMachine, changes: Partial<SensorOptions> = {}): Promise<Sample> =>
    sample({
      machine: fakeMachine(fake),
      vendors: ["NVIDIA"],
      usesCard: false,
      isOurs: () => false,
      nowMs: () => 7,
      ...changes,
    });

  it("of a machine that tells nothing is empty", async () => {
    const empty = await take({});
    expect(empty).toEqual({ atMs: 7, gpus: [], counters: [], isCardWanted: false });
    expect(hottestC(empty)).toBeUndefined();
  });

  it("names the hottest part and what the cards draw", async () => {
    const query = fixture("nvidia-smi-query.two-cards.csv");
    const seen = await take({ tools: { "nvidia-smi": query } });
    expect(seen.gpus.map(({ powerW }) => powerW)).toEqual([21.87, 9.41]);
    expect(hottestC(seen)).toBe(38);
    expect(seen.isCardWanted).toBe(false);
  });

  it("an engine that leaves the card alone takes any load for somebody else's", async () => {
    const busy = fixture("nvidia-smi-query.two-cards.csv").replace(", 0, 38,", ", 55, 38,");
    expect((await take({ tools: { "nvidia-smi": busy } })).isCardWanted).toBe(true);
    expect((await take({ tools: { "nvidia-smi": busy } }, { usesCard: true })).isCardWanted).toBe(false);
  });

  it("asks nobody's tool where there is no card", async () => {
    const query = fixture("nvidia-smi-query.two-cards.csv");
    expect((await take({ tools: { "nvidia-smi": query } }, { vendors: [] })).gpus).toEqual([]);
  });
});

describe("energy", () => {
  const counter = (microjoules: number): Sample["counters"] => [
    { name: "intel-rapl:0", microjoules, rangeMicrojoules: 1e12 },
  ];
  const at = (atMs: number, fields: Partial<Sample>): Sample => {
    return { atMs, gpus: [], counters: [], isCardWanted: false, ...fields };
  };
  const card = (powerW: number): Sample["gpus"] => [{ source: "nvidia-smi", vendor: "NVIDIA", name: "card", powerW }];

  it("adds the counters' joules and the cards' watts by time", () => {
    const meter = new EnergyMeter();
    meter.take(at(0, { counters: counter(0), gpus: card(100) }), 1);
    meter.take(at(2000, { counters: counter(50e6), gpus: card(200) }), 1);
    expect(meter.joules).toBe(50 + 300);
  });

  it("falls to the jobs that run in equal parts, and goes on between samples", () => {
    const meter = new EnergyMeter();
    meter.take(at(0, { counters: counter(0) }), 0);
    const start = meter.mark(0)!;
    meter.take(at(1000, { counters: counter(60e6) }), 3);
    expect(meter.mark(1000)! - start).toBe(20);
    expect(meter.mark(1500)! - start).toBe(30);
  });

  it("is unknown without a sensor", () => {
    const meter = new EnergyMeter();
    meter.take(at(0, {}), 1);
    meter.take(at(1000, {}), 1);
    expect([meter.joules, meter.mark(1000)]).toEqual([undefined, undefined]);
    expect(tokensPerKilojoule(100, meter.joules)).toBeUndefined();
    expect(tokensPerKilojoule(100, 50)).toBe(2000);
  });
});
