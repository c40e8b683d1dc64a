import { Bytes, store } from "@graphprotocol/graph-ts";
import { Anchored } from "../../generated/ReceiptLedger/ReceiptLedger";
import { Anchor, Coordinator, Growth } from "../../generated/schema";
import { loadProtocol } from "../entities/protocol";
import { recordAnchored } from "../records/receipt-ledger";

export { recordEIP712DomainChanged as handleEIP712DomainChanged } from "../records/receipt-ledger";

export function handleAnchored(event: Anchored): void {
  recordAnchored(event);
  // Only coordinators anchor.
  const coordinator = Coordinator.load(event.params.coordinator)!;
  const added = event.params.size.minus(coordinator.logSize);
  const anchor = new Anchor(coordinator.id.concat(Bytes.fromByteArray(Bytes.fromU64(event.params.epoch.toU64()))));
  anchor.coordinator = coordinator.id;
  anchor.epoch = event.params.epoch;
  anchor.size = event.params.size;
  anchor.added = added;
  anchor.root = event.params.root;
  anchor.liabilitiesRoot = event.params.liabilitiesRoot;
  anchor.nextNonceHash = event.params.nextNonceHash;
  anchor.anchoredAt = event.block.timestamp;
  anchor.transactionHash = event.transaction.hash;
  anchor.save();

  coordinator.epoch = event.params.epoch;
  coordinator.logSize = event.params.size;
  coordinator.root = event.params.root;
  coordinator.liabilitiesRoot = event.params.liabilitiesRoot;
  coordinator.anchoredAt = event.block.timestamp;
  coordinator.save();

  const protocol = loadProtocol();
  protocol.anchors += 1;
  protocol.save();

  const point = new Growth(0);
  point.coordinator = coordinator.id;
  point.receipts = added;
  // "auto" has the indexer give the next id; the time is the block's.
  store.set("Growth", "auto", point);
}
