import type { Hex } from "@lode/sdk/hash";
import { parseEther } from "viem";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CourtWatch } from "../../../miner/src/chain/court-watch.ts";
import type { Disclosure } from "../../../miner/src/disclosure/index.ts";
import {
  juryOf,
  openCourt,
  people,
  stakeWei,
  startAccused,
  startJuror,
  untilJoined,
  verdictOf,
  type CourtBed,
  type RunningJuror,
} from "./court-bed.ts";
import { answerOf, scriptedEngine } from "./scripted-engine.ts";

const right = answerOf(12);
const wrong = right.map((id, position) => (position === 7 ? id + 1 : id));

/** Each test changes one thing of the first: a right answer, a transcript for everybody, five jurors that compute. */
describe("jurors as daemons, with no coordinator left", { timeout: 240_000 }, () => {
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
    await Promise.all(jurors.map(untilJoined));
    bed.devnet.chain.process.beforeStop(async () => accused.stop());
  }, 300_000);
  afterEach(() => {
    mayShow = everything;
  });
  afterAll(async () => {
    for (const juror of jurors) await juror.stop();
    await bed.stop();
  });

  const tryCase = async (outputIds: readonly number[]) => {
    const made = await bed.file(outputIds);
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

  it("are handed the transcript by each other when the accused shows it to one of them only", async () => {
    let chosen: Hex | undefined;
    mayShow = (about, to) => ((chosen ??= to) === to ? shown.get(about) : undefined);
    await replace(people.jurors, { disclosureSecs: 30 });
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
    // Until the liar sits on a jury.
    for (;;) {
      const before = await bed.stakeOf(liar);
      const { id } = await tryCase(right);
      expect(await verdictOf(bed, id)).toBe("right");
      if (!(await juryOf(bed, id)).includes(liar)) continue;
      expect(before - (await bed.stakeOf(liar))).toBe(parseEther("10"));
      break;
    }
    await replace([liar], {});
  });

  it("leave one that copies another's commitment with nothing to reveal", async () => {
    const copier = people.jurors[1];
    const at = jurors.findIndex(({ index }) => index === copier);
    await jurors[at]!.stop();
    const watch = new CourtWatch(bed.chain);
    const { court } = bed.chain.contracts;
    const self = bed.signer(copier).address;
    for (;;) {
      const before = await bed.stakeOf(copier);
      const { id } = await tryCase(right);
      if (!(await juryOf(bed, id)).includes(copier)) {
        expect(await verdictOf(bed, id)).toBe("right");
        continue;
      }
      let copied: Hex | undefined;
      while (copied === undefined) {
        const events = await bed.chain.client.getContractEvents({
          ...court,
          eventName: "Committed",
          args: { id },
          fromBlock: 0n,
          strict: true,
        });
        copied = events[0]?.args.commitment;
      }
      await bed.send(copier, court, "commit", [id, self, copied]);
      // It has no salt, no values, and the root is for leaves with another's address; the others reveal and wait for it.
      await expect
        .poll(async () => (await watch.sync(), watch.cases.get(id)?.revealed.size), { timeout: 60_000 })
        .toBe(4);
      await bed.devnet.chain.client.increaseTime({ seconds: 86_401 });
      expect(await verdictOf(bed, id)).toBe("right");
      expect(before - (await bed.stakeOf(copier))).toBe(parseEther("10"));
      break;
    }
  });
});
