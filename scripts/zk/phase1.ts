import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { curves, powersOfTau } from "snarkjs";
import { root } from "../root.ts";
import { preparePhase1 } from "./direct/phase1.ts";
import type { Beacon } from "./direct/secrets.ts";
import { progress } from "./progress.ts";

/** What development keys are made with: anybody can compute their secrets from it, and everybody gets the same keys. */
export const developmentBeacon: Beacon = {
  name: "lode development setup",
  hash: createHash("sha256").update("lode development setup").digest("hex"),
  iterationsExponent: 10,
};

/** Where what is large and can be made again is kept; git ignores it. */
export const zkCache: string = join(root, ".cache", "zk");

/**
 * The development setup's first phase for circuits of up to 2^power constraints, made once and kept: keys do without it, only
 * checking them against it needs one. A beacon is its only contribution, so that it is the same on every machine, and no
 * secret; snarkjs makes everything but the last step, which would take it hours.
 * @returns the file's name
 */
export async function developmentPhase1(power: number): Promise<string> {
  mkdirSync(zkCache, { recursive: true });
  const file = (step: string): string => join(zkCache, `phase1-${power}${step}.ptau`);
  const done = file("");
  if (existsSync(done)) return done;
  const { name, hash, iterationsExponent } = developmentBeacon;
  await once(file("-new"), async (to) => {
    const curve = await curves.getCurveFromName("bn128");
    await powersOfTau.newAccumulator(curve, power, to, progress(`phase 1 of 2^${power}, beginning`));
  });
  await once(file("-beacon"), (to) =>
    powersOfTau.beacon(file("-new"), to, name, hash, iterationsExponent, progress(`phase 1 of 2^${power}, beacon`)),
  );
  const shown = progress(`phase 1 of 2^${power}, preparing phase 2`);
  const say = (step: string): void => shown.info(step);
  await once(done, (to) => preparePhase1(file("-beacon"), power, developmentBeacon, to, say));
  rmSync(file("-new"));
  rmSync(file("-beacon"));
  return done;
}

/** Makes a file beside its name and renames it: an interrupted run goes on with the last whole step. */
async function once(file: string, make: (draft: string) => Promise<unknown>): Promise<void> {
  if (existsSync(file)) return;
  await make(`${file}.draft`);
  renameSync(`${file}.draft`, file);
}
