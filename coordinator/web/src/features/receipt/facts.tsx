import type { LogEntry } from "@lode/protocol";
import { cloudEngineClass } from "@lode/sdk/typed-data";
import { clockText, countText, duration, finishReasons, perMillion } from "../../ui/format.ts";
import { Badge, Hash, Lode, MinerLink, Section } from "../../ui/parts.tsx";
import { promiseOf } from "./promise.ts";

/** What a receipt says, in words and figures; nothing here is checked. */
export function Facts({ entry }: { entry: LogEntry }) {
  const { assignment, receipt, index, debitIndex, creditIndex, hosted } = entry;
  const startedMs = Number(receipt.startedAtMs);
  const tookMs = Number(receipt.finishedAtMs) - startedMs;
  const promise = promiseOf(entry);
  const feeWei = (BigInt(receipt.amountWei) * BigInt(assignment.feePpm)) / 1_000_000n;
  return (
    <Section title="What it says" aside={<Badge tone="calm">#{index}</Badge>}>
      <dl className="facts">
        <dt>Amount</dt>
        <dd>
          <Lode wei={receipt.amountWei} />
        </dd>
        {promise !== undefined && (
          <>
            <dt>Promised</dt>
            <dd>a first token within {duration(promise.withinMs)}</dd>
            <dt>Refunded</dt>
            <dd>
              <Lode wei={promise.refundWei} />
              {promise.refundWei > 0n && (
                <>
                  {" "}
                  of <Lode wei={promise.priceWei} />: by its miner's own clock it was late
                </>
              )}
            </dd>
          </>
        )}
        <dt>of it the fee</dt>
        <dd>
          <Lode wei={feeWei} />
        </dd>
        <dt>Tokens in</dt>
        <dd className="num">{countText(receipt.inputTokens)}</dd>
        <dt>Tokens out</dt>
        <dd className="num">{countText(receipt.outputTokens)}</dd>
        <dt>Price in</dt>
        <dd className="num">
          {perMillion(assignment.inputPriceWei)} <span className="unit">LODE / M tokens</span>
        </dd>
        <dt>Price out</dt>
        <dd className="num">
          {perMillion(assignment.outputPriceWei)} <span className="unit">LODE / M tokens</span>
        </dd>
        <dt>Ended</dt>
        <dd>{finishReasons[receipt.finishReason] ?? "unknown"}</dd>
        <dt>Started</dt>
        <dd className="num">{clockText(startedMs)}</dd>
        <dt>Took</dt>
        <dd className="num">{duration(tookMs)}</dd>
        <dt>Miner</dt>
        <dd>
          <MinerLink miner={entry.miner} />
        </dd>
        {assignment.engineClass === cloudEngineClass && (
          <>
            <dt>Done by</dt>
            <dd>a cloud that the client allowed; no miner earns by it</dd>
          </>
        )}
        {hosted !== undefined && (
          <>
            <dt>Hosted for</dt>
            <dd>
              <Hash value={hosted.wallet} />
            </dd>
          </>
        )}
        <dt>Client</dt>
        <dd>
          <Hash value={entry.client} />
        </dd>
        <dt>Model</dt>
        <dd>
          <Hash value={assignment.modelDigest} />
        </dd>
        <dt>Assignment</dt>
        <dd>
          <Hash value={receipt.assignment} />
        </dd>
        <dt>Debit, credit</dt>
        <dd className="num">
          no. {debitIndex + 1}, no. {creditIndex + 1}
        </dd>
      </dl>
    </Section>
  );
}
