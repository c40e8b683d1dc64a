import { zkSettlementAbi } from "@lode/sdk/abi";
import type { Hex } from "@lode/sdk/hash";
import type { SlabChannel } from "@lode/sdk/slab";
import { exitCode, MinerError } from "../errors.ts";
import type { ChainReader } from "./chain.ts";

/** A client's channel as the chain has it. */
export interface SlabHolding {
  readonly channel: SlabChannel;
  readonly depositWei: bigint;
  readonly isSettled: boolean;
  /** Unix time from which anybody may end it; 0 when no exit is announced. */
  readonly exitsAt: number;
}

/** The settlement contract, ready for viem. Throws MinerError `no_contract` where the deployment has none. */
export function zkSettlementOf({ addresses }: ChainReader): { address: Hex; abi: typeof zkSettlementAbi } {
  const { zkSettlement } = addresses;
  if (zkSettlement !== undefined) return { address: zkSettlement, abi: zkSettlementAbi };
  throw new MinerError("no_contract", "This chain's deployment has no ZkSettlement.", { exitCode: exitCode.usage });
}

/** A client's open channels with a payee, by slot. */
export async function readSlabChannels(
  chain: ChainReader,
  { payee, client }: { readonly payee: Hex; readonly client: Hex },
): Promise<SlabHolding[]> {
  const contract = zkSettlementOf(chain);
  const opened = await chain.client.getContractEvents({
    ...contract,
    eventName: "ChannelOpened",
    args: { payee },
    fromBlock: BigInt(chain.addresses.deployedAtBlock),
    strict: true,
  });
  // The last one that a slot was opened for has it, if anybody has.
  const last = new Map(opened.map(({ args }) => [args.slot, args]));
  const own = [...last.values()].filter((args) => args.client.toLowerCase() === client);
  const held = own.map(async ({ slot, generation, keyX, keyY }): Promise<SlabHolding> => {
    const args = [payee, slot] as const;
    const [depositWei, isSettled, exitsAt] = await chain.client.readContract({
      ...contract,
      functionName: "slotOf",
      args,
    });
    const channel: SlabChannel = { payee, slot, generation, client, key: [keyX, keyY] };
    return { channel, depositWei, isSettled, exitsAt: Number(exitsAt) };
  });
  return (await Promise.all(held))
    .filter(({ depositWei }) => depositWei > 0n)
    .sort((a, b) => a.channel.slot - b.channel.slot);
}

/** All leaves of a payee's slab, in order. */
export async function readSlabLeaves(chain: ChainReader, payee: Hex, slab: number, size: number): Promise<bigint[]> {
  const settled = await chain.client.getContractEvents({
    ...zkSettlementOf(chain),
    eventName: "SlabSettled",
    args: { payee, slab },
    fromBlock: BigInt(chain.addresses.deployedAtBlock),
    strict: true,
  });
  return [...(settled.at(-1)?.args.leaves ?? Array.from({ length: size }, () => 0n))];
}
