import { useState } from "react";
import { useMiners } from "../api/queries.ts";
import { counted, countText, duration, percent } from "../ui/format.ts";
import { Badge, Empty, Loaded, Lode, MinerLink, Page, Pager, Section, Table } from "../ui/parts.tsx";

const rows = 25;

/** Everybody who ever worked here. */
export default function Miners() {
  const [page, setPage] = useState(0);
  const miners = useMiners(page * rows, rows);
  return (
    <Page
      title="Miners"
      intro="Trust is earned job by job and fades without work. Only what this coordinator measured itself counts; hardware is the miner's own word."
    >
      <Section title={miners.data === undefined ? "Miners" : counted(miners.data.total, "miner")}>
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
                    { head: "Place", cell: ({ place }) => place ?? "—" },
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
