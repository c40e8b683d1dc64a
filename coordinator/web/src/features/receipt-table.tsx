import type { LogEntry } from "@lode/protocol";
import { Link } from "../router.tsx";
import { countText } from "../ui/format.ts";
import { Ago, Hash, Lode, MinerLink, Table } from "../ui/parts.tsx";

/** Receipts in rows, each leading to its checks. */
export function ReceiptTable({ entries }: { entries: readonly LogEntry[] }) {
  return (
    <Table
      label="Receipts"
      rows={entries}
      keyOf={({ index }) => index}
      columns={[
        {
          head: "Receipt",
          cell: ({ index }) => (
            <Link to={`/receipts/${index}`} className="num">
              #{index}
            </Link>
          ),
        },
        { head: "Miner", cell: ({ miner }) => <MinerLink miner={miner} /> },
        { head: "Client", cell: ({ client }) => <Hash value={client} /> },
        { head: "In", cell: ({ receipt }) => countText(receipt.inputTokens), isNumber: true },
        { head: "Out", cell: ({ receipt }) => countText(receipt.outputTokens), isNumber: true },
        { head: "Amount", cell: ({ receipt }) => <Lode wei={receipt.amountWei} />, isNumber: true },
        { head: "Finished", cell: ({ receipt }) => <Ago at={Number(receipt.finishedAtMs)} />, isNumber: true },
      ]}
    />
  );
}
