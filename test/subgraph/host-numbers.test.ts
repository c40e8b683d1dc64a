import { describe, expect, it } from "vitest";
import { base58 } from "../../subgraph/host/base58.ts";
import {
  decimalFromString,
  decimalToString,
  dividedBy,
  fromLittleEndian,
  minus,
  plus,
  times,
  toLittleEndian,
} from "../../subgraph/host/numbers.ts";

describe("whole numbers as bytes", () => {
  it.each([
    [0n, "00"],
    [1n, "01"],
    [127n, "7f"],
    // Another byte keeps the sign.
    [128n, "8000"],
    [255n, "ff00"],
    [256n, "0001"],
    [-1n, "ff"],
    [-128n, "80"],
    [-129n, "7fff"],
    [2n ** 128n - 1n, `${"ff".repeat(16)}00`],
    [-(2n ** 255n), `${"00".repeat(31)}80`],
  ])("writes and reads %s", (value, hex) => {
    expect(Buffer.from(toLittleEndian(value)).toString("hex")).toBe(hex);
    expect(fromLittleEndian(Buffer.from(hex, "hex"))).toBe(value);
  });

  it("reads no bytes as zero, and more bytes than are needed", () => {
    expect(fromLittleEndian(new Uint8Array())).toBe(0n);
    expect(fromLittleEndian(new Uint8Array([5, 0, 0, 0]))).toBe(5n);
  });
});

describe("decimal numbers", () => {
  const of = (operate: typeof plus, a: string, b: string): string =>
    decimalToString(operate(decimalFromString(a), decimalFromString(b)));

  it.each([
    ["0", "0"],
    ["-0.50", "-0.5"],
    ["1200", "1200"],
    ["1.2e3", "1200"],
    ["12e-4", "0.0012"],
    ["+7", "7"],
    // 34 digits are kept, the 35th rounds.
    ["1234567890123456789012345678901234567", "1234567890123456789012345678901235000"],
  ])("reads %s as %s", (text, shown) => expect(decimalToString(decimalFromString(text))).toBe(shown));

  it.each(["", ".", "1,5", "0x10", "1e"])("refuses %j", (text) => {
    expect(() => decimalFromString(text)).toThrow(`A mapping read "${text}" as a decimal number.`);
  });

  it("adds, subtracts, multiplies and divides", () => {
    expect(of(plus, "0.1", "0.2")).toBe("0.3");
    expect(of(minus, "1", "1.001")).toBe("-0.001");
    expect(of(times, "-1.5", "4")).toBe("-6");
    expect(of(dividedBy, "1", "3")).toBe(`0.${"3".repeat(34)}`);
    expect(of(dividedBy, "2", "3")).toBe(`0.${"6".repeat(33)}7`);
    expect(of(dividedBy, "1000", "8")).toBe("125");
    expect(() => of(dividedBy, "1", "0")).toThrow("A mapping divided by zero.");
  });
});

describe("base 58", () => {
  it.each([
    ["", ""],
    ["00", "1"],
    ["0000ff", "115Q"],
    ["48656c6c6f20576f726c6421", "2NEpo7TZRRrLZSi2U"],
  ])("writes %j as %j", (hex, text) => expect(base58(Buffer.from(hex, "hex"))).toBe(text));
});
