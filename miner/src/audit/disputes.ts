import type { Dispute, Finding, SignedHead } from "@lode/sdk/audit";
import { hashStruct, fromWire } from "@lode/sdk/typed-data";
import type { EntryCopy } from "./copy/entry-copy.ts";
import { readPage } from "./check/read-page.ts";
import type { HeadBook } from "./gossip/head-book.ts";
import type { Peer } from "./gossip/peer.ts";
import { proveSplit, viewOfCopy, viewOfPeer, type View } from "./gossip/split-view.ts";
import type { LogSource } from "./log/log-source.ts";

/** What this auditor has at hand to prove a fault with. */
export interface AtHand {
  readonly source: LogSource;
  readonly heads: HeadBook;
  readonly peers?: readonly Peer[];
  /** The log of this audit, with the copy that was made of it. */
  readonly own?: { readonly head: SignedHead; readonly copy: EntryCopy } | undefined;
  /** The log of an earlier audit that this one contradicts. */
  readonly earlier?: { readonly head: SignedHead; readonly copy: EntryCopy } | undefined;
}

/** Findings for which a proof is looked for: each may cost questions to strangers. */
const mostProved = 20;

/** Adds to findings what the contracts want to see, where it can be had. A proof that cannot be had leaves its finding as it is. */
export async function withDisputes(findings: readonly Finding[], at: AtHand): Promise<Finding[]> {
  let left = mostProved;
  const completed: Finding[] = [];
  for (const finding of findings) {
    const isProvable = finding.kind === "split_view" || finding.kind === "receipt_repeated";
    if (!isProvable || left-- <= 0) {
      completed.push(finding);
      continue;
    }
    const prove = finding.kind === "split_view" ? splitView : equivocation;
    const dispute = await prove(finding, at).catch(() => undefined);
    completed.push(dispute === undefined ? finding : { ...finding, dispute });
  }
  return completed;
}

/** Two receipts for one assignment, when they differ; the same one twice in the log is no fault of its miner. */
async function equivocation({ index, evidence }: Finding, { source }: AtHand): Promise<Dispute | undefined> {
  const first = Number(evidence["first"]);
  if (index === undefined || !Number.isSafeInteger(first)) return undefined;
  const [one] = readPage(await source.page(first, 1), 1);
  const [other] = readPage(await source.page(index, 1), 1);
  if (one === undefined || other === undefined) return undefined;
  const hashOf = (receipt: unknown): string => hashStruct("Receipt", fromWire("Receipt", receipt));
  if (hashOf(one.receipt) === hashOf(other.receipt)) return undefined;
  return {
    act: "equivocation",
    evidence: {
      assignment: one.assignment,
      first: { receipt: one.receipt, proof: one.receiptBatch },
      second: { receipt: other.receipt, proof: other.receiptBatch },
    },
  };
}

async function splitView({ evidence }: Finding, at: AtHand): Promise<Dispute | undefined> {
  if (at.own === undefined) return undefined;
  const here = viewOfCopy(at.own.head, at.own.copy);
  const isNamed = ({ head }: SignedHead): boolean =>
    Number(head.size) === evidence["size"] && head.root === evidence["root"];
  const views: View[] = [];
  if (at.earlier !== undefined && isNamed(at.earlier.head)) views.push(viewOfCopy(at.earlier.head, at.earlier.copy));
  const named = at.heads.all.find(isNamed);
  if (named !== undefined) views.push(...(at.peers ?? []).map((peer) => viewOfPeer(named, peer)));
  for (const view of views) {
    const dispute = await proveSplit(here, view).catch(() => undefined);
    if (dispute !== undefined) return dispute;
  }
  return undefined;
}
