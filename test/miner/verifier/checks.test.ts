import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keccak, type Hex } from "@lode/sdk/hash";
import type { LogEntry } from "@lode/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Checks, type ChecksOptions } from "../../../miner/src/verifier/checks.ts";
import type { VerifierEvent } from "../../../miner/src/verifier/index.ts";
import { Turns } from "../../../miner/src/verifier/turns.ts";
import { VerifierStore } from "../../../miner/src/verifier/verifier-store.ts";
import { MinerError } from "../../../miner/src/errors.ts";
import { toWire } from "@lode/sdk/typed-data";
import { anyJob } from "./any-job.ts";

const word = (text: string): Hex => keccak(Buffer.from(text));
const self: Hex = `0x${"11".repeat(20)}`;
const receipt = word("receipt");
const bondWei = 20n;

/** A receipt that a draw named, which was found wrong; each test changes one thing. */
describe("a verifier that may accuse", () => {
  let folder: string;
  let store: VerifierStore;
  let accused: unknown[][];
  let events: VerifierEvent[];
  /** Cases of its own that are open. */
  let ownCases: number;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "lode-checks-"));
    store = await VerifierStore.open(folder, () => undefined);
    [accused, events, ownCases] = [[], [], 0];
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const { assignment, receipt: signed } = anyJob();
  const entry = {
    assignment: toWire("Assignment", assignment),
    receipt: toWire("Receipt", signed),
    index: 3,
  } as unknown as LogEntry;
  const place = {
    coordinatorUrl: "http://log",
    coordinator: assignment.coordinator,
    epoch: "2",
    path: [],
    pickedAtMs: 0,
  };
  const pick = async (more: object = {}): Promise<void> => {
    await store.append({ kind: "check", receipt, entry, ...place, ...more });
    await store.append({ kind: "found", receipt, verdict: "wrong", reason: "another token" });
  };
  const checks = (changes: Partial<Record<keyof ChecksOptions, unknown>> = {}): Checks =>
    new Checks({
      watch: {
        cases: new Map(),
        open: () => Array.from({ length: ownCases }, () => ({ challenger: self })),
        seats: () => [{ juror: self, seat: 1, weight: 1 }],
        sync: async () => undefined,
      },
      acts: {
        bondOf: async () => bondWei,
        accuse: async (...args: unknown[]) => void accused.push(args),
      },
      turns: new Turns(self, 1000, () => 0),
      ...{ store, self, letters: {}, reference: {}, disclosureMs: 1000, maxBondsWei: 3n * bondWei },
      anchorsOf: () => ({
        sync: async () => undefined,
        head: { epoch: 4n },
        evidence: () => ({ previous: word("previous"), anchors: [] }),
      }),
      signal: new AbortController().signal,
      ...{ nowMs: () => 0, steadyMs: () => 0 },
      emit: (event: VerifierEvent) => events.push(event),
      ...changes,
    } as unknown as ChecksOptions);

  it("does, with the evidence and the bond, and writes it down before", async () => {
    await pick();
    await checks().step();
    expect(accused).toHaveLength(1);
    expect(accused[0]![1]).toBe(bondWei);
    expect(store.checks.get(receipt)?.filing).toMatchObject({ bondWei: `${bondWei}` });
    expect(events).toEqual([{ event: "filed", receipt, bondWei: `${bondWei}` }]);
  });

  it.each([
    ["two bonds are up and three are allowed", 2, 1],
    ["three bonds are up", 3, 0],
  ])("counts its open cases against its limit: %s", async (_, open, filed) => {
    await pick();
    ownCases = open;
    await checks().step();
    expect(accused).toHaveLength(filed);
    expect(store.checks.get(receipt)?.filing === undefined).toBe(filed === 0);
    // It files when one of them has ended.
    ownCases = 0;
    await checks().step();
    expect(accused).toHaveLength(filed + 1);
  });

  it("puts up nothing without a limit, and nothing above it", async () => {
    await pick();
    await checks({ maxBondsWei: undefined }).step();
    await checks({ maxBondsWei: bondWei - 1n }).step();
    expect(accused).toEqual([]);
    await checks({ maxBondsWei: bondWei }).step();
    expect(accused).toHaveLength(1);
  });

  it("accuses for a lot only when a later draw has named it, by that anchor", async () => {
    await pick({ isLot: true });
    await checks().step();
    expect(accused).toEqual([]);
    const path = [word("later")];
    await store.append({ kind: "named", receipt, epoch: "5", path, isAskedAgain: false, atMs: 9 });
    let epoch: bigint | undefined;
    const anchorsOf = () => ({
      sync: async () => undefined,
      head: { epoch: 6n },
      evidence: (of: bigint) => ((epoch = of), { previous: word("previous"), anchors: [] }),
    });
    await checks({ anchorsOf }).step();
    expect(epoch).toBe(5n);
    expect((accused[0]![0] as unknown[])[5]).toEqual(path);
  });

  it("asks a lot's silent miner again under the draw that named it", async () => {
    await pick({ isLot: true });
    await store.append({ kind: "found", receipt, verdict: "undisclosed", reason: "silence" });
    await store.append({ kind: "named", receipt, epoch: "5", path: [], isAskedAgain: true, atMs: 500 });
    const asked: unknown[] = [];
    const letters = { get: () => undefined, ask: async (about: Hex) => void asked.push(about) };
    let now = 1_400;
    const own = checks({ letters, nowMs: () => now, steadyMs: () => now });
    await own.step();
    expect({ asked, accused }).toEqual({ asked: [receipt], accused: [] });
    now = 2_400;
    await own.step();
    expect(store.checks.get(receipt)?.found?.verdict).toBe("undisclosed");
    await own.step();
    expect(accused).toHaveLength(1);
  });

  it("counts no silence of the time in which it was stopped and asked nobody", async () => {
    await store.append({ kind: "check", receipt, entry, ...place, pickedAtMs: 0 });
    const asked: unknown[] = [];
    const letters = { get: () => undefined, ask: async (about: Hex) => void asked.push(about) };
    let now = 10_000_000;
    const behind = checks({ letters, nowMs: () => now, steadyMs: () => now, disclosureMs: 5_000_000 });
    await behind.step();
    now += 3_599_999;
    await behind.step();
    expect({ asked, found: store.checks.get(receipt)?.found }).toEqual({ asked: [receipt, receipt], found: undefined });
    now += 1;
    await behind.step();
    expect(store.checks.get(receipt)?.found?.verdict).toBe("undisclosed");
  });

  it("sends an accusation again that a kill may have stopped, and drops one that the court refuses", async () => {
    await pick();
    await store.append({ kind: "filing", receipt, bondWei: `${bondWei}` });
    await store.close();
    store = await VerifierStore.open(folder, () => undefined);
    // Not its turn any more: what it began it ends.
    const turns = { isMine: () => false };
    await checks({ turns }).step();
    expect(accused).toHaveLength(1);
    const refuse = async (): Promise<never> => {
      throw new MinerError("refused", "The court says no.");
    };
    await checks({ acts: { bondOf: refuse } }).step();
    expect(store.checks.get(receipt)).toMatchObject({ found: { verdict: "dropped", reason: "The court says no." } });
    await checks().step();
    expect(accused).toHaveLength(1);
  });
});
