import { useEpochs } from "../api/queries.ts";
import { countText } from "../ui/format.ts";
import { Ago, Empty, Hash, Loaded, Page, Section, Table } from "../ui/parts.tsx";

/** When the log was written into the chain. */
export default function Epochs() {
  const epochs = useEpochs();
  return (
    <Page
      title="Epochs"
      intro="Every epoch, one transaction fixes the log's root and what is owed on the chain. From then on no receipt below it can change."
    >
      <Section title="Anchors" aside={<span className="note">latest first</span>}>
        <Loaded query={epochs} rows={8}>
          {({ epochs: anchors }) =>
            anchors.length === 0 ? (
              <Empty title="Nothing is anchored yet.">The first anchor follows the first receipt.</Empty>
            ) : (
              <Table
                label="Anchors"
                rows={anchors}
                keyOf={({ epoch }) => epoch}
                columns={[
                  { head: "Epoch", cell: ({ epoch }) => epoch, isNumber: true },
                  { head: "Receipts", cell: ({ size }) => countText(size), isNumber: true },
                  { head: "Log root", cell: ({ root }) => <Hash value={root} /> },
                  { head: "Liabilities root", cell: ({ liabilitiesRoot }) => <Hash value={liabilitiesRoot} /> },
                  { head: "Transaction", cell: ({ transaction }) => <Hash value={transaction} /> },
                  { head: "Anchored", cell: ({ at }) => <Ago at={at} />, isNumber: true },
                ]}
              />
            )
          }
        </Loaded>
      </Section>
    </Page>
  );
}
