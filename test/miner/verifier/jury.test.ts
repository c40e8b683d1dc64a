import { join } from "node:path";
import type { Hex } from "@lode/sdk/hash";
import { toWire } from "@lode/sdk/typed-data";
import { parseEther } from "viem";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CourtWatch } from "../../../miner/src/chain/court-watch.ts";
import { actQuietly } from "../../../miner/src/chain/quiet-act.ts";
import { MinerStore, runDisclosing } from "../../../miner/src/daemon/index.ts";
import { Transcripts } from "../../../miner/src/daemon/transcripts.ts";
import type { Disclosure } from "../../../miner/src/disclosure/index.ts";
import {
  juryOf,
  openCourt,
  people,
  stakeWei,
  startAccused,
  startJuror,
  until,
  verdictOf,
  type CourtBed,
  type RunningJuror,
} from "./court-bed.ts";
import { answerOf, scriptedEngine, textAt } from "./scripted-engine.ts";

const right = answerOf(12);
const wrong = right.map((id, position) => (position === 7 ? id + 1 : id));

/** Each test changes one thing of the first: a right answer, a transcript for everybody, five jurors that compute. */
describe("jurors as daemons, with no coordinator left", { timeout: 600_000 }, () => {
  let bed: CourtBed;
  let jurors: RunningJuror[] = [];
  const shown = new Map<Hex, Disclosure>();
  let mayShow: (about: Hex, to: Hex) => Disclosure | undefined;
  const everything = (about: Hex): Disclosure | undefined => shown.get(about);

  beforeAll(async () => {
    bed = await openCourt();
    mayShow = everything;
    const accused = startAccused(bed, (about, to) => mayShow(about, to));
    // Seats first: nobody joins while a jury is being drawn.
    jurors = people.jurors.map((index) => startJuror(bed, index));
    await Promise.all(jurors.map(({ joined }) => joined));
    bed.devnet.chain.process.beforeStop(async () => accused.stop());
  }, 300_000);
  afterEach(() => {
    mayShow = everything;
  });
  afterAll(async () => {
    for (const juror of jurors) await juror.stop();
    await bed.stop();
  });

  const tryCase = async (outputIds: readonly number[], stop: readonly string[] = []) => {
    const made = await bed.file(outputIds, stop);
    shown.set(made.about, made.disclosure);
    return made;
  };
  /** Starts some jurors anew with other settings; gives back what makes them as they were. */
  const replace = async (indexes: readonly number[], options: Parameters<typeof startJuror>[2]): Promise<void> => {
    for (const index of indexes) {
      const at = jurors.findIndex((juror) => juror.index === index);
      await jurors[at]!.stop();
      jurors[at] = startJuror(bed, index, options);
    }
  };

  /** Five of six are drawn: who is left out of so many juries is left out for another reason. */
  const untilSeated = async (index: number, tryOnce: () => Promise<boolean>): Promise<void> => {
    for (let tries = 0; tries < 12; tries++) if (await tryOnce()) return;
    throw new Error(`account ${index} sat on none of 12 juries`);
  };

  it("find a right answer right: the challenger's bond pays them, and who lied about it is out of it", async () => {
    const before = await Promise.all(people.jurors.map((index) => bed.balanceOf(index)));
    const client = await bed.balanceOf(people.client);
    const { id } = await tryCase(right);
    expect(await verdictOf(bed, id)).toBe("right");
    const jury = await juryOf(bed, id);
    for (const [at, index] of people.jurors.entries()) {
      const fee = jury.includes(index) ? parseEther("2") : 0n;
      expect((await bed.balanceOf(index)) - before[at]!).toBe(fee);
    }
    expect(await bed.stakeOf(people.accused)).toBe(stakeWei);
    expect(client - (await bed.balanceOf(people.client))).toBe(parseEther("20"));
  });

  it("find a wrong answer wrong: half of the stake is gone and the client has its money back", async () => {
    const [client, stake] = [await bed.balanceOf(people.client), await bed.stakeOf(people.accused)];
    const { id, disclosure } = await tryCase(wrong);
    expect(await verdictOf(bed, id)).toBe("wrong");
    expect(await bed.stakeOf(people.accused)).toBe(stake / 2n);
    // Its bond came back; it is the challenger too, so that the tenth is its own.
    const gained = (await bed.balanceOf(people.client)) - client;
    expect(gained).toBe(disclosure.receipt.amountWei + stake / 2n / 10n);
  });

  it("find an answer wrong that went on behind the client's stop text and billed it", async () => {
    const stake = await bed.stakeOf(people.accused);
    const { id } = await tryCase(right, [textAt(5)]);
    expect(await verdictOf(bed, id)).toBe("wrong");
    expect(await bed.stakeOf(people.accused)).toBe(stake / 2n);
  });

  it("are handed the transcript by each other when the accused shows it to one of them only", async () => {
    let chosen: Hex | undefined;
    mayShow = (about, to) => ((chosen ??= to) === to ? shown.get(about) : undefined);
    await replace(people.jurors, { disclosureSecs: 60 });
    const { id } = await tryCase(wrong);
    expect(await verdictOf(bed, id)).toBe("wrong");
    const jury = await juryOf(bed, id);
    const handed = jurors.flatMap(({ events }) => events).filter(({ event }) => event === "handed-on");
    expect(handed.length).toBeGreaterThanOrEqual(jury.length - 1);
  });

  it("agree that nothing was disclosed when the accused refuses", async () => {
    mayShow = () => undefined;
    await replace(people.jurors, { disclosureSecs: 5 });
    const { id } = await tryCase(right);
    expect(await verdictOf(bed, id)).toBe("undisclosed");
  });

  it("take a transcript that was changed afterwards for none", async () => {
    mayShow = (about) => {
      const found = shown.get(about)!;
      return { ...found, transcript: { ...found.transcript, outputIds: right } };
    };
    const { id } = await tryCase(wrong);
    expect(await verdictOf(bed, id)).toBe("undisclosed");
    const warnings = jurors.flatMap(({ events }) => events).filter(({ event }) => event === "warning");
    expect(JSON.stringify(warnings)).toContain("the output's tokens is not what was committed to");
  });

  it("outvote one that lies, which pays for it", async () => {
    await replace(people.jurors, {});
    const [liar] = people.jurors;
    await replace([liar], { engine: scriptedEngine(1) });
    await untilSeated(liar, async () => {
      const before = await bed.stakeOf(liar);
      const { id } = await tryCase(right);
      expect(await verdictOf(bed, id)).toBe("right");
      const isSeated = (await juryOf(bed, id)).includes(liar);
      expect(before - (await bed.stakeOf(liar))).toBe(isSeated ? parseEther("10") : 0n);
      return isSeated;
    });
    await replace([liar], {});
  });

  it("convict nobody for two of five that lie together: without four nothing is decided, at the challenger's cost", async () => {
    const liars = people.jurors.slice(0, 2);
    for (const liar of liars) await replace([liar], { engine: scriptedEngine(1) });
    const stake = await bed.stakeOf(people.accused);
    await untilSeated(liars[0]!, async () => {
      const client = await bed.balanceOf(people.client);
      const { id } = await tryCase(right);
      const verdict = await verdictOf(bed, id);
      const jury = await juryOf(bed, id);
      const isMinority = liars.every((liar) => jury.includes(liar));
      expect(verdict).toBe(isMinority ? "none" : "right");
      expect(await bed.balanceOf(people.client)).toBeLessThan(client);
      expect(await bed.stakeOf(people.accused)).toBe(stake);
      return isMinority;
    });
    await replace(liars, {});
  });

  it("need not be asked for a demand to open tokens: the miner's daemon answers it by itself", async () => {
    const { disclosure, evidence } = await bed.job(right);
    const { assignment, receipt, transcript } = disclosure;
    const digest = receipt.assignment;
    const store = await MinerStore.open(join(bed.folder, "accused"), () => undefined);
    const { jobSalt, inputIds, outputIds, ...asked } = transcript;
    const batch = { ...evidence[1], path: [...evidence[1].path] };
    const wire = toWire("Assignment", assignment);
    await store.append({ kind: "assigned", digest, assignment: wire, batch, jobSalt, promptSalt: jobSalt, atMs: 1 });
    await store.append({ kind: "receipted", digest, receipt: toWire("Receipt", receipt) });
    const clock = Number(receipt.startedAtMs);
    const transcripts = new Transcripts(join(bed.folder, "accused"), () => clock);
    await transcripts.asked(digest, { jobSalt, ...asked });
    await transcripts.told(digest, { inputIds, outputIds });
    await transcripts.close();
    const warnings: string[] = [];
    const stop = new AbortController();
    const signer = bed.signer(people.accused);
    const { chain } = bed;
    const stake = await bed.stakeOf(people.accused);
    const running = runDisclosing({
      ...{ chain, coordinatorUrls: [], miner: signer.address, signer, store, letterSecs: 0.05 },
      ...{
        signal: stop.signal,
        nowMs: Date.now,
        post: async () => undefined,
        warn: (message) => warnings.push(message),
      },
      answerDemand: (id, opened) =>
        actQuietly(chain, bed.devnet.rpcUrl, signer, [
          { what: "answer", contract: chain.contracts.demands, functionName: "answerOpening", args: [id, opened] },
        ]),
    });
    try {
      const { demands, token } = chain.contracts;
      await bed.send(people.client, token, "approve", [demands.address, parseEther("1000")]);
      await bed.send(people.client, demands, "demandOpening", [...evidence]);
      const answered = await until(bed, "the answer to the demand", async () => {
        const events = await chain.client.getContractEvents({ ...demands, fromBlock: 0n, eventName: "DemandAnswered" });
        return events[0];
      });
      expect(answered.args.accused?.toLowerCase()).toBe(signer.address);
      expect(await bed.stakeOf(people.accused)).toBe(stake);
      expect(warnings).toEqual([]);
    } finally {
      stop.abort();
      await running;
      await store.close();
    }
  });

  it("leave one that copies another's commitment with nothing to reveal", async () => {
    const copier = people.jurors[1];
    const at = jurors.findIndex(({ index }) => index === copier);
    await jurors[at]!.stop();
    const watch = new CourtWatch(bed.chain);
    const { court } = bed.chain.contracts;
    const self = bed.signer(copier).address;
    await untilSeated(copier, async () => {
      const before = await bed.stakeOf(copier);
      const { id } = await tryCase(right);
      if (!(await juryOf(bed, id)).includes(copier)) {
        expect(await verdictOf(bed, id)).toBe("right");
        return false;
      }
      const copied = await until(bed, `a commitment in case ${id}`, async () => {
        const events = await bed.chain.client.getContractEvents({
          ...court,
          eventName: "Committed",
          args: { id },
          fromBlock: 0n,
          strict: true,
        });
        return events[0]?.args.commitment;
      });
      await bed.send(copier, court, "commit", [id, self, copied]);
      // It has no salt, no values, and the root is for leaves with another's address; the others reveal and wait for it.
      await expect
        .poll(async () => (await watch.sync(), watch.cases.get(id)?.revealed.size), { timeout: 60_000 })
        .toBe(4);
      await bed.devnet.chain.client.increaseTime({ seconds: 86_401 });
      expect(await verdictOf(bed, id)).toBe("right");
      expect(before - (await bed.stakeOf(copier))).toBe(parseEther("10"));
      return true;
    });
  });
});
