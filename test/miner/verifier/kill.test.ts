import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parseEther } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Disclosure } from "../../../miner/src/disclosure/index.ts";
import {
  juryOf,
  openCourt,
  people,
  startAccused,
  startJuror,
  verdictOf,
  type CourtBed,
  type RunningJuror,
} from "./court-bed.ts";
import { answerOf } from "./scripted-engine.ts";

/** Five jurors for five seats: the one that is killed is on every jury. */
const [killed, ...others] = people.jurors.slice(0, 5) as [number, ...number[]];

describe("a juror that is killed around each of its transactions and between them", { timeout: 600_000 }, () => {
  let bed: CourtBed;
  let jurors: RunningJuror[] = [];
  let child: ChildProcess | undefined;
  const shown = new Map<string, Disclosure>();

  beforeAll(async () => {
    bed = await openCourt();
    const accused = startAccused(bed, (about) => shown.get(about));
    bed.devnet.chain.process.beforeStop(async () => accused.stop());
    jurors = others.map((index) => startJuror(bed, index));
    await Promise.all(jurors.map(({ joined }) => joined));
  }, 300_000);
  afterAll(async () => {
    child?.kill("SIGKILL");
    for (const juror of jurors) await juror.stop();
    await bed.stop();
  });

  /** Runs it until it has killed itself. */
  const runOnce = async (when: string): Promise<void> => {
    child = start(when);
    const [, signal] = (await once(child, "exit")) as [number | null, string | null];
    expect(signal).toBe("SIGKILL");
  };
  const start = (when: string): ChildProcess => {
    const args = [bed.devnet.rpcUrl, bed.devnet.addressesFile, join(bed.folder, "killed"), String(killed), when];
    return fork(join(import.meta.dirname, "killed-juror.ts"), args, { stdio: "ignore", execArgv: [] });
  };

  it("joins once, commits once to one ballot, reveals it and is paid", async () => {
    await runOnce("before");
    await runOnce("after");
    const made = await bed.file(answerOf(6));
    shown.set(made.about, made.disclosure);
    expect(await juryOf(bed, made.id)).toContain(killed);
    const before = await bed.balanceOf(killed);
    // Each start dies at its next transaction: it asks for the transcript, commits and reveals, with a death on both sides of each. In
    // between it dies wherever it happens to be: while it reads the court, while letters come, when its ballot is written down.
    const early = ["call:9", "call:23"];
    const { court } = bed.chain.contracts;
    const acted = async (eventName: "Committed" | "Revealed"): Promise<number> => {
      const args = { id: made.id, juror: bed.signer(killed).address };
      return (await bed.chain.client.getContractEvents({ ...court, eventName, args, fromBlock: 0n, strict: true }))
        .length;
    };
    let deaths = 0;
    for (let turn = 0; (await acted("Revealed")) === 0; turn++) {
      if (deaths > 60) throw new Error("60 deaths, and nothing is revealed");
      const between = turn === 2 ? ["written"] : early.splice(0, 1);
      for (const when of [...between, turn % 2 === 0 ? "before" : "after"]) {
        await runOnce(when);
        deaths += 1;
      }
    }
    expect(deaths).toBeGreaterThanOrEqual(7);
    child = start("never");
    expect(await verdictOf(bed, made.id)).toBe("right");
    expect(await acted("Committed")).toBe(1);
    expect(await acted("Revealed")).toBe(1);
    expect((await bed.balanceOf(killed)) - before).toBe(parseEther("2"));
  });
});
