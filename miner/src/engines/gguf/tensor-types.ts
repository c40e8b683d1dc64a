/** Tensor formats by their number in a GGUF: name, weights in a block, bytes of a block. */
const formats: Partial<Record<number, readonly [name: string, weights: number, bytes: number]>> = {
  0: ["F32", 1, 4],
  1: ["F16", 1, 2],
  2: ["Q4_0", 32, 18],
  3: ["Q4_1", 32, 20],
  6: ["Q5_0", 32, 22],
  7: ["Q5_1", 32, 24],
  8: ["Q8_0", 32, 34],
  9: ["Q8_1", 32, 36],
  10: ["Q2_K", 256, 84],
  11: ["Q3_K", 256, 110],
  12: ["Q4_K", 256, 144],
  13: ["Q5_K", 256, 176],
  14: ["Q6_K", 256, 210],
  15: ["Q8_K", 256, 292],
  16: ["IQ2_XXS", 256, 66],
  17: ["IQ2_XS", 256, 74],
  18: ["IQ3_XXS", 256, 98],
  19: ["IQ1_S", 256, 50],
  20: ["IQ4_NL", 32, 18],
  21: ["IQ3_S", 256, 110],
  22: ["IQ2_S", 256, 82],
  23: ["IQ4_XS", 256, 136],
  24: ["I8", 1, 1],
  25: ["I16", 1, 2],
  26: ["I32", 1, 4],
  27: ["I64", 1, 8],
  28: ["F64", 1, 8],
  29: ["IQ1_M", 256, 56],
  30: ["BF16", 1, 2],
};

export function tensorTypeName(type: number): string {
  return formats[type]?.[0] ?? `type ${type}`;
}

/** Size of a tensor's data, or undefined for a format that is not listed. */
export function tensorBytes(type: number, dimensions: readonly number[]): number | undefined {
  const format = formats[type];
  if (format === undefined) return undefined;
  const [, weights, bytes] = format;
  return (dimensions.reduce((product, dimension) => product * dimension, 1) / weights) * bytes;
}

/** The number of a format in a GGUF, or undefined for one that is not listed. */
export function tensorTypeNumber(name: string): number | undefined {
  const found = Object.entries(formats).find(([, format]) => format?.[0] === name);
  return found === undefined ? undefined : Number(found[0]);
}
