/**
 * keccak256 as a WebAssembly module, assembled here: general libraries copy what they hash and what comes out several times, which costs
 * more than hashing the few bytes of a leaf or a node. Source of the permutation: FIPS 202, section 3.2.
 */

/** Bytes that a block takes in. */
export const rateBytes = 136;
/** Where the module's memory holds the state, whose first 32 bytes are the digest. */
export const stateAt = 0;
const constantsAt = 256;
/** Where the module's memory takes what is hashed. */
export const inputAt = 512;
/** Blocks that there is room for, the last of them for padding. */
export const roomBlocks = 400;

const lanes = 25;
const rounds = 24;

const [end, local, block, loop, branchIf] = [0x0b, 0x20, 0x02, 0x03, 0x0d] as const;
const [setLocal, teeLocal, call] = [0x21, 0x22, 0x10] as const;
const [i32, i64, nothing] = [0x7f, 0x7e, 0x40] as const;
const [load64, store64, load8, store8] = [0x29, 0x37, 0x2d, 0x3a] as const;
const [const32, const64, add32, subtract32, multiply32, divide32, or32, isZero32, isBelow32] = [
  0x41, 0x42, 0x6a, 0x6b, 0x6c, 0x6e, 0x72, 0x45, 0x49,
] as const;
const [and64, xor64, rotate64] = [0x83, 0x85, 0x89] as const;
const fillMemory = [0xfc, 0x0b, 0x00] as const;

/** LEB128 of a number that is not negative, as counts and indexes are written. */
function count(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...count(value >>> 7)];
}

/** LEB128 with a sign, as constants are written. */
function signed(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >> 7;
  const isLast = (rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40);
  return isLast ? [low] : [low | 0x80, ...signed(rest)];
}

const get = (index: number): number[] => [local, ...count(index)];
const set = (index: number): number[] => [setLocal, ...count(index)];
const number32 = (value: number): number[] => [const32, ...signed(value)];
/** A 64-bit word of memory, as far behind the address on the stack. */
const load = (offset: number): number[] => [load64, 3, ...count(offset)];
const store = (offset: number): number[] => [store64, 3, ...count(offset)];
const each = (length: number, write: (index: number) => number[]): number[] =>
  Array.from({ length }, (_, index) => write(index)).flat();

/** The constants of the rounds, by the shift register that defines them. */
function roundConstants(): bigint[] {
  let register = 1;
  return Array.from({ length: rounds }, () => {
    let constant = 0n;
    for (let bit = 0; bit < 7; bit++) {
      if ((register & 1) === 1) constant |= 1n << BigInt(2 ** bit - 1);
      register = register & 0x80 ? ((register << 1) ^ 0x171) & 0xff : register << 1;
    }
    return constant;
  });
}

/** One round over the lanes, which are locals from `first` on; `spare` are five more, and `round` counts in bytes of constants. */
function roundCode(first: number, spare: number, round: number): number[] {
  const lane = (x: number, y: number): number => first + (x % 5) + 5 * (y % 5);
  const theta = [
    ...each(5, (x) => [...get(lane(x, 0)), ...each(4, (y) => [...get(lane(x, y + 1)), xor64]), ...set(spare + x)]),
    ...each(5, (x) => [
      ...[...get(spare + ((x + 4) % 5)), ...get(spare + ((x + 1) % 5)), const64, 1, rotate64, xor64],
      ...set(spare + 5),
      ...each(5, (y) => [...get(lane(x, y)), ...get(spare + 5), xor64, ...set(lane(x, y))]),
    ]),
  ];
  let [x, y] = [1, 0];
  const rhoPi = [
    ...[...get(lane(1, 0)), ...set(spare)],
    ...each(rounds, (step) => {
      [x, y] = [y, (2 * x + 3 * y) % 5];
      const turn = (((step + 1) * (step + 2)) / 2) % 64;
      return [
        ...[...get(lane(x, y)), ...set(spare + 1)],
        ...[...get(spare), const64, ...signed(turn), rotate64, ...set(lane(x, y))],
        ...[...get(spare + 1), ...set(spare)],
      ];
    }),
  ];
  const chi = each(5, (row) => [
    ...each(5, (column) => [...get(lane(column, row)), ...set(spare + column)]),
    ...each(5, (column) => [
      ...get(spare + column),
      ...[...get(spare + ((column + 1) % 5)), const64, ...signed(-1), xor64],
      ...[...get(spare + ((column + 2) % 5)), and64, xor64],
      ...set(lane(column, row)),
    ]),
  ]);
  const iota = [...get(lane(0, 0)), ...get(round), ...load(constantsAt), xor64, ...set(lane(0, 0))];
  return [...theta, ...rhoPi, ...chi, ...iota];
}

