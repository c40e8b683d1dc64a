/** Where contracts are deployed: what a deployment has to know of a chain that the chain itself does not tell. */
export interface Network {
  readonly chainId: number;
  /** Whether anybody's money may be there. Only then development settings are refused. */
  readonly isPublic: boolean;
  /** Seconds that lie at least between an act and the drand round that decides it; 0 where blocks decide. */
  readonly randomnessMarginSeconds: bigint;
  /** Blocks on top of a transaction before it counts as done. */
  readonly confirmations: number;
}

/** Blocks come at fixed times and each names its own: a slot and what its builder can still choose (randomness/README.md). */
const layerOne = { isPublic: true, randomnessMarginSeconds: 30n, confirmations: 5 };
/** The sequencer of an OP chain may fall behind by its sequencing window of 3600 L1 blocks, and then catch up. */
const opRollup = { isPublic: true, randomnessMarginSeconds: 43_200n, confirmations: 5 };
/** Arbitrum's sequencer may date a block up to a day back. It is also what an unknown chain gets: the contract's longest. */
const anyRollup = { isPublic: true, randomnessMarginSeconds: 86_400n, confirmations: 5 };

/** Networks by the name that `--network` takes. */
export const networks = {
  devnet: { chainId: 31337, isPublic: false, randomnessMarginSeconds: 0n, confirmations: 1 },
  mainnet: { chainId: 1, ...layerOne },
  sepolia: { chainId: 11155111, ...layerOne },
  gnosis: { chainId: 100, ...layerOne },
  optimism: { chainId: 10, ...opRollup },
  "optimism-sepolia": { chainId: 11155420, ...opRollup },
  base: { chainId: 8453, ...opRollup },
  "base-sepolia": { chainId: 84532, ...opRollup },
  arbitrum: { chainId: 42161, ...anyRollup },
  "arbitrum-sepolia": { chainId: 421614, ...anyRollup },
} as const satisfies Record<string, Network>;

/** The network with a chain id. One that is not listed is public, and trusted with nothing. */
export function networkOf(chainId: number): Network {
  return Object.values(networks).find((network) => network.chainId === chainId) ?? { chainId, ...anyRollup };
}
