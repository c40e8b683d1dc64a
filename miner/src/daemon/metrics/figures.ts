import { finishReason } from "@lode/sdk/typed-data";
import { hottestC, type Sample } from "../../hardware/index.ts";
import { EnergyMeter, tokensPerKilojoule } from "../accounting/energy.ts";
import type { MinerEvent } from "../events.ts";
import type { Station } from "../station.ts";
import { expose, Tally, type Family, type Labels } from "./exposition.ts";

const reasonNames = new Map<number, string>(Object.entries(finishReason).map(([name, value]) => [value, name]));
/** Codes come from this program, but a broken engine could invent one at every job. */
const mostCodes = 64;

/** Everything that the miner counts, from its events and from looks at the machine. */
export class Figures {
  readonly energy = new EnergyMeter();
  readonly #station: Station;
  readonly #labels: Labels;
  readonly #startedMs: number;
  readonly #drawn: () => number | undefined;
  readonly #jobs = new Tally();
  readonly #refused = new Tally();
  readonly #tokens = new Tally();
  readonly #links = new Map<string, boolean>();
  readonly #reconnects = new Tally();
  readonly #loaded = new Map<string, boolean>();
  #loads = 0;
  #hinted = 0;
  #classifications = 0;
  #jobSeconds = 0;
  #earnedWei = 0n;
  #accepted = 0;
  #rejected = 0;
  #voucherWei = new Map<string, bigint>();
  /** Of the last job. */
  #tokensPerSecond: number | undefined;
  #sample: Sample | undefined;

  /**
   * @param labels of `lode_miner_info`
   * @param drawn tokens that the engines drew, where they tell
   */
  constructor(station: Station, labels: Labels, startedMs: number, drawn: () => number | undefined = () => undefined) {
    this.#drawn = drawn;
    this.#station = station;
    this.#labels = labels;
    this.#startedMs = startedMs;
  }

  get sample(): Sample | undefined {
    return this.#sample;
  }

  get tokensPerKj(): number | undefined {
    const [output] = this.#tokens.values.filter(({ labels }) => labels["side"] === "output");
    return tokensPerKilojoule(output?.value ?? 0, this.energy.joules);
  }

