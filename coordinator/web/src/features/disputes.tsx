import type { ExplorerInfo } from "@lode/protocol";
import { useQuery } from "@tanstack/react-query";
import { useInfo } from "../api/queries.ts";
import { Badge, Empty, Hash, Loaded, Page, Problem, Section, Source, Table, Waiting } from "../ui/parts.tsx";
import { Link } from "../router.tsx";

/** Who was accused of what, as the chain tells it. */
export default function Disputes() {
  const info = useInfo();
  return (
    <Page
      title="Disputes"
      intro="Accusations, demands for evidence and proven faults on the chain, the latest first. Whoever is found guilty pays with its stake. Evidence is always decoded from its transaction."
    >
      <Loaded query={info} rows={6}>
        {(data) => <Cases info={data} />}
      </Loaded>
    </Page>
  );
}

function Cases({ info }: { info: ExplorerInfo }) {
  const cases = useQuery({
    queryKey: ["cases"],
    queryFn: async () => (await import("../chain/cases.ts")).readCases(info),
    refetchInterval: 15_000,
  });
  return (
    <Section title="Cases" aside={<Source told={cases.data} isUnread={cases.isError} />}>
      {cases.isError ? (
        <Problem error={cases.error} retry={() => void cases.refetch()} />
      ) : cases.data === undefined ? (
        <Waiting rows={6} />
      ) : cases.data.value.length === 0 ? (
        <Empty title="Nobody was ever accused on this chain.">
          A finding of <code>lode audit</code> can become a case: <code>lode dispute --help</code> says how.
        </Empty>
      ) : (
        <Table
          label="Cases"
          rows={cases.data.value}
          keyOf={({ key }) => key}
          columns={[
            { head: "Case", cell: ({ title }) => title },
            { head: "Accused", cell: ({ accused }) => <Hash value={accused} to={`/miners/${accused}`} /> },
            { head: "By", cell: ({ challenger }) => (challenger === undefined ? "—" : <Hash value={challenger} />) },
            {
              head: "Evidence",
              cell: ({ receipt, transaction }) => (
                <span className="row">
                  <Link to={`/disputes/${transaction}`}>evidence</Link>
                  {receipt !== undefined && <Hash value={receipt} />}
                </span>
              ),
            },
            { head: "State", cell: ({ state, tone }) => <Badge tone={tone}>{state}</Badge> },
            { head: "Block", cell: ({ block }) => block.toString(), isNumber: true },
          ]}
        />
      )}
    </Section>
  );
}
