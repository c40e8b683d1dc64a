/** What is known about a device that wants to serve a model. */
export interface Candidate {
  vendor: string;
  vramMb: number;
  computeCapability?: number;
  driverVersion?: string;
  /** Times in the last 24 hours that heat made it slower. */
  thermalThrottles?: number;
  /** Share of jobs that failed, 0 to 1. */
  errorRate?: number;
}

export interface Requirements {
  modelMb: number;
  /** Drivers that compute wrong results or crash, as `NVIDIA 000.00`. */
  blacklistedDrivers?: readonly string[];
}

/** Beside the model: the driver's own share, and what a context grows by. */
const headroomMb = 512;
/** The first with tensor cores; kernels for older ones are no longer built. */
const leastComputeCapability = 7;
const mostThrottles = 2;
const mostErrors = 0.05;

/** Why a device may not serve, one sentence each; none when it may. */
export function reasonsAgainst(candidate: Candidate, { modelMb, blacklistedDrivers = [] }: Requirements): string[] {
  const { vendor, vramMb, computeCapability, driverVersion, thermalThrottles = 0, errorRate = 0 } = candidate;
  const reasons: string[] = [];
  if (vramMb < modelMb + headroomMb) {
    reasons.push(`It has ${vramMb} MB of memory, but the model needs ${modelMb + headroomMb} MB.`);
  }
  if (vendor === "NVIDIA" && computeCapability !== undefined && computeCapability < leastComputeCapability) {
    reasons.push(`Its compute capability is ${computeCapability.toFixed(1)}, but at least 7.0 is needed.`);
  }
  if (driverVersion !== undefined && blacklistedDrivers.includes(`${vendor} ${driverVersion}`)) {
    reasons.push(`Its driver ${driverVersion} is known to be broken.`);
  }
  if (thermalThrottles > mostThrottles) {
    reasons.push(`Heat slowed it down ${thermalThrottles} times in 24 hours.`);
  }
  if (errorRate > mostErrors) reasons.push(`${(errorRate * 100).toFixed(1)} % of its jobs failed.`);
  return reasons;
}
