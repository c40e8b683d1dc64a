import { anvilSigner } from "@lode/sdk/keys";
import { writeLetter, type SignedLetter } from "@lode/sdk/letters";
import { ledgerDomain } from "@lode/sdk/typed-data";
import type { Hex } from "@lode/sdk/hash";
import { loadAddresses } from "@lode/sdk/addresses";
import { describe, expect, it } from "vitest";
import { Mailbox } from "../../coordinator/src/plugins/app/letters/mailbox.ts";

const addresses = loadAddresses(31337);
const domain = ledgerDomain(addresses);
const [juror, miner, stranger] = [1, 2, 3].map((index) => anvilSigner(index, 31337));
const about = (number: number): Hex => `0x${number.toString(16).padStart(64, "0")}`;
let now = 1_000_000;

/** The juror and the miner are stakers with keys of their own; the stranger is none. */
function open(...bounds: [{ letters: number; bytes: number; totalBytes: number }?]): Mailbox {
  const stakers = [juror!.address, miner!.address];
  const nobody = `0x${"00".repeat(20)}` as const;
  const chain = {
    addresses,
    miner: async (staker: Hex) => ({ operator: stakers.includes(staker) ? staker : nobody, isActive: false }),
  };
  return new Mailbox(chain, () => now, ...bounds);
}

const letter = (number: number, body = "", from = juror!): SignedLetter => {
  const fields = { from: from.address, to: miner!.address, about: about(number), timestampMs: now };
  return writeLetter(from, domain, { ...fields, body: Buffer.from(body) });
};

describe("the mailbox", () => {
  it("gives letters to their recipient in order, a page at a time, each once", async () => {
    const mailbox = open();
    for (let i = 0; i < 5; i++) await mailbox.put(letter(i));
    await mailbox.put(letter(0));
    const first = mailbox.read(miner!.address, 0, 3);
    expect(first.letters.map((one) => one.about)).toEqual([0, 1, 2].map(about));
    const rest = mailbox.read(miner!.address, first.next, 3);
    expect(rest.letters.map((one) => one.about)).toEqual([3, 4].map(about));
    expect(mailbox.read(miner!.address, rest.next, 3)).toEqual({ letters: [], next: rest.next });
    expect(mailbox.read(juror!.address, 0, 3).letters).toEqual([]);
  });

  it("hides nothing behind a cursor of before a restart, also where the clock was set back meanwhile", async () => {
    const mailbox = open();
    await mailbox.put(letter(1));
    const { next } = mailbox.read(miner!.address, 0, 9);
    now -= 900_000;
    const later = open();
    await later.put(letter(2));
    const found = later.read(miner!.address, next, 9);
    expect(found.letters.map((one) => one.about)).toEqual([about(2)]);
    expect(later.read(miner!.address, found.next, 9).letters).toEqual([]);
    now += 900_000;
  });

  it("takes letters from stakers alone, whether or not their stake is still enough", async () => {
    const mailbox = open();
    await mailbox.put(letter(1));
    await expect(mailbox.put(letter(1, "", stranger))).rejects.toMatchObject({ status: 403, code: "not_staked" });
    await expect(mailbox.put({ ...letter(2), about: about(3) })).rejects.toMatchObject({ code: "not_staked" });
    await expect(mailbox.put({ ...letter(2), signature: `0x${"00".repeat(65)}` })).rejects.toMatchObject({
      code: "bad_signature",
    });
    await expect(mailbox.put({ ...letter(2), timestampMs: now - 700_000 })).rejects.toMatchObject({
      code: "wrong_time",
    });
  });

  it("drops a sender's own oldest letters when it writes too many, and nobody else's", async () => {
    const mailbox = open();
    await mailbox.put(letter(999, "", miner));
    for (let i = 0; i < 300; i++) await mailbox.put(letter(i));
    const kept: Hex[] = [];
    for (let after = 0; ;) {
      const { letters, next } = mailbox.read(miner!.address, after, 16);
      if (letters.length === 0) break;
      kept.push(...letters.map((one) => one.about));
      after = next;
    }
    expect(kept).toHaveLength(257);
    expect(kept[0]).toBe(about(999));
    expect(kept.at(-1)).toBe(about(299));
    const big = "x".repeat(1_000_000);
    for (let i = 0; i < 20; i++) await mailbox.put(letter(1000 + i, big));
    expect(mailbox.read(miner!.address, 0, 16).letters[0]!.about).toBe(about(999));
  });

  it("bounds the size of what one sender leaves, and of all together; what was dropped may be written again", async () => {
    const mailbox = open({ letters: 256, bytes: 40, totalBytes: 60 });
    // Each of 20 characters.
    const put = (number: number, from = juror!): Promise<void> => mailbox.put(letter(number, "x".repeat(15), from));
    const kept = (): Hex[] => mailbox.read(miner!.address, 0, 16).letters.map((one) => one.about);
    for (const number of [0, 1, 2]) await put(number);
    expect(kept()).toEqual([1, 2].map(about));
    await put(3, miner);
    expect(kept()).toEqual([1, 2, 3].map(about));
    await put(4, miner);
    expect(kept()).toEqual([2, 3, 4].map(about));
    await put(1);
    expect(kept()).toEqual([3, 4, 1].map(about));
  });

  it("forgets letters after six days", async () => {
    const mailbox = open();
    await mailbox.put(letter(1));
    now += 7 * 86_400_000;
    expect(mailbox.read(miner!.address, 0, 16).letters).toEqual([]);
  });
});
