import { readFile } from "node:fs/promises";
import { usualLimits, type ConditionLimits, type JobCaps } from "../../daemon/index.ts";
import { exitCode, MinerError } from "../../errors.ts";
import { usage } from "../arguments.ts";
import type { Io } from "../io.ts";
import { parseCoordinators, parseThermalLimits } from "../settings.ts";

/** What `lode miner start` was given. */
export interface StartOptions {
  readonly coordinator?: readonly string[];
  readonly model?: readonly string[];
  readonly upstream?: string;
  readonly upstreamModel?: string;
  readonly upstreamKind?: string;
  readonly name?: readonly string[];
  readonly onDemand?: boolean;
  readonly fetch?: readonly string[];
  readonly fetchGb?: string;
  readonly miner?: string;
  readonly cert?: string;
  readonly certKey?: string;
  readonly concurrency?: string;
  readonly workers?: string;
  readonly context?: string;
  readonly maxMemoryMb?: string;
  readonly sandbox?: string;
  readonly maxJobMemoryMb?: string;
  readonly maxJobSeconds?: string;
  readonly maxJobCpuSeconds?: string;
  readonly fingerprints?: true;
  readonly metricsPort?: string;
  readonly metricsHost: string;
  readonly place?: string;
  readonly prove?: string;
  readonly prover?: string;
  readonly askInput: string;
  readonly askOutput: string;
}

/** Throws MinerError `usage`. */
export function wholeNumber(text: string, name: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new MinerError("usage", `${name} must be a whole number from ${least} to ${most}.`, {
    exitCode: exitCode.usage,
  });
}

/** A number that may be left out. */
export function whole(text: string | undefined, name: string, most: number): number | undefined {
  return text === undefined ? undefined : wholeNumber(text, name, 1, most);
}

export function capsOf(options: StartOptions, env: Io["env"]): JobCaps {
  const seconds = whole(options.maxJobSeconds ?? env["MAX_JOB_SECS"], "--max-job-seconds", 1e6);
  const cpuSeconds = whole(options.maxJobCpuSeconds ?? env["MAX_JOB_CPU_SECS"], "--max-job-cpu-seconds", 1e6);
  return {
    wallMs: seconds === undefined ? undefined : seconds * 1000,
    cpuMs: cpuSeconds === undefined ? undefined : cpuSeconds * 1000,
  };
}

/** Whether receipts shall commit to fingerprints: --fingerprints, or FINGERPRINTS=1. */
export function fingerprintsOf({ fingerprints }: StartOptions, env: Io["env"]): boolean {
  return fingerprints === true || env["FINGERPRINTS"] === "1";
}

/** The coordinators to serve: --coordinator, as often as wanted, or COORD_URL. Throws MinerError `usage`. */
export function coordinatorsOf(options: Pick<StartOptions, "coordinator">, env: Io["env"]): string[] {
  const urls = parseCoordinators(options.coordinator?.join(",") ?? env["COORD_URL"] ?? "");
  if (urls !== undefined) return urls;
  throw new MinerError(
    "usage",
    "Name the coordinator by a URL without a password: --coordinator http://127.0.0.1:8402",
    {
      exitCode: exitCode.usage,
    },
  );
}

/** The models to serve: --model, as often as wanted, or MODEL with commas. */
export function modelsOf(options: Pick<StartOptions, "model">, env: Io["env"]): readonly string[] {
  return options.model ?? modelsIn(env["MODEL"]);
}

/** What MODEL names; the embedded model unless it is set. */
export function modelsIn(setting: string | undefined): [string, ...string[]] {
  const [first, ...others] = (setting ?? "").split(",").flatMap((name) => (name.trim() === "" ? [] : name.trim()));
  return first === undefined ? ["embedded"] : [first, ...others];
}

/** How much is to be served. */
export interface ServingNumbers {
  /** Jobs at a time in one process, */
  sequences: number;
  /** and processes. */
  workers: number;
  contextTokens: number | undefined;
  maxMemoryMb: number | undefined;
  maxJobMemoryMb: number | undefined;
}

/** Throws MinerError `usage`. */
export function servingOf(options: StartOptions, env: Io["env"]): ServingNumbers {
  const jobs = wholeNumber(options.concurrency ?? env["MAX_CONCURRENCY"] ?? "1", "--concurrency", 1, 48);
  const workers = whole(options.workers ?? env["WORKERS"], "--workers", 48) ?? 1;
  if (jobs % workers !== 0) {
    const sentence = `--concurrency ${jobs} cannot be shared equally among ${workers} workers.`;
    throw new MinerError("usage", sentence, { exitCode: exitCode.usage });
  }
  return {
    sequences: jobs / workers,
    workers,
    contextTokens: options.context === undefined ? undefined : wholeNumber(options.context, "--context", 64, 1_000_000),
    maxMemoryMb: whole(options.maxMemoryMb ?? env["MAX_MEMORY_MB"], "--max-memory-mb", 1e9),
    maxJobMemoryMb: whole(options.maxJobMemoryMb ?? env["MAX_JOB_MEMORY_MB"], "--max-job-memory-mb", 1e9),
  };
}

/** The temperatures that THERMAL_LIMITS names, else the usual ones. */
export function conditionLimitsOf(env: Io["env"]): ConditionLimits {
  const [warmC, hotC, criticalC] = parseThermalLimits(env["THERMAL_LIMITS"] ?? "") ?? [];
  if (warmC === undefined || hotC === undefined || criticalC === undefined) return usualLimits;
  return { ...usualLimits, warmC, hotC, criticalC };
}

/** What ACCEL_MODE says: a card where there is one that will do, unless another word is given. Settings are checked before. */
export function accelerationOf(env: Io["env"]): "auto" | "gpu" | "cpu" {
  const mode = env["ACCEL_MODE"];
  return mode === "gpu" || mode === "cpu" ? mode : "auto";
}

/** The certificate that a coordinator may ask for. Throws MinerError. */
export async function certificateOf({ cert, certKey }: StartOptions, env: Io["env"]) {
  const files = [cert ?? env["MINER_CERT_FILE"] ?? "", certKey ?? env["MINER_CERT_KEY_FILE"] ?? ""] as const;
  if (files.every((file) => file === "")) return undefined;
  if (files.includes("")) throw usage("A certificate needs its key: give --cert and --cert-key.");
  const [certPem, keyPem] = await Promise.all(
    files.map(async (file) => {
      try {
        return await readFile(file);
      } catch (cause) {
        throw usage(`${file} cannot be read.`, cause);
      }
    }),
  );
  return certPem === undefined || keyPem === undefined ? undefined : { cert: certPem, key: keyPem };
}
