import { describe, expect, it } from "vitest";
import { mostRemembered, remember } from "../../../coordinator/src/plugins/app/chain/chain.ts";
import { ChainError } from "../../../coordinator/src/plugins/app/chain/errors.ts";

describe("what is remembered of the chain", () => {
  it("is read once, and again after a failure, which is told as the chain's", async () => {
    const known = new Map<string, Promise<number>>();
    let reads = 0;
    const failing = remember(known, "a", async () => {
      throw new Error("no line");
    });
    await expect(failing).rejects.toBeInstanceOf(ChainError);
    const read = async (): Promise<number> => ++reads;
    expect(await remember(known, "a", read)).toBe(1);
    expect(await remember(known, "a", read)).toBe(1);
  });

  it("is bounded, whoever names how many addresses: what was read first goes first", () => {
    const known = new Map<string, Promise<number>>();
    for (let n = 0; n <= mostRemembered; n++) void remember(known, `address ${n}`, async () => n);
    expect(known.size).toBe(mostRemembered);
    expect(known.has("address 0")).toBe(false);
    expect(known.has(`address ${mostRemembered}`)).toBe(true);
  });
});
