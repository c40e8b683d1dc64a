import { MappingError } from "./errors.ts";

/** The shortest little-endian two's complement of a number, as graph-ts keeps a BigInt. */
export function toLittleEndian(value: bigint): Uint8Array {
  let bits = 8;
  while (BigInt.asIntN(bits, value) !== value) bits += 8;
  let rest = BigInt.asUintN(bits, value);
  const bytes = new Uint8Array(bits / 8);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

/** The number that a little-endian two's complement stands for; no bytes are zero. */
export function fromLittleEndian(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  const hex = Buffer.from(bytes).reverse().toString("hex");
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`));
}

/** A decimal number: digits times ten to the power of `exponent`. */
export interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/** Digits that graph-node keeps of a BigDecimal. */
const PRECISION = 34;

/** At most 34 digits, rounded half up, and no zeros at the end. */
export function normalize({ digits, exponent }: Decimal): Decimal {
  if (digits === 0n) return { digits: 0n, exponent: 0 };
  const sign = digits < 0n ? -1n : 1n;
  let magnitude = digits * sign;
  const surplus = magnitude.toString().length - PRECISION;
  if (surplus > 0) {
    const unit = 10n ** BigInt(surplus);
    magnitude = (magnitude + unit / 2n) / unit;
    exponent += surplus;
  }
  while (magnitude % 10n === 0n) {
    magnitude /= 10n;
    exponent++;
  }
  return { digits: magnitude * sign, exponent };
}

export function plus(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  const scaled = ({ digits, exponent: own }: Decimal): bigint => digits * 10n ** BigInt(own - exponent);
  return normalize({ digits: scaled(a) + scaled(b), exponent });
}

export function minus(a: Decimal, b: Decimal): Decimal {
  return plus(a, { digits: -b.digits, exponent: b.exponent });
}

export function times(a: Decimal, b: Decimal): Decimal {
  return normalize({ digits: a.digits * b.digits, exponent: a.exponent + b.exponent });
}

/** @throws {MappingError} for a division by zero */
export function dividedBy(a: Decimal, b: Decimal): Decimal {
  if (b.digits === 0n) throw new MappingError("mapping_division", "A mapping divided by zero.");
  const length = (n: bigint): number => n.toString().replace("-", "").length;
  // As many digits as are kept, and one to round by.
  const shift = Math.max(0, PRECISION + 1 + length(b.digits) - length(a.digits));
  return normalize({ digits: (a.digits * 10n ** BigInt(shift)) / b.digits, exponent: a.exponent - b.exponent - shift });
}

/** Plain notation, as PostgreSQL reads it. */
export function decimalToString({ digits, exponent }: Decimal): string {
  const sign = digits < 0n ? "-" : "";
  const text = (digits < 0n ? -digits : digits).toString();
  if (exponent >= 0) return `${sign}${text}${"0".repeat(exponent)}`;
  const padded = text.padStart(1 - exponent, "0");
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

/** @throws {MappingError} for anything that is no decimal number */
export function decimalFromString(text: string): Decimal {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  const [, sign = "", whole = "", fraction = "", power = "0"] = match ?? [];
  if (match === null || whole + fraction === "") {
    throw new MappingError("mapping_decimal", `A mapping read "${text}" as a decimal number.`);
  }
  const digits = BigInt(whole + fraction) * (sign === "-" ? -1n : 1n);
  return normalize({ digits, exponent: Number(power) - fraction.length });
}
