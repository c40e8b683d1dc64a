import { describe, expect, it } from "vitest";
import { finishReason } from "@lode/sdk/typed-data";
import { createProcessorLoad, machineMetrics } from "../../../miner/src/daemon/accounting/machine-load.ts";
import { gpuStateOf } from "../../../miner/src/daemon/conditions/watch.ts";
import { expose } from "../../../miner/src/daemon/metrics/exposition.ts";
import { Figures } from "../../../miner/src/daemon/metrics/figures.ts";
import { serveMetrics } from "../../../miner/src/daemon/metrics/server.ts";
import { Station } from "../../../miner/src/daemon/station.ts";
import type { Sample } from "../../../miner/src/hardware/index.ts";
import { parseNetworkCounters } from "../../../miner/src/hardware/sensors/network.ts";

const card = { source: "nvidia-smi", vendor: "NVIDIA", name: 'RTX "4060"' };
const sampleAt = (atMs: number, fields: Partial<Sample> = {}): Sample => {
  return { atMs, gpus: [], counters: [], isCardWanted: false, ...fields };
};
const receipt = {
  event: "receipt",
  assignment: `0x${"ab".repeat(32)}`,
  ...{ inputTokens: 7, outputTokens: 40, durationMs: 2000, amountWei: "3000000000000000000" },
  finishReason: finishReason.stop,
} as const;

const valueOf = (text: string, series: string): string | undefined =>
  text
    .split("\n")
    .find((line) => line.startsWith(`${series} `))
    ?.slice(series.length + 1);

