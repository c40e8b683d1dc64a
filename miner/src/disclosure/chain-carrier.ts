import { deflateRawSync, inflateRawSync } from "node:zlib";
import { bytesToHex, concat, hexToBytes, type Hex } from "@lode/sdk/hash";
import { normalLetter, type SignedLetter } from "@lode/sdk/letters";
import { LetterBody } from "@lode/protocol";
import { Compile } from "typebox/compile";
import type { ChainReader } from "../chain/chain.ts";
import type { Carrier } from "./carrier.ts";

/** What begins a transaction's data that is a letter: "lode letter" and a version. */
const mark = new Uint8Array([...Buffer.from("lode letter", "ascii"), 1]);
const maximumBytes = 4 * 1024 * 1024;
/** Blocks that are looked at again: a short reorganisation replaces them. */
const overlap = 8n;
const checker = Compile(LetterBody);

/**
 * Letters as the data of transactions: whoever is asked can answer with no coordinator left. It costs gas, so it is for cases
 * only, and blocks are read only while one is open.
 * @param since the block from which letters matter; undefined while none do
 */
export function chainCarrier(
  { client }: ChainReader,
  post: (data: Hex) => Promise<void>,
  since: () => bigint | undefined,
): Carrier {
  let read = -1n;
  /** By their signatures, with the block that they were found in. */
  const known = new Map<Hex, bigint>();
  return {
    name: "the chain",
    async send(letter: SignedLetter): Promise<void> {
      await post(bytesToHex(concat(mark, deflateRawSync(Buffer.from(JSON.stringify(letter), "utf8")))));
    },
    async receive(to: Hex): Promise<SignedLetter[]> {
      const from = since();
      if (from === undefined) return [];
      const head = await client.getBlockNumber({ cacheTime: 0 });
      const found = new Map<Hex, { readonly letter: SignedLetter; readonly block: bigint }>();
      const again = read + 1n - overlap;
      for (let number = from > again ? from : again; number <= head; number++) {
        const { transactions } = await client.getBlock({ blockNumber: number, includeTransactions: true });
        for (const { input } of transactions) {
          const letter = letterIn(input);
          if (letter?.to === to && !known.has(letter.signature)) found.set(letter.signature, { letter, block: number });
        }
      }
      // Only now: what was found before a block that could not be read must be found again.
      read = head > read ? head : read;
      for (const [signature, { block }] of found) known.set(signature, block);
      for (const [signature, block] of known) if (block < read - 2n * overlap) known.delete(signature);
      return [...found.values()].map(({ letter }) => letter);
    },
  };
}

/** The letter in a transaction's data; undefined where there is none. */
export function letterIn(input: Hex): SignedLetter | undefined {
  if (!input.startsWith(bytesToHex(mark))) return undefined;
  try {
    const packed = hexToBytes(input).subarray(mark.length);
    const letter: unknown = JSON.parse(inflateRawSync(packed, { maxOutputLength: maximumBytes }).toString("utf8"));
    return checker.Check(letter) ? normalLetter(letter) : undefined;
  } catch {
    // Anybody may write anything behind the mark.
    return undefined;
  }
}
