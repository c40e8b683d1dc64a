import { useState } from "react";
import { useReceipts } from "../api/queries.ts";
import { Link } from "../router.tsx";
import { Empty, Loaded, Page, Pager, Section } from "../ui/parts.tsx";
import { ReceiptTable } from "./receipt-table.tsx";

const rows = 25;

/** The whole log, the latest first. */
export default function Receipts() {
  const [page, setPage] = useState(0);
  const receipts = useReceipts(page, rows);
  return (
    <Page
      title="Receipts"
      intro="The public log: one entry for every paid attempt, signed by both sides, in the order in which they were settled."
    >
      <Section title={receipts.data === undefined ? "Log" : `${receipts.data.size.toLocaleString("en-US")} in the log`}>
        <Loaded query={receipts} rows={10}>
          {({ entries, size }) =>
            size === 0 ? (
              <Empty title="The log is empty.">
                It begins with the first paid job. <Link to="/playground">Ask something</Link>.
              </Empty>
            ) : (
              <>
                <ReceiptTable entries={entries} />
                <Pager page={page} pages={Math.ceil(size / rows)} go={setPage} />
              </>
            )
          }
        </Loaded>
      </Section>
    </Page>
  );
}
