import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadAddresses } from "@lode/sdk/addresses";
import { checkedOf, rollOf } from "@lode/sdk/draws";
import { keccak, type Hex } from "@lode/sdk/hash";
import { MerkleTree, verifyInclusion, leafHash } from "@lode/sdk/merkle";
import { hashStruct, toWire } from "@lode/sdk/typed-data";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contractsOf, type ChainReader } from "../../../miner/src/chain/chain.ts";
import type { CourtWatch, ScheduledDraw } from "../../../miner/src/chain/court-watch.ts";
import { CoordinatorDraws, type DrawsOptions } from "../../../miner/src/verifier/draws.ts";
import type { VerifierEvent } from "../../../miner/src/verifier/index.ts";
import { Turns } from "../../../miner/src/verifier/turns.ts";
import { VerifierStore } from "../../../miner/src/verifier/verifier-store.ts";
import { anyJob } from "./any-job.ts";

const word = (text: string): Hex => keccak(Buffer.from(text));
const self: Hex = `0x${"11".repeat(20)}`;
const { assignment, receipt } = anyJob();
const { coordinator, miner } = assignment;
const rules = { floorPpm: 20_000, leastPenaltyWei: 10n ** 18n };

/** Six receipts of one miner: three under the first anchor, three more under the second. */
const entries = Array.from({ length: 6 }, (_, index) => {
  const own = { ...receipt, amountWei: 0n, startedAtMs: BigInt(index) };
  const wire = { assignment: toWire("Assignment", assignment), receipt: toWire("Receipt", own) };
  return { hash: hashStruct("Receipt", own), wire: { ...wire, index } };
});
const tree = new MerkleTree();
for (const { hash } of entries) tree.append(hash);
const sizes = [3, 6];

/** A value for which a draw is as wanted. */
function valueWhere(isWanted: (value: Hex) => boolean): Hex {
  for (let i = 0; i < 100_000; i++) if (isWanted(word(`value ${i}`))) return word(`value ${i}`);
  throw new Error("no such value");
}
const drawnFrom = (from: number, to: number) =>
  entries.slice(from, to).map(({ hash }) => ({ hash, miner, amountWei: 0n }));
const first = valueWhere((value) => [...checkedOf(rules, value, drawnFrom(0, 3)).values()].includes("lot"));
const [lot] = checkedOf(rules, first, drawnFrom(0, 3)).keys();
const isNamed = (value: Hex): boolean => rollOf(value, lot!) < rules.floorPpm;

describe("a verifier's draws", () => {
  let folder: string;
  let store: VerifierStore;
  let server: Server;
  let events: VerifierEvent[];
  let values: Hex[];
  let draws: ScheduledDraw[];
  let url: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "lode-draws-"));
    store = await VerifierStore.open(folder, () => undefined);
    [events, values, draws] = [[], [first], []];
    server = createServer(({ url: path = "" }, answer) => {
      const { pathname, searchParams } = new URL(path, "http://log");
      const [start, limit] = ["start", "limit"].map((name) => Number(searchParams.get(name)));
      const page = entries.slice(start, start! + limit!).map(({ wire }) => wire);
      answer.end(JSON.stringify(pathname === "/v1/info" ? { coordinator } : { entries: page, size: 6 }));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    drawAgain();
  });
  afterEach(async () => {
    server.close();
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const drawAgain = (): void => {
    const at = BigInt(draws.length);
    draws.push({ coordinator, epoch: at + 1n, moment: at, block: at });
  };
  const look = async (): Promise<void> => {
    const addresses = { ...loadAddresses(31337), deployedAtBlock: 0 };
    const client = {
      getBlockNumber: async () => 20n,
      getBlock: async () => ({ hash: word("block"), timestamp: 1n }),
      readContract: async () => 0,
      getContractEvents: async () =>
        sizes.slice(0, draws.length).map((size, i) => {
          const roots = { root: tree.root(size), liabilitiesRoot: word("l"), nextNonceHash: word("n") };
          return { args: { ...roots, epoch: BigInt(i + 1), size: BigInt(size) }, blockNumber: BigInt(i) };
        }),
    };
    const watch = {
      draws,
      valueOf: async (moment: bigint) => values[Number(moment)],
      rules: async () => rules,
      seats: () => [{ juror: self, seat: 1, weight: 1 }],
    } as unknown as CourtWatch;
    const chain = { client, addresses, contracts: contractsOf(addresses) } as unknown as ChainReader;
    const more = {
      turns: new Turns(self, 1, () => 0),
      nowMs: () => 7,
      emit: (event: VerifierEvent) => events.push(event),
    };
    await new CoordinatorDraws(url, { chain, watch, acts: {}, store, self, ...more } as unknown as DrawsOptions).step();
  };

  it("name a miner's lot where the rate names nothing, once", async () => {
    await look();
    await look();
    expect(events.filter(({ event }) => event === "drawn")).toEqual([
      { event: "drawn", receipt: lot, miner, epoch: "1", naming: "lot" },
    ]);
    expect(store.checks.get(lot!)).toMatchObject({ isLot: true, epoch: "1" });
  });

  it.each([
    ["found wrong, is named by the rate of a later draw, with its place under that anchor", "wrong", true, true],
    ["found wrong, waits while no rate names it", "wrong", false, false],
    ["found right is let alone", "right", true, false],
  ])("of a lot: one that was %s", async (_, verdict, isDrawn, isToBeNamed) => {
    await look();
    await store.append({ kind: "found", receipt: lot!, verdict, reason: "" });
    drawAgain();
    values.push(valueWhere((value) => isNamed(value) === isDrawn));
    await look();
    const named = events.filter(({ event }) => event === "named");
    expect(named).toEqual(isToBeNamed ? [{ event: "named", receipt: lot, epoch: "2" }] : []);
    const { isLot, epoch, path, found } = store.checks.get(lot!)!;
    expect({ isLot, epoch }).toEqual(isToBeNamed ? { isLot: false, epoch: "2" } : { isLot: true, epoch: "1" });
    expect(found?.verdict).toBe(verdict);
    const index = entries.findIndex(({ hash }) => hash === lot);
    const size = isToBeNamed ? 6 : 3;
    expect(verifyInclusion({ leafHash: leafHash(lot!), index, size, path, root: tree.root(size) })).toBe(true);
  });
});
