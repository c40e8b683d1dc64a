/** A thread of `multiples.ts`: the curve's own code, called point by point. */
import { parentPort, workerData } from "node:worker_threads";
import { chunkSize, pointBytes, type Group, type Request, type WorkerStart } from "./points.ts";

type Call = (...pointers: number[]) => void;

/** The part of WebAssembly that is used here: without a browser's types it has none. */
interface Wasm {
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  instantiate(code: Uint8Array, imports: object): Promise<{ instance: { exports: Readonly<Record<string, Call>> } }>;
}

const { code, generators } = workerData as WorkerStart;
const { WebAssembly: wasm } = globalThis as unknown as { WebAssembly: Wasm };
// Two tables, the largest chunk with what its conversion needs, and the code's own figures: 8 MB are more than all of it.
const memory = new wasm.Memory({ initial: 128 });
const { instance } = await wasm.instantiate(code, { env: { memory } });
const bytes = new Uint8Array(memory.buffer);
/** The code keeps the first free place in its first word. */
const free = new Uint32Array(memory.buffer, 0, 1);

function reserve(length: number): number {
  const place = Math.ceil((free[0] ?? 0) / 8) * 8;
  free[0] = place + length;
  return place;
}

/** What the code can do with a group's points. Its results may stand where its arguments were. */
class Points {
  readonly size: number;
  /** A point with its third coordinate. */
  readonly wide: number;
  readonly zero: Call;
  /** A wide point, an affine one, where their sum goes. */
  readonly add: Call;
  /** Wide points, how many, where the affine ones go. */
  readonly toAffine: Call;
  /** For each byte of a scalar, the lowest first, 255 affine points: what the byte's values from 1 on add. */
  readonly table: number;

  constructor(group: Group) {
    const of = (name: string): Call => {
      const found = instance.exports[`${group.toLowerCase()}m_${name}`];
      if (found === undefined) throw new Error(`the curve has no ${name}`);
      return found;
    };
    [this.zero, this.add, this.toAffine] = [of("zero"), of("addMixed"), of("batchToAffine")];
    this.size = pointBytes[group];
    this.wide = (this.size / 2) * 3;
    this.table = reserve(32 * 255 * this.size);
    const [sums, base] = [reserve(256 * this.wide), reserve(this.size)];
    bytes.copyWithin(base, generators[group], generators[group] + this.size);
    for (let place = 0; place < 32; place++) {
      this.zero(sums);
      this.add(sums, base, sums);
      for (let value = 1; value < 256; value++) {
        const at = sums + value * this.wide;
        bytes.copyWithin(at, at - this.wide, at);
        this.add(at, base, at);
      }
      this.toAffine(sums, 256, sums);
      bytes.copyWithin(this.table + place * 255 * this.size, sums, sums + 255 * this.size);
      // 256 times this byte's base is the next one's.
      bytes.copyWithin(base, sums + 255 * this.size, sums + 256 * this.size);
    }
  }
}

const groups: Partial<Record<Group, Points>> = {};
const results = reserve((chunkSize * pointBytes.G2 * 3) / 2);

parentPort?.on("message", ({ group, scalars }: Request) => {
  const points = (groups[group] ??= new Points(group));
  const { size, wide, table } = points;
  const count = scalars.length / 32;
  for (let i = 0; i < count; i++) {
    const at = results + i * wide;
    points.zero(at);
    for (let place = 0; place < 32; place++) {
      const value = scalars[i * 32 + place] ?? 0;
      if (value !== 0) points.add(at, table + (place * 255 + value - 1) * size, at);
    }
  }
  points.toAffine(results, count, results);
  const made = bytes.slice(results, results + count * size);
  parentPort?.postMessage(made, [made.buffer]);
});