  take(sample: Sample): void {
    this.#sample = sample;
    this.energy.take(sample, this.#station.running);
  }

  count(event: MinerEvent): void {
    switch (event.event) {
      case "connected":
        this.#links.set(event.url, true);
        return;
      case "disconnected":
        this.#links.set(event.url, false);
        this.#reconnects.add({ coordinator: event.url });
        return;
      case "refused": {
        const isKnown = this.#refused.values.some(({ labels }) => labels["code"] === event.code);
        const isFull = this.#refused.values.length >= mostCodes;
        this.#refused.add({ code: isKnown || !isFull ? event.code : "other" });
        return;
      }
      case "receipt":
        this.#jobs.add({ end: reasonNames.get(event.finishReason) ?? "other" });
        this.#tokens.add({ side: "input" }, event.inputTokens);
        this.#tokens.add({ side: "output" }, event.outputTokens);
        this.#jobSeconds += event.durationMs / 1000;
        this.#earnedWei += BigInt(event.amountWei);
        if (event.outputTokens > 1 && event.durationMs > 0) {
          this.#tokensPerSecond = (event.outputTokens * 1000) / event.durationMs;
        }
        return;
      case "accepted":
        this.#accepted += 1;
        return;
      case "rejected":
        this.#rejected += 1;
        return;
      case "voucher":
        this.#voucherWei.set(event.coordinator, BigInt(event.cumulativeWei));
        return;
      case "classification":
        this.#classifications += 1;
        return;
      case "model":
        this.#loaded.set(event.model, event.isLoaded);
        if (event.isLoaded) this.#loads += 1;
        return;
      case "job":
        if (event.batch !== undefined) this.#hinted += 1;
        return;
      case "conditions":
      case "metrics":
      case "distrust":
      case "warning":
        return;
    }
  }

  text(nowMs: number): string {
    return expose([...this.#work(), ...this.#machine(), ...this.#process(nowMs)]);
  }

  #work(): Family[] {
    const { running, concurrency, slots, policy } = this.#station;
    const lode = (wei: bigint): number => Number(wei) / 1e18;
    const vouchers = [...this.#voucherWei].map(([coordinator, wei]) => ({ labels: { coordinator }, value: lode(wei) }));
    const loaded = [...this.#loaded].map(([model, isLoaded]) => ({ labels: { model }, value: isLoaded ? 1 : 0 }));
    const links = [...this.#links].map(([url, isUp]) => ({ labels: { coordinator: url }, value: isUp ? 1 : 0 }));
    return [
      counter("lode_miner_jobs_total", "Jobs that ended with a receipt, by how they ended", this.#jobs.values),
      counter("lode_miner_refused_total", "Jobs refused or failed without a receipt, by code", this.#refused.values),
      counter("lode_miner_jobs_hinted_total", "Jobs that were said to come with others", one(this.#hinted)),
      counter("lode_miner_tokens_total", "Receipted tokens by side", this.#tokens.values),
      counter("lode_miner_tokens_drawn_total", "Output tokens computed, also those nobody pays", one(this.#drawn())),
      counter("lode_miner_job_seconds_total", "Time of receipted jobs in their slots", one(this.#jobSeconds)),
      counter("lode_miner_receipted_lode_total", "LODE in receipts since the start", one(lode(this.#earnedWei))),
      counter("lode_miner_receipts_accepted_total", "Receipts that a coordinator confirmed", one(this.#accepted)),
      counter("lode_miner_receipts_rejected_total", "Receipts that a coordinator rejected", one(this.#rejected)),
      counter("lode_miner_classifications_total", "Classifications proved and paid", one(this.#classifications)),
      gauge("lode_miner_voucher_lode", "What the last voucher of a coordinator pays in all", vouchers),
      gauge("lode_miner_tokens_per_second", "Of the last job that wrote more than a token", one(this.#tokensPerSecond)),
      gauge("lode_miner_jobs_running", "Jobs taken and not ended, those in the queue included", one(running)),
      gauge("lode_miner_jobs_queued", "Of them, those without a slot", one(Math.max(0, running - concurrency))),
      gauge("lode_miner_slots", "Slots that may be used now", one(policy.takesWork ? slots : 0)),
      gauge("lode_miner_takes_work", "1 while new jobs are taken", one(policy.takesWork ? 1 : 0)),
      gauge("lode_miner_model_loaded", "1 while a model is in memory, where several are served", loaded),
      counter("lode_miner_model_loads_total", "Models loaded for a job or because they are wanted", one(this.#loads)),
      gauge("lode_miner_link_up", "1 while the link to a coordinator is open", links),
      counter("lode_miner_link_losses_total", "Links that ended or did not open", this.#reconnects.values),
    ];
  }

  #machine(): Family[] {
    const sample = this.#sample;
    const gpus = sample?.gpus ?? [];
    const each = (name: string, help: string, of: (gpu: (typeof gpus)[number]) => number | undefined): Family => {
      const values = gpus.map((gpu, index) => ({ labels: { gpu: `${index}`, name: gpu.name }, value: of(gpu) }));
      return gauge(
        name,
        help,
        values.flatMap(({ labels, value }) => (value === undefined ? [] : { labels, value })),
      );
    };
    const { joules } = this.energy;
    return [
      counter("lode_miner_energy_joules_total", "Energy of processor and cards, where sensors tell", one(joules)),
      gauge("lode_miner_tokens_per_kilojoule", "Output tokens for a thousand joules", one(this.tokensPerKj)),
      gauge("lode_miner_temperature_celsius", "Of the hottest part", one(sample && hottestC(sample))),
      gauge("lode_miner_battery_percent", "Charge of the machine's battery", one(sample?.batteryPct)),
      each("lode_miner_gpu_temperature_celsius", "Temperature of a card", (gpu) => gpu.temperatureC),
      each("lode_miner_gpu_power_watts", "What a card draws", (gpu) => gpu.powerW),
      each("lode_miner_gpu_utilization_percent", "How busy a card is", (gpu) => gpu.utilizationPct),
      each("lode_miner_gpu_memory_total_bytes", "Memory of a card", (gpu) => bytes(gpu.vramMb)),
      each("lode_miner_gpu_memory_free_bytes", "Free memory of a card", (gpu) => bytes(gpu.vramFreeMb)),
    ];
  }

  #process(nowMs: number): Family[] {
    const { user, system } = process.cpuUsage();
    return [
      gauge("lode_miner_info", "What this miner is", [{ labels: this.#labels, value: 1 }]),
      gauge("lode_miner_uptime_seconds", "Since the daemon started", one((nowMs - this.#startedMs) / 1000)),
      gauge("process_resident_memory_bytes", "Of the daemon, without its engine", one(process.memoryUsage.rss())),
      counter("process_cpu_seconds_total", "Of the daemon, without its engine", one((user + system) / 1e6)),
    ];
  }
}

const bytes = (mebibytes: number | undefined): number | undefined =>
  mebibytes === undefined ? undefined : mebibytes * 2 ** 20;
const one = (value: number | undefined): Family["values"] => (value === undefined ? [] : [{ value }]);
const counter = (name: string, help: string, values: Family["values"]): Family => {
  return { name, help, type: "counter", values };
};
const gauge = (name: string, help: string, values: Family["values"]): Family => ({ name, help, type: "gauge", values });
