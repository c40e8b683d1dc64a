/**
 * What proofs cost: each circuit's constraints, its witness, its proof on one core and on all, the check outside of a chain;
 * the gas of whole transactions on a fresh chain; how well the classifier does beside the network before quantisation. The
 * key of the largest circuit is made here where it is not yet, in about a minute.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { circuitOf, filesOf, readManifest, SnarkjsProver, witnessOf } from "@lode/zk-circuits";
import { classifierInput, classifierReport, classifyFeatures, featuresOf } from "@lode/zk-circuits/classifier";
import { groth16, type Signals, type VerificationKey } from "snarkjs";
import { twoSettlements } from "../../test/helpers/slab.ts";
import { sha256 } from "../zk/compile.ts";
import { makeDevelopmentKey } from "../zk/key.ts";
import { Processes } from "../processes/processes.ts";
import { makeBed } from "./gas/bed.ts";
import { measureZk } from "./gas/zk.ts";
import { round } from "./statistics.ts";
import { breakEven, measureSettlements } from "./zk/settlements.ts";

const rounds = 3;
/** Channels of the slab whose key is committed. */
const channels = 4;
/** Channels of the largest one, whose key is made on demand. */
const largeChannels = 16;

export async function zk(): Promise<Record<string, unknown>> {
  const classifier = await measure("classifier", classifierExample());
  const slab = await measure(`settlement-slab-${channels}`, twoSettlements(channels).first.input);
  await keyOfLarge();
  const large = await measure(`settlement-slab-${largeChannels}`, twoSettlements(largeChannels).first.input);
  await endThreads();
  const gas = await measureGasOfProofs();
  const settlement = await measureSettlements(channels);
  const largeSettlement = await measureSettlements(largeChannels);
  const { accuracy, accuracyFloat } = classifierReport;
  const figures = {
    bench: "zk",
    threads: availableParallelism(),
    circuits: {
      classifier: { ...classifier, ...gas },
      [`settlement-slab-${channels}`]: { ...slab, transactionGas: settlement.settleRepeatGas },
      [`settlement-slab-${largeChannels}`]: { ...large, transactionGas: largeSettlement.settleRepeatGas },
    },
    settlement,
    [`settlement${largeChannels}`]: largeSettlement,
    ...breakEven(settlement, largeSettlement),
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
  /** Of the proving key. */
  readonly keyMb: number;
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
    keyMb: round(statSync(filesOf(circuit).zkey).size / 1e6, 1),
  };
}

/** Makes the largest slab's key where the one that the manifest names is not here. */
async function keyOfLarge(): Promise<void> {
  const circuit = circuitOf(`settlement-slab-${largeChannels}`);
  const { zkey, wasm } = filesOf(circuit);
  const known = readManifest().circuits[circuit.name]?.zkey;
  if (existsSync(zkey) && existsSync(wasm) && sha256(zkey) === known) return;
  const made = await makeDevelopmentKey(circuit);
  if (made.zkey !== known)
    throw new Error(`the key of ${circuit.name} came out as ${made.zkey}, not as in the manifest`);
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
