/**
 * A vector of length 1 in the same direction, summed in float64 in the order given and rounded once, so that every
 * machine gets the same bits. Undefined where there is no direction.
 */
export function normalise(vector: readonly number[]): Float32Array | undefined {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (!Number.isFinite(length) || length === 0) return undefined;
  return Float32Array.from(vector, (value) => value / length);
}
