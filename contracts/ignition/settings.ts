import { isPublicTestAccount } from "@lode/sdk/keys";
import { networkOf, type Network } from "./networks.ts";
import { checkedValues, type ParameterName } from "./parameters.ts";

/** What a deployment is told: who holds what in the end, and each parameter's value. */
export interface Settings {
  readonly chainId: number;
  readonly deployer: string;
  /** Proposes changes to the timelock. */
  readonly governor: string;
  /** Can stop intake for a while, and nothing else. */
  readonly guardian: string;
  /** Receives the genesis supply. */
  readonly treasury: string;
  readonly values: Readonly<Record<ParameterName, bigint>>;
}

/** A devnet's settings: its deployer is everybody. */
export function developmentSettings(chainId: number, deployer: string): Settings {
  return { chainId, deployer, governor: deployer, guardian: deployer, treasury: deployer, values: checkedValues() };
}

/** Which source of randomness a chain gets: where one builder makes every block, or money is at stake, not the blocks. */
export function randomnessOf(chainId: number): { source: "block" } | { source: "drand"; marginSeconds: bigint } {
  const { isPublic, randomnessMarginSeconds }: Network = networkOf(chainId);
  return isPublic ? { source: "drand", marginSeconds: randomnessMarginSeconds } : { source: "block" };
}

const people = ["deployer", "governor", "guardian", "treasury"] as const;

/**
 * Why these settings must not be used on their chain: development settings on a public one.
 * @returns one sentence each; empty when there is nothing against them
 */
export function refusals(settings: Settings): string[] {
  if (!networkOf(settings.chainId).isPublic) return [];
  const found: string[] = [];
  const lower = Object.fromEntries(people.map((person) => [person, settings[person].toLowerCase()]));
  for (const person of people) {
    const address = lower[person] ?? "";
    if (/^0x0{40}$/.test(address)) found.push(`The ${person} is the zero address.`);
    if (isPublicTestAccount(address)) found.push(`The ${person} ${address} is a test account whose key everybody has.`);
  }
  for (const person of ["governor", "guardian", "treasury"] as const) {
    if (lower[person] !== lower["deployer"]) continue;
    found.push(`The ${person} is the deployer, whose key has been on this machine; name another account.`);
  }
  if (lower["governor"] === lower["guardian"]) {
    found.push("Governor and guardian are one account: whoever steals its key could stop intake and keep it stopped.");
  }
  return found;
}
