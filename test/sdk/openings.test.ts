import type { Hex } from "@lode/sdk/hash";
import { anvilSigner, seal, SealError } from "@lode/sdk/keys";
import { normalLetter, signerOfLetter, writeLetter } from "@lode/sdk/letters";
import { commitTokens, openTokens, tokenSide, verifyOpenedTokens } from "@lode/sdk/merkle";
import { ledgerDomain } from "@lode/sdk/typed-data";
import { describe, expect, it } from "vitest";

const jobSalt: Hex = `0x${"31".repeat(32)}`;
const otherHash: Hex = `0x${"32".repeat(32)}`;
const ids = Array.from({ length: 37 }, (_, i) => 1000 + 7 * i);

describe("opened tokens", () => {
  it.each([
    [tokenSide.input, 0],
    [tokenSide.output, 0],
    [tokenSide.output, 250],
  ] as const)("are any range of side %i from position %i, and no other", (side, firstPosition) => {
    const text = { jobSalt, side, ids, firstPosition };
    const committed = { root: commitTokens(jobSalt, side, ids, firstPosition), size: ids.length };
    for (const [first, count] of [
      [0, 37],
      [0, 1],
      [36, 1],
      [5, 16],
      [31, 6],
      [12, 0],
    ] as const) {
      const opened = openTokens(text, first, count);
      expect(opened.map(({ tokenId }) => tokenId)).toEqual(ids.slice(first, first + count));
      expect(verifyOpenedTokens(committed, first, opened)).toBe(true);
      if (count === 0) continue;
      const [one, ...rest] = opened;
      expect(verifyOpenedTokens(committed, first + 1, opened)).toBe(false);
      expect(verifyOpenedTokens(committed, first, [{ ...one!, tokenId: one!.tokenId + 1 }, ...rest])).toBe(false);
      expect(verifyOpenedTokens(committed, first, [{ ...one!, salt: jobSalt }, ...rest])).toBe(false);
      expect(verifyOpenedTokens({ ...committed, size: 38 }, 36, openTokens(text, 36, 1))).toBe(false);
    }
    expect(() => openTokens(text, 30, 8)).toThrow(RangeError);
    expect(() => openTokens(text, -1, 2)).toThrow(RangeError);
  });

  it("show their own salts alone", () => {
    const salts = openTokens({ jobSalt, side: tokenSide.output, ids }, 0, 37).map(({ salt }) => salt);
    expect(new Set([...salts, jobSalt]).size).toBe(38);
  });
});

describe("a letter", () => {
  const domain = ledgerDomain({ chainId: 31337, receiptLedger: `0x${"1e".repeat(20)}` });
  const [miner, juror] = [anvilSigner(1, 31337), anvilSigner(2, 31337)];
  const ask = { from: juror.address, to: miner.address, about: jobSalt, body: new Uint8Array(0), timestampMs: 5 };

  it("tells the key that an answer is sealed for, which alone opens it", () => {
    const question = writeLetter(juror, domain, ask);
    const { publicKey, address } = signerOfLetter(domain, question);
    expect(address).toBe(juror.address);
    const secret = new TextEncoder().encode("prompt and answer");
    const sealed = seal(publicKey, secret);
    expect(Buffer.from(sealed).includes(Buffer.from(secret))).toBe(false);
    expect(Buffer.from(juror.open(sealed)).toString()).toBe("prompt and answer");
    expect(() => miner.open(sealed)).toThrow(SealError);
    sealed.reverse();
    expect(() => juror.open(sealed)).toThrow(SealError);
    expect(() => seal(`0x04${"00".repeat(64)}`, secret)).toThrow(TypeError);
  });

  it.each([
    ["from", { from: miner.address }],
    ["to", { to: juror.address }],
    ["about", { about: otherHash }],
    ["body", { body: "AAAA" }],
    ["time", { timestampMs: 6 }],
  ])("is somebody else's when its %s is changed", (_, change) => {
    const letter = writeLetter(juror, domain, ask);
    expect(signerOfLetter(domain, normalLetter({ ...letter })).address).toBe(juror.address);
    expect(signerOfLetter(domain, { ...letter, ...change }).address).not.toBe(juror.address);
  });
});
