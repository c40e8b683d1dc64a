import type { AnchorView, ExplorerInfo } from "@lode/protocol";
import { useQuery } from "@tanstack/react-query";
import { useEpochs, useInfo } from "../api/queries.ts";
import { compareAnchors, type ComparedAnchor } from "../chain/compared-anchors.ts";
import { countText } from "../ui/format.ts";
import { Ago, Badge, Empty, Hash, Loaded, Page, Problem, Section, Source, Table } from "../ui/parts.tsx";

/** When the log was written into the chain: what the coordinator says, beside what the chain took. */
export default function Epochs() {
  const epochs = useEpochs();
  const info = useInfo();
  return (
    <Page
      title="Epochs"
      intro="Every epoch, one transaction fixes the log's root and what is owed on the chain. From then on no receipt below it can change. Each line is compared with what the chain took."
    >
      <Loaded query={epochs} rows={8}>
        {({ epochs: anchors }) => <Anchors anchors={anchors} info={info.data} />}
      </Loaded>
    </Page>
  );
}

function Anchors({ anchors, info }: { anchors: readonly AnchorView[]; info: ExplorerInfo | undefined }) {
  const taken = useQuery({
    queryKey: ["anchors", info?.coordinator],
    queryFn: async () => {
      if (info === undefined) throw new Error("The coordinator did not answer.");
      const { readAnchors } = await import("../chain/anchors.ts");
      return readAnchors(info);
    },
    enabled: info !== undefined,
    refetchInterval: 10_000,
  });
  const rows =
    taken.data === undefined
      ? anchors.map((shown) => alone(shown, taken.isError ? "not compared" : "asking"))
      : compareAnchors(anchors, taken.data.value, Date.now());
  return (
    <Section title="Anchors" aside={<Source told={taken.data} isUnread={taken.isError} />}>
      {taken.isError && taken.data === undefined && <Problem error={taken.error} retry={() => void taken.refetch()} />}
      {rows.length === 0 ? (
        <Empty title="Nothing is anchored yet.">The first anchor follows the first receipt.</Empty>
      ) : (
        <Table
          label="Anchors"
          rows={rows}
          keyOf={({ epoch }) => epoch}
          columns={[
            { head: "Epoch", cell: ({ epoch }) => epoch, isNumber: true },
            { head: "Receipts", cell: ({ shown, taken: there }) => sizeOf(shown ?? there), isNumber: true },
            { head: "Log root", cell: ({ shown, taken: there }) => <Both said={shown?.root} found={there?.root} /> },
            {
              head: "Liabilities root",
              cell: ({ shown, taken: there }) => <Both said={shown?.liabilitiesRoot} found={there?.liabilitiesRoot} />,
            },
            { head: "Transaction", cell: ({ shown, taken: there }) => hash((there ?? shown)?.transaction) },
            {
              head: "Checked",
              cell: ({ standing: [state, tone] }) => <Badge tone={tone}>{state}</Badge>,
            },
            {
              head: "Anchored",
              cell: ({ shown }) => (shown === undefined ? "—" : <Ago at={shown.at} />),
              isNumber: true,
            },
          ]}
        />
      )}
    </Section>
  );
}

/** What the coordinator says, as long as the chain says nothing. */
const alone = (shown: AnchorView, state: string): ComparedAnchor => ({
  epoch: shown.epoch,
  shown,
  taken: undefined,
  standing: [state, "calm"],
});

const hash = (value: string | undefined) => (value === undefined ? "—" : <Hash value={value} />);
const sizeOf = (anchor: { readonly size: number } | undefined): string =>
  anchor === undefined ? "—" : countText(anchor.size);

/** What the coordinator says, and what was found instead where that is something else. */
function Both({ said, found }: { said: string | undefined; found: string | undefined }) {
  const isOther = said !== undefined && found !== undefined && said.toLowerCase() !== found.toLowerCase();
  return (
    <>
      {hash(said ?? found)}
      {isOther && (
        <span className="unit">
          {" "}
          chain: <Hash value={found} />
        </span>
      )}
    </>
  );
}
