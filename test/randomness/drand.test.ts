import { readFile } from "node:fs/promises";
import type { Hex } from "@lode/sdk/hash";
import { describe, expect, it } from "vitest";
import { mapToCurve, modulus, publicKeyOf, sign, verify } from "../vectors/drand.ts";

interface Network {
  readonly publicKey: readonly Hex[];
  readonly rounds: readonly { readonly round: number; readonly signature: Hex }[];
}

const evmnet = JSON.parse(await readFile(new URL("../vectors/evmnet.json", import.meta.url), "utf8")) as Network;
const key = evmnet.publicKey.map(BigInt);

describe("the drand signatures that the Solidity vectors are made of", () => {
  it.each(evmnet.rounds)("are those that evmnet published: round $round", ({ round, signature }) => {
    expect(verify(key, BigInt(round), signature)).toBe(true);
    expect(verify(key, BigInt(round) + 1n, signature)).toBe(false);
  });

  it("verify under the key that made them, and under no other", () => {
    expect(verify(publicKeyOf(7n), 5n, sign(7n, 5n))).toBe(true);
    expect(verify(publicKeyOf(8n), 5n, sign(7n, 5n))).toBe(false);
  });

  it("are made of points on the curve also where a denominator is zero", () => {
    const half = (modulus + 1n) / 2n;
    for (const u of [0n, half, modulus - half]) expect(() => mapToCurve(u).assertValidity()).not.toThrow();
  });
});