describe("the figures", () => {
  it("count receipts, refusals, links and vouchers", () => {
    const station = new Station(2);
    const figures = new Figures(station, { miner: "0x1", model: "demo" }, 0, () => 83);
    const url = "http://127.0.0.1:8402";
    figures.count({ event: "connected", coordinator: "0x2", url });
    figures.count(receipt);
    figures.count({ ...receipt, finishReason: finishReason.cut });
    figures.count({ event: "job", assignment: receipt.assignment, offset: 0 });
    figures.count({ event: "job", assignment: receipt.assignment, offset: 0, batch: 2 });
    figures.count({ event: "refused", assignment: "0x", code: "busy", message: "" });
    figures.count({ event: "voucher", coordinator: "0x2", cumulativeWei: "2000000000000000000", count: "2" });
    station.running = 3;
    const text = figures.text(5000);
    expect(valueOf(text, 'lode_miner_jobs_total{end="stop"}')).toBe("1");
    expect(valueOf(text, 'lode_miner_jobs_total{end="cut"}')).toBe("1");
    expect(valueOf(text, "lode_miner_jobs_hinted_total")).toBe("1");
    expect(valueOf(text, 'lode_miner_tokens_total{side="output"}')).toBe("80");
    expect(valueOf(text, "lode_miner_tokens_drawn_total")).toBe("83");
    expect(valueOf(text, "lode_miner_receipted_lode_total")).toBe("6");
    expect(valueOf(text, 'lode_miner_refused_total{code="busy"}')).toBe("1");
    expect(valueOf(text, 'lode_miner_voucher_lode{coordinator="0x2"}')).toBe("2");
    expect(valueOf(text, `lode_miner_link_up{coordinator="${url}"}`)).toBe("1");
    expect(valueOf(text, "lode_miner_jobs_queued")).toBe("1");
    expect(valueOf(text, "lode_miner_tokens_per_second")).toBe("20");
    expect(valueOf(text, "lode_miner_uptime_seconds")).toBe("5");
    figures.count({ event: "disconnected", url, reason: "x", retryInSecs: 1 });
    expect(valueOf(figures.text(5000), `lode_miner_link_up{coordinator="${url}"}`)).toBe("0");
  });

  it("leave out what no sensor tells", () => {
    const figures = new Figures(new Station(1), {}, 0);
    figures.take(sampleAt(0));
    expect(figures.text(0)).not.toMatch(/energy|kilojoule|temperature|battery|gpu/);
  });

  it("tell energy, tokens for it, and each card", () => {
    const figures = new Figures(new Station(1), {}, 0);
    const gpus = [{ ...card, powerW: 100, temperatureC: 61, vramMb: 16, vramFreeMb: 4 }];
    figures.take(sampleAt(0, { gpus }));
    figures.take(sampleAt(4000, { gpus }));
    figures.count(receipt);
    const text = figures.text(0);
    expect(valueOf(text, "lode_miner_energy_joules_total")).toBe("400");
    expect(valueOf(text, "lode_miner_tokens_per_kilojoule")).toBe("100");
    expect(valueOf(text, 'lode_miner_gpu_memory_free_bytes{gpu="0",name="RTX \\"4060\\""}')).toBe("4194304");
    expect(valueOf(text, "lode_miner_temperature_celsius")).toBe("61");
  });

  it("hold a bounded number of codes, whatever a broken engine invents", () => {
    const figures = new Figures(new Station(1), {}, 0);
    const refused = { event: "refused", assignment: "0x", message: "" } as const;
    for (let number = 0; number < 200; number += 1) figures.count({ ...refused, code: `code_${number}` });
    const text = figures.text(0);
    expect(text.match(/lode_miner_refused_total\{/g)).toHaveLength(65);
    expect(valueOf(text, 'lode_miner_refused_total{code="other"}')).toBe("136");
  });

  it("say 0 slots while no work is taken", () => {
    const station = new Station(3);
    const figures = new Figures(station, {}, 0);
    station.apply({ takesWork: true, share: 0.5, endsRunning: false, relinks: false, status: "available" });
    expect(valueOf(figures.text(0), "lode_miner_slots")).toBe("2");
    station.apply({ takesWork: false, share: 1, endsRunning: false, relinks: false, status: "degraded" });
    expect(valueOf(figures.text(0), "lode_miner_slots")).toBe("0");
  });
});

describe("the text format", () => {
  it("escapes labels and help, and has a type for each family", () => {
    const values = [{ labels: { name: 'a"b\\c\nd' }, value: Infinity }];
    expect(expose([{ name: "x_total", help: "one\ntwo", type: "counter", values }])).toBe(
      '# HELP x_total one\\ntwo\n# TYPE x_total counter\nx_total{name="a\\"b\\\\c\\nd"} +Inf\n',
    );
  });
});

describe("the server", () => {
  it("answers /metrics and nothing else, and says where a port is taken", async () => {
    const server = await serveMetrics({ host: "127.0.0.1", port: 0 }, () => "x 1\n");
    const at = `http://127.0.0.1:${server.port}`;
    try {
      const answer = await fetch(`${at}/metrics?x`);
      expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
      expect(await answer.text()).toBe("x 1\n");
      expect((await fetch(`${at}/`)).status).toBe(404);
      expect((await fetch(`${at}/metrics`, { method: "POST" })).status).toBe(405);
      const taken = serveMetrics({ host: "127.0.0.1", port: server.port }, () => "");
      await expect(taken).rejects.toMatchObject({ code: "port_taken" });
    } finally {
      await server.close();
    }
  });
});

describe("a minute of the machine", () => {
  it("fits what a coordinator accepts", () => {
    const gpus = [{ ...card, vramMb: 100, vramFreeMb: 120, utilizationPct: 101, powerW: -1 }];
    const network = { receivedBytes: 5, sentBytes: 6 };
    const told = machineMetrics(sampleAt(0, { gpus, network }), 50, { joules: 12.4, tokensPerKj: 3.14159 });
    expect(told.gpus[0]).toMatchObject({ vram_used_mb: 0, utilization_pct: 100, power_w: 0 });
    expect(told).toMatchObject({
      cpu_load_pct: 50,
      received_bytes: 5,
      sent_bytes: 6,
      energy_joules: 12,
      tokens_per_kj: 3.1,
    });
    expect(told.memory_used_mb).toBeLessThanOrEqual(told.memory_total_mb);
  });

  it("counts busy time between two questions", () => {
    const times = [
      { busyMs: 100, allMs: 1000 },
      { busyMs: 150, allMs: 1100 },
      { busyMs: 150, allMs: 1100 },
    ];
    const load = createProcessorLoad(() => times.shift()!);
    expect([load(), load()]).toEqual([50, 0]);
  });

  it("sums the network's devices without the loopback", () => {
    const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 999 1 0 0 0 0 0 0 999 1 0 0 0 0 0 0
  eth0: 1000 1 0 0 0 0 0 0 200 1 0 0 0 0 0 0
 wlan0:30 1 0 0 0 0 0 0 4 1 0 0 0 0 0 0
`;
    expect(parseNetworkCounters(text)).toEqual({ receivedBytes: 1030, sentBytes: 204 });
  });

  it("a heartbeat tells of the first card that has a temperature", () => {
    const gpus = [{ ...card }, { ...card, temperatureC: 50, vramMb: 100, vramFreeMb: 30 }];
    expect(gpuStateOf(sampleAt(0, { gpus }))).toEqual({
      ...{ temperature_c: 50, vram_used_mb: 70, vram_total_mb: 100, utilization_pct: 0 },
    });
    expect(gpuStateOf(sampleAt(0))).toBeUndefined();
  });
});
