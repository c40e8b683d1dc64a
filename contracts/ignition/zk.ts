import manifest from "../../zk-circuits/artifacts/manifest.json" with { type: "json" };
import slab from "../../zk-circuits/artifacts/settlement-slab-4/verification-key.json" with { type: "json" };
import { networkOf } from "./networks.ts";

/** Circuits whose keys a contract holds. */
export type KeyedCircuit = keyof typeof manifest.circuits;

/** Channels in a slab of the deployment's settlement contract: the size whose key is committed. */
export const slabSize = 4;

/** A circuit without a key has no setup either. */
const circuits: Readonly<Record<KeyedCircuit, { readonly sources: string; readonly setup?: string }>> =
  manifest.circuits;

/**
 * Whether a contract with this circuit's key belongs into a chain's deployment. The secrets of development keys are
 * everybody's: such a contract refuses to be made on a public chain, and the deployment leaves it out there.
 * @param setup who made the key; the manifest's word unless given
 */
export function isProvable(
  chainId: number,
  circuit: KeyedCircuit,
  setup: string = circuits[circuit].setup ?? "none",
): boolean {
  return setup === "ceremony" || !networkOf(chainId).isPublic;
}

/** Whether everybody can compute this key's secrets: what its verifier is told, and refuses on a public chain. */
export function isDevelopmentKey(circuit: KeyedCircuit): boolean {
  return circuits[circuit].setup !== "ceremony";
}

/** The parts of an exported key that a contract holds. */
interface ExportedKey {
  readonly vk_alpha_1: readonly string[];
  readonly vk_beta_2: readonly (readonly string[])[];
  readonly vk_gamma_2: readonly (readonly string[])[];
  readonly vk_delta_2: readonly (readonly string[])[];
  readonly IC: readonly (readonly string[])[];
}

/** An exported key as `Groth16.Key`: of EIP-197's coordinates of G2 the imaginary part comes first, snarkjs has it last. */
export function solidityKey(key: ExportedKey) {
  const g1 = ([x = "", y = ""]: readonly string[]) => ({ x: BigInt(x), y: BigInt(y) });
  const g2 = ([x = [], y = []]: readonly (readonly string[])[]) => ({
    xImaginary: BigInt(x[1] ?? ""),
    xReal: BigInt(x[0] ?? ""),
    yImaginary: BigInt(y[1] ?? ""),
    yReal: BigInt(y[0] ?? ""),
  });
  return {
    alpha: g1(key.vk_alpha_1),
    beta: g2(key.vk_beta_2),
    gamma: g2(key.vk_gamma_2),
    delta: g2(key.vk_delta_2),
    points: key.IC.map(g1),
  };
}

/** The committed key of the settlement slab. */
export function slabKey(): ReturnType<typeof solidityKey> {
  return solidityKey(slab);
}
