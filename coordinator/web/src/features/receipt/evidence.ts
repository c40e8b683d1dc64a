import type { ExplorerInfo, LogEntry, LogProof, LogRoot } from "@lode/protocol";
import { receiptLedgerAbi, stakingAbi } from "@lode/sdk/abi";
import { checkReceipt, type ReceiptChain, type ReceiptVerdict, type StakeEvent } from "@lode/sdk/audit";
import { fromWire } from "@lode/sdk/typed-data";
import type { EIP1193Provider, Hex, PublicClient } from "viem";
import { askJson } from "../../api/http.ts";
import { addressOf, blockRanges, openChain } from "../../chain/reader.ts";

/** One receipt's verdict, and who answered for the chain. */
export interface Checked {
  readonly verdict: ReceiptVerdict;
  /** Undefined when nobody answered; then `chainProblem` says why. */
  readonly source: string | undefined;
  readonly chainProblem: string | undefined;
  readonly anchor: ReceiptChain["anchor"];
  readonly headSize: number | undefined;
}

const low = (hex: Hex): Hex => hex.toLowerCase() as Hex;

/** Gathers everything that a receipt can be checked against, from the coordinator's log and from the chain, and checks it. */
export async function gatherAndCheck(
  info: ExplorerInfo,
  entry: LogEntry,
  wallet?: { readonly provider: EIP1193Provider; readonly name: string },
): Promise<Checked> {
  const coordinator = low(info.coordinator);
  const proof = (size: number): Promise<readonly Hex[] | undefined> =>
    askJson<LogProof>(`/v1/log/proof?index=${entry.index}&size=${size}`).then(
      ({ path }) => path,
      () => undefined,
    );
  const [root, read] = await Promise.all([
    askJson<LogRoot>("/v1/log/root").catch(() => undefined),
    readChain(info, coordinator, entry, wallet).catch((error: unknown) =>
      error instanceof Error ? error : new Error("The chain could not be read."),
    ),
  ]);
  const head = root && { head: fromWire("TreeHead", root.head), signature: root.signature };
  const chain = read instanceof Error ? undefined : read.chain;
  const [headPath, anchorPath] = await Promise.all([
    head && proof(Number(head.head.size)),
    chain?.anchor && proof(Number(chain.anchor.size)),
  ]);
  const addresses = { chainId: info.chain.id, receiptLedger: addressOf(info, "receiptLedger") };
  return {
    verdict: checkReceipt({ addresses, coordinator, entry, head, headPath, chain, anchorPath }),
    source: read instanceof Error ? undefined : read.source,
    chainProblem: read instanceof Error ? (read.message.split("\n")[0] ?? "") : undefined,
    anchor: chain?.anchor,
    headSize: head && Number(head.head.size),
  };
}

async function readChain(
  info: ExplorerInfo,
  coordinator: Hex,
  entry: LogEntry,
  wallet?: { readonly provider: EIP1193Provider; readonly name: string },
): Promise<{ readonly chain: ReceiptChain; readonly source: string }> {
  const { client, name } = await openChain(info, wallet);
  const staking = { address: addressOf(info, "staking"), abi: stakingAbi } as const;
  const ledger = { address: addressOf(info, "receiptLedger"), abi: receiptLedgerAbi } as const;
  const stakers = new Set([coordinator, low(entry.assignment.miner)]);
  const stakeEvents: StakeEvent[] = [];
  let anchor: ReceiptChain["anchor"];
  const timeOf = blockTimes(client);
  for (const range of await blockRanges(client, info)) {
    const [stakes, anchors] = await Promise.all([
      client.getContractEvents({ ...staking, ...range, strict: true }),
      client.getContractEvents({ ...ledger, ...range, strict: true, eventName: "Anchored", args: { coordinator } }),
    ]);
    for (const event of stakes) {
      const { args } = event;
      if (!("staker" in args) || !stakers.has(low(args.staker))) continue;
      const staker = low(args.staker);
      const atMs = await timeOf(event.blockNumber);
      if (event.eventName === "StakerRegistered") {
        const { role, operator } = event.args;
        stakeEvents.push({ kind: "registered", staker, atMs, role, operator: low(operator) });
      } else if (event.eventName === "OperatorChanged") {
        stakeEvents.push({ kind: "operator", staker, atMs, operator: low(event.args.operator) });
      } else if ("stakedWei" in args) {
        stakeEvents.push({ kind: "staked", staker, atMs, stakedWei: args.stakedWei });
      }
    }
    for (const { args } of anchors) {
      if (anchor === undefined && args.size > BigInt(entry.index)) {
        anchor = { epoch: args.epoch, size: args.size, root: args.root };
      }
    }
  }
  const [minimumMinerWei, minimumCoordinatorWei] = await Promise.all(
    [1, 2].map((role) => client.readContract({ ...staking, functionName: "minimumStakeWei", args: [role] })),
  );
  if (minimumMinerWei === undefined || minimumCoordinatorWei === undefined) throw new Error("The chain answers oddly.");
  return { chain: { stakeEvents, minimumMinerWei, minimumCoordinatorWei, anchor }, source: name };
}

function blockTimes(client: PublicClient): (blockNumber: bigint) => Promise<number> {
  const known = new Map<bigint, number>();
  return async (blockNumber) => {
    const before = known.get(blockNumber);
    if (before !== undefined) return before;
    const atMs = Number((await client.getBlock({ blockNumber })).timestamp) * 1000;
    known.set(blockNumber, atMs);
    return atMs;
  };
}
