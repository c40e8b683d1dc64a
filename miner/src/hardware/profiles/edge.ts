/** From `A`, a pleasure to have in the market, to `E`, fit for the smallest models. */
export type EdgeGrade = "A" | "B" | "C" | "D" | "E";

export interface EdgeFacts {
  vramGib: number;
  bandwidthGBs: number;
  fp16Tflops: number;
  tdpW: number;
}

/** Where `value` lies between two others on a scale of ratios, 0 to 1. */
function between(value: number, low: number, high: number): number {
  return Math.min(1, Math.max(0, Math.log(value / low) / Math.log(high / low)));
}

/**
 * What a device is worth at the edge, 0 to 100: memory decides which models it holds, bandwidth how fast it writes, matrix
 * throughput how fast it reads, and bandwidth for each watt what a token costs its owner.
 */
export function edgeScore({ vramGib, bandwidthGBs, fp16Tflops, tdpW }: EdgeFacts): number {
  const memory = between(vramGib, 1, 48);
  const writing = between(bandwidthGBs, 10, 2000);
  const reading = between(fp16Tflops, 0.1, 400);
  const thrift = between(bandwidthGBs / tdpW, 0.5, 8);
  return Math.round(100 * (0.3 * memory + 0.3 * writing + 0.15 * reading + 0.25 * thrift));
}

export function edgeGrade(facts: EdgeFacts): EdgeGrade {
  const score = edgeScore(facts);
  if (score >= 75) return "A";
  if (score >= 62) return "B";
  if (score >= 50) return "C";
  return score >= 35 ? "D" : "E";
}
