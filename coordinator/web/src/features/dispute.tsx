import type { ExplorerInfo } from "@lode/protocol";
import { useQuery } from "@tanstack/react-query";
import type { Hex } from "viem";
import { useInfo } from "../api/queries.ts";
import { Link } from "../router.tsx";
import { Badge, Empty, Hash, Loaded, Page, Problem, Section, Waiting } from "../ui/parts.tsx";

/** What one accusation showed to the contract, read from the chain. */
export default function Dispute({ transaction }: { transaction: string }) {
  const info = useInfo();
  const isHash = /^0x[0-9a-fA-F]{64}$/.test(transaction);
  return (
    <Page
      title="Evidence"
      intro="Everything that this transaction showed to the contract, decoded by your browser from the chain. Whoever holds the same keys and logs can check each of it."
    >
      {isHash ? (
        <Loaded query={info} rows={8}>
          {(data) => <Evidence info={data} transaction={transaction as Hex} />}
        </Loaded>
      ) : (
        <Empty title="This is no transaction.">
          Choose one on the <Link to="/disputes">page of all disputes</Link>.
        </Empty>
      )}
    </Page>
  );
}

function Evidence({ info, transaction }: { info: ExplorerInfo; transaction: Hex }) {
  const read = useQuery({
    queryKey: ["accusation", transaction],
    queryFn: async () => (await (await import("../chain/accusation.ts")).readAccusation(info, transaction)) ?? null,
    staleTime: Infinity,
  });
  if (read.isError) return <Problem error={read.error} retry={() => void read.refetch()} />;
  if (read.data === undefined) return <Waiting rows={10} />;
  if (read.data === null) {
    return (
      <Empty title="The evidence is not in this transaction.">
        It called another contract, which passed something on. Its own explorer may tell what.
      </Empty>
    );
  }
  const { contract, functionName, from, block, succeeded, shown } = read.data;
  return (
    <>
      <Section
        title={`${contract}.${functionName}`}
        aside={<Badge tone={succeeded ? "good" : "bad"}>{succeeded ? "taken" : "refused"}</Badge>}
      >
        <dl className="facts">
          <dt>Transaction</dt>
          <dd>
            <Hash value={transaction} />
          </dd>
          <dt>By</dt>
          <dd>
            <Hash value={from} />
          </dd>
          <dt>Block</dt>
          <dd className="num">{block.toString()}</dd>
        </dl>
      </Section>
      <Section title="Shown">
        {shown.length === 0 ? (
          <Empty title="The call takes no evidence." />
        ) : (
          <dl className="evidence mono">
            {shown.map(({ name, value }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        )}
      </Section>
    </>
  );
}
