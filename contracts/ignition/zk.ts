import manifest from "../../zk-circuits/artifacts/manifest.json" with { type: "json" };
import { networkOf } from "./networks.ts";

/** Circuits whose keys a contract holds. */
export type KeyedCircuit = keyof typeof manifest.circuits;

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
