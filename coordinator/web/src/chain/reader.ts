import type { ExplorerInfo } from "@lode/protocol";
import { createPublicClient, custom, http, type EIP1193Provider, type PublicClient } from "viem";

/** Blocks in one request for events: what public nodes allow. */
const span = 10_000n;

/** The chain is not there, or is another one. */
export class NoChain extends Error {
  override readonly name = "NoChain";
}

/** Who answers for the chain. */
export interface ChainSource {
  readonly client: PublicClient;
  /** For people: a URL, or the name of a wallet. */
  readonly name: string;
}

/**
 * A client for the coordinator's chain.
 * @param wallet asked instead of the node that the coordinator names: whoever does not trust that one asks their own
 * @throws {NoChain} when there is nobody to ask, nobody answers, or the answer comes from another chain
 */
export async function openChain(
  { chain }: ExplorerInfo,
  wallet?: { readonly provider: EIP1193Provider; readonly name: string },
): Promise<ChainSource> {
  const { rpcUrl } = chain;
  if (wallet === undefined && rpcUrl === null) {
    throw new NoChain("This coordinator names no node for visitors. Connect a wallet: its node can be asked instead.");
  }
  const transport =
    wallet === undefined ? http(rpcUrl ?? undefined, { retryCount: 1, timeout: 10_000 }) : custom(wallet.provider);
  const client = createPublicClient({ transport });
  const name = wallet?.name ?? rpcUrl ?? "";
  let id: number;
  try {
    id = await client.getChainId();
  } catch {
    throw new NoChain(`No chain answers at ${name}.`);
  }
  if (id !== chain.id) throw new NoChain(`${name} is on chain ${id}, the contracts are on chain ${chain.id}.`);
  return { client, name };
}

/** The ranges of blocks from the deployment to the chain's head. */
export async function blockRanges(
  client: PublicClient,
  { chain }: ExplorerInfo,
): Promise<{ readonly fromBlock: bigint; readonly toBlock: bigint }[]> {
  const last = await client.getBlockNumber({ cacheTime: 0 });
  const ranges = [];
  for (let fromBlock = BigInt(chain.deployedAtBlock); fromBlock <= last; fromBlock += span) {
    ranges.push({ fromBlock, toBlock: fromBlock + span - 1n < last ? fromBlock + span - 1n : last });
  }
  return ranges;
}

/** A contract's address as the coordinator names it. @throws {NoChain} */
export function addressOf({ chain }: ExplorerInfo, name: string): `0x${string}` {
  const address = chain.addresses[name];
  if (address === undefined) throw new NoChain(`The coordinator names no ${name}.`);
  return address;
}
