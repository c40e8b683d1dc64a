import type { DayOfModel } from "@lode/protocol";
import { lazy, Suspense } from "react";
import { lodeText } from "./format.ts";
import { Hash, Lode, Table } from "./parts.tsx";

const Chart = lazy(() => import("./chart.tsx"));

/** Amounts by day as bars, and by model as a table: the same figures for eyes and for screen readers. */
export function DayBars({ days, empty }: { days: readonly DayOfModel[]; empty: string }) {
  if (days.length === 0) return <p className="line-empty">{empty}</p>;
  const byDay = new Map<string, bigint>();
  const byModel = new Map<
    string,
    { model: string | null; digest: string; wei: bigint; receipts: number; tokens: number }
  >();
  for (const { day, model, modelDigest: digest, amountWei, receipts, inputTokens, outputTokens } of days) {
    byDay.set(day, (byDay.get(day) ?? 0n) + BigInt(amountWei));
    const known = byModel.get(digest) ?? { model, digest, wei: 0n, receipts: 0, tokens: 0 };
    byModel.set(digest, {
      ...known,
      wei: known.wei + BigInt(amountWei),
      receipts: known.receipts + receipts,
      tokens: known.tokens + inputTokens + outputTokens,
    });
  }
  const total = [...byDay.values()].reduce((sum, wei) => sum + wei, 0n);
  return (
    <>
      <figure className="chart" role="img" aria-label={`${lodeText(total)} LODE on ${byDay.size} of the last 30 days`}>
        <Suspense fallback={null}>
          <Chart byDay={byDay} />
        </Suspense>
      </figure>
      <Table
        label="By model"
        rows={[...byModel.values()]}
        keyOf={({ digest }) => digest}
        columns={[
          { head: "Model", cell: ({ model, digest }) => model ?? <Hash value={digest} /> },
          { head: "Receipts", cell: ({ receipts }) => receipts.toLocaleString("en-US"), isNumber: true },
          { head: "Tokens", cell: ({ tokens }) => tokens.toLocaleString("en-US"), isNumber: true },
          { head: "Amount", cell: ({ wei }) => <Lode wei={wei} />, isNumber: true },
        ]}
      />
    </>
  );
}
