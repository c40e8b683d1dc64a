import { bytesToHex, canonicalJson, concat, hexToBytes, keccak, keccakBytes } from "@lode/sdk/hash";
import { keccak256 } from "viem";
import { describe, expect, it } from "vitest";

describe("keccak", () => {
  it("equals viem's at every length around a block", () => {
    for (let length = 0; length < 300; length++) {
      const data = Uint8Array.from({ length }, (_, i) => (i * 7 + length) % 256);
      expect(keccak(data)).toBe(keccak256(data));
    }
  });

  // More than the module's memory takes at a time.
  it.each([54_263, 54_264, 54_265, 54_400, 108_528, 150_001])("equals viem's over %d bytes", (length) => {
    const data = Uint8Array.from({ length }, (_, i) => (i * 31) % 251);
    expect(keccak(data)).toBe(keccak256(data));
    // Nothing of it is left for the next one.
    expect(keccak(Uint8Array.of(7))).toBe(keccak256(Uint8Array.of(7)));
  });

  it("reads a part of a larger buffer as it is", () => {
    const whole = Uint8Array.from({ length: 500 }, (_, i) => i % 256);
    expect(keccak(whole.subarray(3, 250))).toBe(keccak256(whole.slice(3, 250)));
  });

  it("gives bytes that a later hash does not change", () => {
    const first = keccakBytes(Uint8Array.of(1));
    const copy = bytesToHex(first);
    keccakBytes(Uint8Array.of(2));
    expect(bytesToHex(first)).toBe(copy);
  });
});

describe("hex", () => {
  it("goes there and back", () => {
    expect(bytesToHex(concat(hexToBytes("0x00ff"), hexToBytes("0x"), hexToBytes("0xAB")))).toBe("0x00ffab");
  });

  it("knows every byte, in either case", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const hex = bytesToHex(bytes);
    expect(hex).toBe(`0x${Buffer.from(bytes).toString("hex")}`);
    expect(hexToBytes(hex)).toEqual(bytes);
    expect(hexToBytes(`0x${hex.slice(2).toUpperCase()}`)).toEqual(bytes);
    expect(bytesToHex(bytes.subarray(224))).toBe(`0x${hex.slice(-64)}`);
  });

  it.each(["0x0", "00", "0xzz", "0x00 ", "0X00", "", "0x0g", "0x\u0130\u0131", "0x/:", "0x@G", "0x`{"])(
    "refuses %j",
    (text) => {
      expect(() => hexToBytes(text as "0x")).toThrow(TypeError);
    },
  );
});

describe("canonical JSON", () => {
  it("sorts keys at every depth and writes no spaces", () => {
    expect(canonicalJson({ b: [1, { d: null, c: true }], a: "ü\n", "10": 0.1, "9": -0 })).toBe(
      '{"10":0.1,"9":0,"a":"ü\\n","b":[1,{"c":true,"d":null}]}',
    );
  });

  it("gives one text for one value, whatever the order", () => {
    expect(canonicalJson({ x: 1, y: 2 })).toBe(canonicalJson({ y: 2, x: 1 }));
    expect(canonicalJson({ x: 1, gone: undefined })).toBe('{"x":1}');
  });

  it.each([[Number.NaN], [Number.POSITIVE_INFINITY], [1n], [undefined], [[undefined]], [(): void => undefined]])(
    "refuses what JSON would change: %s",
    (value) => {
      expect(() => canonicalJson(value)).toThrow(TypeError);
    },
  );
});
