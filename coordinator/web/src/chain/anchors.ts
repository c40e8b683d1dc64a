import type { ExplorerInfo } from "@lode/protocol";
import { receiptLedgerAbi } from "@lode/sdk/abi";
import type { Hex } from "viem";
import { mostAnchors, type ChainAnchor } from "./compared-anchors.ts";
import { addressOf, blockRanges, openChain } from "./reader.ts";
import { askIndex, low, tell, type Told } from "./told.ts";

interface Row {
  readonly epoch: string;
  readonly size: string;
  readonly root: Hex;
  readonly liabilitiesRoot: Hex;
  readonly transactionHash: Hex;
}

/** The latest anchors of the coordinator as the chain took them, the newest first. @throws {NoChain} */
export async function readAnchors(info: ExplorerInfo): Promise<Told<readonly ChainAnchor[]>> {
  const coordinator = low(info.coordinator);
  return tell(
    info,
    async () => {
      const latest = `first: ${mostAnchors}, orderBy: epoch, orderDirection: desc`;
      const { data, block } = await askIndex<{ anchors: readonly Row[] }>(
        info,
        `anchors(${latest}, where: { coordinator: "${coordinator}" }) { epoch size root liabilitiesRoot transactionHash }`,
      );
      const anchors = data.anchors.map(({ epoch, size, transactionHash: transaction, root, liabilitiesRoot }) => ({
        ...{ epoch: Number(epoch), size: Number(size), root, liabilitiesRoot, transaction },
      }));
      return { data: anchors, block };
    },
    async () => {
      const { client } = await openChain(info);
      const ledger = {
        address: addressOf(info, "receiptLedger"),
        abi: receiptLedgerAbi,
        eventName: "Anchored",
      } as const;
      const anchors: ChainAnchor[] = [];
      // Backwards: the newest are wanted, and most of a long chain need not be asked for.
      for (const range of (await blockRanges(client, info)).reverse()) {
        const events = await client.getContractEvents({ ...ledger, ...range, args: { coordinator }, strict: true });
        for (const { args, transactionHash: transaction } of events.reverse()) {
          const { epoch, size, root, liabilitiesRoot } = args;
          anchors.push({ epoch: Number(epoch), size: Number(size), root, liabilitiesRoot, transaction });
        }
        if (anchors.length >= mostAnchors) break;
      }
      return anchors.slice(0, mostAnchors);
    },
  );
}
