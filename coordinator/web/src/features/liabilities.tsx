import type { ExplorerInfo, LiabilitiesView } from "@lode/protocol";
import { useQuery } from "@tanstack/react-query";
import { useInfo, useLiabilities } from "../api/queries.ts";
import { Agreement, Empty, Loaded, Lode, MinerLink, Page, Problem, Section, Source, Table } from "../ui/parts.tsx";

/** What the coordinator owes, against what stands behind it. */
export default function Liabilities() {
  const owed = useLiabilities();
  const info = useInfo();
  const collected = useQuery({
    queryKey: ["collected", info.data?.coordinator],
    queryFn: async () => {
      if (info.data === undefined) throw new Error("The coordinator did not answer.");
      return (await import("../chain/collections.ts")).readCollected(info.data);
    },
    enabled: info.data !== undefined,
    refetchInterval: 10_000,
  });
  return (
    <Page
      title="Liabilities"
      intro="What this coordinator owes its miners, against the money it can pay them with. Its books are fixed on the chain every epoch; understating them costs its stake. What was collected is compared with the chain."
    >
      <Loaded query={owed} rows={8}>
        {(data) => (
          <>
            <Cover owed={data} info={info.data} />
            <Section title="Owed to miners" aside={<Source told={collected.data} isUnread={collected.isError} />}>
              {collected.isError && collected.data === undefined && (
                <Problem error={collected.error} retry={() => void collected.refetch()} />
              )}
              {data.lines.length === 0 ? (
                <Empty title="Nothing is owed.">Every miner was paid, or nobody has worked yet.</Empty>
              ) : (
                <Table
                  label="What is owed to each miner"
                  rows={data.lines}
                  keyOf={({ miner }) => miner}
                  columns={[
                    { head: "Miner", cell: ({ miner }) => <MinerLink miner={miner} /> },
                    { head: "Earned", cell: ({ creditedWei }) => <Lode wei={creditedWei} />, isNumber: true },
                    {
                      head: "Collected",
                      cell: ({ miner, collectedWei }) => (
                        <>
                          <Lode wei={collectedWei} />{" "}
                          {collected.data !== undefined && (
                            <Agreement
                              saidWei={collectedWei}
                              foundWei={collected.data.value.get(miner.toLowerCase()) ?? 0n}
                              shown="said"
                            />
                          )}
                        </>
                      ),
                      isNumber: true,
                    },
                    { head: "Owed", cell: ({ outstandingWei }) => <Lode wei={outstandingWei} />, isNumber: true },
                  ]}
                />
              )}
            </Section>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Cover({ owed, info }: { owed: LiabilitiesView; info: ExplorerInfo | undefined }) {
  const collateral = useQuery({
    queryKey: ["collateral", info?.coordinator],
    queryFn: async () => {
      if (info === undefined) throw new Error("The coordinator did not answer.");
      return (await import("../chain/stake.ts")).readCollateral(info);
    },
    enabled: info !== undefined,
    refetchInterval: 15_000,
  });
  const owedWei = BigInt(owed.owedWei);
  const receivableWei = BigInt(owed.receivableWei ?? 0);
  // As long as nobody told it, it is not nothing.
  const { poolWei, stakedWei, isFrozen = false } = collateral.data?.value ?? {};
  const known = [owedWei, receivableWei + (poolWei ?? 0n), stakedWei ?? 0n];
  const mostWei = known.reduce((most, wei) => (wei > most ? wei : most), 1n);
  const pool = isFrozen ? "frozen: it pays nobody now" : "in the escrow, on the chain";
  const lines = [
    { name: "Owed to miners", wei: owedWei, tone: "owed", note: "by the coordinator's books" },
    { name: "Clients' vouchers", wei: receivableWei, tone: "cover", note: "signed, not collected yet" },
    { name: "Pool", wei: poolWei, tone: "cover", note: pool },
    { name: "Stake", wei: stakedWei, tone: "stake", note: "what it loses for cheating, on the chain" },
  ] as const;
  return (
    <Section title="Cover" aside={<Source told={collateral.data} isUnread={collateral.isError} />}>
      {collateral.isError && <Problem error={collateral.error} retry={() => void collateral.refetch()} />}
      <dl className="cover">
        {lines.map(({ name, wei, tone, note }) => (
          <div key={name}>
            <dt>
              {name} <span className="note">{note}</span>
            </dt>
            <dd>{wei === undefined ? "—" : <Lode wei={wei} />}</dd>
            <dd className="gauge">
              <Meter name={name} tone={tone} share={wei === undefined ? 0 : Number((wei * 10_000n) / mostWei) / 100} />
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

/** @param share of the largest amount, percent */
function Meter({ name, tone, share }: { name: string; tone: string; share: number }) {
  return (
    <div
      className={`meter ${tone}`}
      role="meter"
      aria-label={name}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share)}
    >
      <span style={{ width: `${share}%` }} />
    </div>
  );
}