/** `absorb(blocks, goesOn)`: takes in so many blocks of the input; from an empty state unless it goes on. */
function absorbCode(): number[] {
  const [blocks, goesOn, at, round, first] = [0, 1, 2, 3, 4] as const;
  const spare = first + lanes;
  return [
    ...[2, 2, i32, ...count(lanes + 6), i64],
    ...[block, nothing, ...get(goesOn), isZero32, branchIf, 0],
    ...each(lanes, (index) => [...number32(0), ...load(stateAt + 8 * index), ...set(first + index)]),
    end,
    ...[loop, nothing],
    ...each(rateBytes / 8, (index) => [
      ...get(first + index),
      ...[...get(at), ...load(inputAt + 8 * index), xor64],
      ...set(first + index),
    ]),
    ...[...number32(0), ...set(round)],
    ...[loop, nothing, ...roundCode(first, spare, round)],
    ...[...get(round), ...number32(8), add32, teeLocal, ...count(round), ...number32(8 * rounds), isBelow32],
    ...[branchIf, 0, end],
    ...[...get(at), ...number32(rateBytes), add32, teeLocal, ...count(at)],
    ...[...get(blocks), ...number32(rateBytes), multiply32, isBelow32, branchIf, 0, end],
    ...each(lanes, (index) => [...number32(0), ...get(first + index), ...store(stateAt + 8 * index)]),
    end,
  ];
}

/** `finish(length, goesOn)`: pads the input, which has room behind it, and takes it in. */
function finishCode(): number[] {
  const [length, goesOn, blocks] = [0, 1, 2] as const;
  const last = [...get(blocks), ...number32(rateBytes), multiply32];
  return [
    ...[1, 1, i32],
    ...[...get(length), ...number32(rateBytes), divide32, ...number32(1), add32, ...set(blocks)],
    ...[
      ...get(length),
      ...number32(inputAt),
      add32,
      ...number32(0),
      ...last,
      ...get(length),
      subtract32,
      ...fillMemory,
    ],
    ...[...get(length), ...number32(1), store8, 0, ...count(inputAt)],
    ...[...last, ...last, load8, 0, ...count(inputAt - 1), ...number32(0x80), or32, store8, 0, ...count(inputAt - 1)],
    ...[...get(blocks), ...get(goesOn), call, 0],
    end,
  ];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...count(content.length), ...content];
}

function named(name: string, ...what: readonly number[]): number[] {
  const bytes = [...new TextEncoder().encode(name)];
  return [...count(bytes.length), ...bytes, ...what];
}

/** The module's bytes. It exports `memory`, `absorb` and `finish`. */
export function keccakModule(): Uint8Array<ArrayBuffer> {
  const sized = (code: readonly number[]): number[] => [...count(code.length), ...code];
  const constants = roundConstants().flatMap((constant) =>
    each(8, (byte) => [Number((constant >> BigInt(8 * byte)) & 0xffn)]),
  );
  const pages = Math.ceil((inputAt + roomBlocks * rateBytes) / 65_536);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    // One type for both: two counts in, nothing out.
    ...section(1, [1, 0x60, 2, i32, i32, 0]),
    ...section(3, [2, 0, 0]),
    ...section(5, [1, 0x00, ...count(pages)]),
    ...section(7, [3, ...named("memory", 0x02, 0), ...named("absorb", 0x00, 0), ...named("finish", 0x00, 1)]),
    ...section(10, [2, ...sized(absorbCode()), ...sized(finishCode())]),
    ...section(11, [1, 0x00, ...number32(constantsAt), end, ...count(constants.length), ...constants]),
  ]);
}
