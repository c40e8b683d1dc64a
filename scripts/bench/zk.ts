/**
 * What proofs cost: each circuit's constraints, its witness, its proof on one core and on all, the check outside of a chain;
 * the gas of whole transactions on a fresh chain; how well the classifier does beside the network before quantisation.
 */
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { circuitOf, filesOf, readManifest, SnarkjsProver, witnessOf } from "@lode/zk-circuits";
import { classifierInput, classifierReport, classifyFeatures, featuresOf } from "@lode/zk-circuits/classifier";
import { groth16, type Signals, type VerificationKey } from "snarkjs";
import { twoSettlements } from "../../test/helpers/slab.ts";
import { compile, keepWasm } from "../zk/compile.ts";
import { Processes } from "../processes/processes.ts";
import { makeBed } from "./gas/bed.ts";
import { measureZk } from "./gas/zk.ts";
import { round } from "./statistics.ts";
import { measureSettlements } from "./zk/settlements.ts";

const rounds = 3;
/** Channels of the slab whose key is committed. */
const channels = 4;
/** Channels of the largest one: compiled here, and proved where `npm run zk:setup -- settlement-slab-16` has made its key. */
const largeChannels = 16;

export async function zk(): Promise<Record<string, unknown>> {
  const classifier = await measure("classifier", classifierExample());
  const slab = await measure(`settlement-slab-${channels}`, twoSettlements(channels).first.input);
  const large = await measureLarge();
  await endThreads();
  const gas = await measureGasOfProofs();
  const settlement = await measureSettlements(channels);
  const { accuracy, accuracyFloat } = classifierReport;
  const figures = {
    bench: "zk",
    threads: availableParallelism(),
    circuits: {
      classifier: { ...classifier, ...gas },
      [`settlement-slab-${channels}`]: { ...slab, transactionGas: settlement.settleRepeatGas },
      [`settlement-slab-${largeChannels}`]: large,
    },
    settlement,
    breakEvenChannels: settlement.breakEvenChannels,
    constraintsPerChannel: slab.constraints / channels,
    classifierAccuracy: round(accuracy, 4),
    classifierAccuracyFloat: round(accuracyFloat, 4),
  };
  for (const [name, value] of Object.entries(figures.circuits)) console.log(name, value);
  return figures;
}

function classifierExample(): Signals {
  const features = featuresOf("Please translate the following sentence into French: where is the train station?");
  return classifierInput(features, 2n ** 200n + 1n, { answer: classifyFeatures(features), binding: 3n });
}

interface Figures {
  readonly constraints: number;
  readonly witnessMs: number;
  readonly proveSecondsOneThread: number;
  readonly proveSecondsAllThreads: number;
  readonly verifyMs: number;
}

/** The fastest of a few rounds each: what else the machine does makes only others slower. */
async function measure(name: string, input: Signals): Promise<Figures> {
  const circuit = circuitOf(name);
  const key = JSON.parse(readFileSync(filesOf(circuit).verificationKey, "utf8")) as VerificationKey;
  const [one, all] = [new SnarkjsProver({ singleThread: true }), new SnarkjsProver()];
  const { proof, publicSignals } = await all.prove(circuit, input);
  const verify = async (): Promise<void> => {
    if (!(await groth16.verify(key, publicSignals.map(String), proof))) throw new Error(`a proof of ${name} is wrong`);
  };
  return {
    constraints: readManifest().circuits[name]?.constraints ?? 0,
    witnessMs: round(await fastest(() => witnessOf(circuit, input)), 1),
    proveSecondsOneThread: round((await fastest(() => one.prove(circuit, input))) / 1000, 2),
    proveSecondsAllThreads: round((await fastest(() => all.prove(circuit, input))) / 1000, 2),
    verifyMs: round(await fastest(verify), 1),
  };
}

/** The largest slab: its key takes an hour of phase 1 for 2^17 constraints, so that most often only its witness is measured. */
async function measureLarge(): Promise<Figures | Pick<Figures, "constraints" | "witnessMs">> {
  const name = `settlement-slab-${largeChannels}`;
  const circuit = circuitOf(name);
  const { wasm, zkey } = filesOf(circuit);
  if (!existsSync(wasm)) {
    await compile(circuit);
    keepWasm(circuit);
  }
  const { input } = twoSettlements(largeChannels).first;
  if (existsSync(zkey)) return measure(name, input);
  return {
    constraints: readManifest().circuits[name]?.constraints ?? 0,
    witnessMs: round(await fastest(() => witnessOf(circuit, input)), 1),
  };
}

/** The curve keeps its threads for the next proof, which would keep this process alive. */
async function endThreads(): Promise<void> {
  const { curve_bn128: curve } = globalThis as { curve_bn128?: { terminate(): Promise<void> } | null };
  await curve?.terminate();
}

async function fastest(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return Math.min(...times);
}

async function measureGasOfProofs(): Promise<{ openGas: number; transactionGas: number }> {
  const processes = new Processes();
  try {
    const { zkJobsOpen, zkJobsAnswer } = await measureZk(await makeBed(processes));
    return { openGas: zkJobsOpen, transactionGas: zkJobsAnswer };
  } finally {
    await processes.stopAll();
  }
}
