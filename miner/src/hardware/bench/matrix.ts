/** How fast this processor multiplies and moves memory when nothing but JavaScript asks it to: a yardstick, no promise. */
export interface MatrixFigures {
  /** Billions of FP32 operations per second on one thread. */
  gflops: number;
  /** GB/s of one thread reading and writing. */
  memoryGBs: number;
  /** The product's sum, the same on every machine: the work was done. */
  checksum: number;
}

const size = 256;
const repeats = 6;
const memoryBytes = 64 << 20;

/** Multiplies two matrices of 256 x 256 whose values follow from their places. */
export function multiply(n: number): { product: Float32Array; checksum: number } {
  const left = Float32Array.from({ length: n * n }, (_, at) => ((at * 7) % 13) - 6);
  const right = Float32Array.from({ length: n * n }, (_, at) => ((at * 5) % 11) - 5);
  const product = new Float32Array(n * n);
  for (let row = 0; row < n; row += 1) {
    for (let inner = 0; inner < n; inner += 1) {
      const factor = left[row * n + inner] ?? 0;
      // The innermost loop runs along rows of both, so that every cache line is used whole.
      for (let column = 0; column < n; column += 1) {
        const at = row * n + column;
        product[at] = (product[at] ?? 0) + factor * (right[inner * n + column] ?? 0);
      }
    }
  }
  return { product, checksum: product.reduce((sum, value) => sum + value, 0) };
}

/** Takes about half a second. The best of several rounds counts: the others were disturbed. */
export function measureMatrix(now: () => number): MatrixFigures {
  let [best, checksum] = [Infinity, 0];
  for (let round = 0; round < repeats; round += 1) {
    const started = now();
    checksum = multiply(size).checksum;
    best = Math.min(best, now() - started);
  }
  return { gflops: rounded((2 * size ** 3) / best / 1e6), memoryGBs: measureMemory(now), checksum };
}

function measureMemory(now: () => number): number {
  const from = new Uint8Array(memoryBytes).fill(1);
  const to = new Uint8Array(memoryBytes);
  let best = Infinity;
  for (let round = 0; round < repeats; round += 1) {
    const started = now();
    to.set(from);
    best = Math.min(best, now() - started);
  }
  // Every byte is read once and written once.
  return rounded((2 * memoryBytes) / best / 1e6);
}

const rounded = (value: number): number => Number(value.toPrecision(3));
