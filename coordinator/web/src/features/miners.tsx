import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import { useInfo, useMiners } from "../api/queries.ts";
import type { ShortStake } from "../chain/stake.ts";
import type { Told } from "../chain/told.ts";
import { counted, countText, duration, percent, titled } from "../ui/format.ts";
import { Badge, Empty, Loaded, Lode, MinerLink, Page, Pager, Section, Source, Table } from "../ui/parts.tsx";

const rows = 25;

/** Everybody who ever worked here. */
export default function Miners() {
  const [page, setPage] = useState(0);
  const miners = useMiners(page * rows, rows);
  const stakes = useStakes((miners.data?.miners ?? []).map(({ miner }) => miner));
  return (
    <Page
      title="Miners"
      intro="Trust is earned job by job and fades without work. Only what this coordinator measured itself counts; hardware is the miner's own word."
    >
      <Section
        title={miners.data === undefined ? "Miners" : counted(miners.data.total, "miner")}
        aside={
          <span className="note">
            Stake: {stakes.isError ? <span role="alert">{stakes.error.message}</span> : <Source told={stakes.data} />}
          </span>
        }
      >
        <Loaded query={miners} rows={6}>
          {({ miners: cards, total }) =>
            total === 0 ? (
              <Empty title="No miner has connected yet.">
                Anybody with a computer and a stake can be the first: <code>lode miner start</code>.
              </Empty>
            ) : (
              <>
                <Table
                  label="Miners"
                  rows={cards}
                  keyOf={({ miner }) => miner}
                  columns={[
                    { head: "Miner", cell: ({ miner }) => <MinerLink miner={miner} /> },
                    {
                      head: "State",
                      cell: ({ online, status }) => (
                        <Badge tone={online ? (status === "degraded" ? "warn" : "good") : "calm"}>
                          {online ? status : "away"}
                        </Badge>
                      ),
                    },
                    { head: "Place", cell: ({ place }) => (place === null ? "—" : titled(place)) },
                    { head: "Trust", cell: ({ trust }) => percent(trust), isNumber: true },
                    {
                      head: "Jobs",
                      cell: ({ completed, failed }) => (
                        <>
                          {countText(completed)}
                          {failed > 0 && <span className="unit"> +{countText(failed)} failed</span>}
                        </>
                      ),
                      isNumber: true,
                    },
                    {
                      head: "First token",
                      cell: ({ firstTokenMs }) => (firstTokenMs === null ? "—" : duration(firstTokenMs)),
                      isNumber: true,
                    },
                    {
                      head: "Speed",
                      cell: ({ tokensPerSecond }) =>
                        tokensPerSecond === null ? (
                          "—"
                        ) : (
                          <>
                            {Math.round(tokensPerSecond)} <span className="unit">tok/s</span>
                          </>
                        ),
                      isNumber: true,
                    },
                    {
                      head: "Stake",
                      cell: ({ miner }) => <StakeOf told={stakes.data} miner={miner} />,
                      isNumber: true,
                    },
                    { head: "Earned", cell: ({ creditedWei }) => <Lode wei={creditedWei} />, isNumber: true },
                  ]}
                />
                <Pager page={page} pages={Math.ceil(total / rows)} go={setPage} />
              </>
            )
          }
        </Loaded>
      </Section>
    </Page>
  );
}

/** Stakes by the index or the chain: what a coordinator says of them is worth nothing. */
function useStakes(miners: readonly string[]): UseQueryResult<Told<ReadonlyMap<string, ShortStake>>> {
  const { data: info } = useInfo();
  return useQuery({
    queryKey: ["stakes", miners],
    queryFn: async () => {
      if (info === undefined) throw new Error("The coordinator did not answer.");
      return (await import("../chain/stake.ts")).readStakes(info, miners);
    },
    enabled: info !== undefined && miners.length > 0,
    refetchInterval: 30_000,
  });
}

function StakeOf({ told, miner }: { told: Told<ReadonlyMap<string, ShortStake>> | undefined; miner: string }) {
  const stake = told?.value.get(miner.toLowerCase());
  if (told === undefined) return "—";
  if (stake === undefined) return <Badge tone="bad">none</Badge>;
  return (
    <>
      <Lode wei={stake.stakedWei} />
      {stake.faults !== undefined && stake.faults > 0 && (
        <span className="unit"> punished {stake.faults === 1 ? "once" : `${stake.faults} times`}</span>
      )}
    </>
  );
}
