import { demandsAbi } from "@lode/sdk/abi";
import type { Hex } from "@lode/sdk/hash";
import { hashStruct } from "@lode/sdk/typed-data";
import { decodeFunctionData } from "viem";
import type { ChainReader } from "../chain/chain.ts";
import type { ShownLeaf } from "./gossip/peer.ts";

/** A leaf of an anchored log, as its coordinator showed it to the chain in answer to a demand. */
export interface AnsweredLeaf extends ShownLeaf {
  readonly index: number;
  /** Of the anchor that it was shown in. */
  readonly size: number;
  readonly root: Hex;
}

/** Blocks in one request for events: what public endpoints allow. */
const span = 10_000n;
const inLog = 1;

/**
 * Leaves of a coordinator's anchored logs that anybody can read from the chain: whoever demanded a receipt had it shown to all. Demands
 * and answers that came through another contract are not seen.
 */
export async function readAnsweredLeaves(chain: ChainReader, coordinator: Hex): Promise<AnsweredLeaf[]> {
  const { client, contracts, addresses } = chain;
  const leaves = new Map<bigint, Hex>();
  const found: AnsweredLeaf[] = [];
  const last = await client.getBlockNumber({ cacheTime: 0 });
  for (let fromBlock = BigInt(addresses.deployedAtBlock); fromBlock <= last; fromBlock += span) {
    const toBlock = fromBlock + span - 1n < last ? fromBlock + span - 1n : last;
    const events = await client.getContractEvents({ ...contracts.demands, fromBlock, toBlock, strict: true });
    for (const event of events) {
      if (event.eventName === "DemandOpened") {
        const { id, subject, accused } = event.args;
        if (subject !== inLog || accused.toLowerCase() !== coordinator) continue;
        const leaf = await demanded(chain, event.transactionHash);
        if (leaf !== undefined) leaves.set(id, leaf);
      } else if (event.eventName === "DemandAnswered") {
        const leaf = leaves.get(event.args.id);
        const answer = leaf === undefined ? undefined : await answered(chain, event.transactionHash);
        if (leaf !== undefined && answer !== undefined) found.push({ leaf, ...answer });
      }
    }
  }
  return found;
}

/** The receipt that a demand was about. */
async function demanded(chain: ChainReader, hash: Hex): Promise<Hex | undefined> {
  const call = await callOf(chain, hash);
  return call?.functionName === "demandInLog" ? hashStruct("Receipt", call.args[2]) : undefined;
}

async function answered(chain: ChainReader, hash: Hex): Promise<Omit<AnsweredLeaf, "leaf"> | undefined> {
  const call = await callOf(chain, hash);
  if (call?.functionName !== "answerInLog") return undefined;
  const [, index, path, , [anchor]] = call.args;
  return anchor === undefined
    ? undefined
    : { index: Number(index), path, size: Number(anchor.size), root: anchor.root };
}

/** What a transaction called on the contract of demands. */
async function callOf({ client, contracts }: ChainReader, hash: Hex) {
  const { to, input } = await client.getTransaction({ hash });
  if (to?.toLowerCase() !== contracts.demands.address.toLowerCase()) return undefined;
  try {
    return decodeFunctionData({ abi: demandsAbi, data: input });
  } catch {
    return undefined;
  }
}
