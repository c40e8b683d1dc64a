import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Hex } from "@lode/sdk/hash";
import { writeLetter, type SignedLetter } from "@lode/sdk/letters";
import { limits } from "@lode/protocol";
import type { ChainReader } from "../../../miner/src/chain/chain.ts";
import { chainCarrier, httpCarrier } from "../../../miner/src/disclosure/index.ts";
import { client, domain, miner, nowMs, word } from "../../coordinator/fixture.ts";

const letterOf = (n: number): SignedLetter => {
  const fields = { from: client.address, to: miner.address, about: word(`receipt ${n}`), timestampMs: nowMs };
  return writeLetter(client, domain, { ...fields, body: new Uint8Array(0) });
};
const letters = [0, 1].map(letterOf);

describe("letters on the chain", () => {
  async function dataOf(letter: SignedLetter): Promise<Hex> {
    let data: Hex = "0x";
    const carrier = chainCarrier(
      { client: {} } as ChainReader,
      async (given) => void (data = given),
      () => 0n,
    );
    await carrier.send(letter);
    return data;
  }

  it("are found again when a block behind them could not be read, and each once, also after a reorganisation", async () => {
    const [first, second] = await Promise.all(letters.map(dataOf));
    const blocks: Hex[][] = [[], [first!], []];
    let isAway = true;
    const reader = {
      getBlockNumber: async () => BigInt(blocks.length - 1),
      getBlock: async ({ blockNumber }: { blockNumber: bigint }) => {
        if (isAway && blockNumber === 2n) throw new Error("the node is away");
        return { transactions: blocks[Number(blockNumber)]!.map((input) => ({ input })) };
      },
    };
    const carrier = chainCarrier(
      { client: reader } as unknown as ChainReader,
      async () => undefined,
      () => 0n,
    );
    await expect(carrier.receive(miner.address)).rejects.toThrow("the node is away");
    isAway = false;
    expect(await carrier.receive(miner.address)).toEqual([letters[0]]);
    expect(await carrier.receive(miner.address)).toEqual([]);
    // The block that was read last is replaced by one with another letter.
    blocks[2] = [second!];
    expect(await carrier.receive(miner.address)).toEqual([letters[1]]);
    expect(await carrier.receive(miner.address)).toEqual([]);
  });
});

describe("letters by way of a coordinator", () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  async function serve(answer: (after: number) => object | undefined): Promise<string> {
    server = createServer((request, response) => {
      const after = Number(new URL(request.url ?? "", "http://here").searchParams.get("after"));
      const body = answer(after);
      if (body === undefined) response.statusCode = 500;
      response.end(JSON.stringify(body ?? {}));
    });
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it("of pages without end are read a bounded number at a time", async () => {
    let pages = 0;
    const full = Array.from({ length: limits.lettersPage }, () => letters[0]!);
    const url = await serve((after) => {
      pages += 1;
      return { letters: full, next: after + limits.lettersPage };
    });
    const carrier = httpCarrier(url);
    const found = await carrier.receive(miner.address);
    expect(found).toHaveLength(pages * limits.lettersPage);
    expect(pages).toBeLessThan(100);
  });

  it("are not lost when a later page does not come", async () => {
    const full = Array.from({ length: limits.lettersPage }, () => letters[0]!);
    let isBroken = true;
    const url = await serve((after) => {
      if (after === 0) return { letters: full, next: 1 };
      return isBroken ? undefined : { letters: [letters[1]!], next: 2 };
    });
    const carrier = httpCarrier(url);
    await expect(carrier.receive(miner.address)).rejects.toMatchObject({ code: "letter_refused" });
    isBroken = false;
    expect(await carrier.receive(miner.address)).toEqual([...full, letters[1]]);
  });
});
