import type { FleetView } from "@lode/protocol";
import { useEffect, useRef } from "react";
import { useFleet } from "../api/queries.ts";
import { useSession } from "../api/session.tsx";
import { counted, countText, duration, shortHex } from "../ui/format.ts";
import { Badge, Empty, Loaded, MinerLink, Page, Section, Stat, Table } from "../ui/parts.tsx";
import { KeyForm } from "./key-form.tsx";

/** The operator's own page. */
export default function Fleet() {
  const held = useSession().find("admin");
  return (
    <Page
      title="Fleet"
      intro="For the operator of this coordinator: who is connected, what waits, and how long first tokens take."
    >
      {held === undefined ? (
        <KeyForm scopes={["admin"]}>The admin key of the coordinator's own wallet opens this page.</KeyForm>
      ) : (
        <Board apiKey={held.key} />
      )}
    </Page>
  );
}

function Board({ apiKey }: { apiKey: string }) {
  const fleet = useFleet(apiKey);
  const session = useSession();
  return (
    <>
      <Loaded query={fleet} rows={10}>
        {(data) => {
          const slots = data.queue.reduce((sum, { total }) => sum + total, 0);
          const used = data.queue.reduce((sum, { used: busy }) => sum + busy, 0);
          return (
            <>
              <dl className="stats">
                <Stat
                  label="Miners"
                  value={countText(data.miners.length)}
                  note={counted(data.nodesOnline, "polling machine")}
                />
                <Stat label="Slots busy" value={`${used} of ${slots}`} note="over all models" />
                <Stat
                  label="Waiting"
                  value={countText(data.queue.reduce((sum, { queued }) => sum + queued, 0))}
                  note="jobs beyond the slots"
                />
                <Stat label="Open attempts" value={countText(data.openAttempts)} note="without a receipt yet" />
              </dl>
              <HeatMap latency={data.latency} />
              <Queue queue={data.queue} />
              <Connected miners={data.miners} />
            </>
          );
        }}
      </Loaded>
      <p>
        <button type="button" className="plain small" onClick={() => session.clear()}>
          Forget the keys of this tab
        </button>
      </p>
    </>
  );
}

const steps = [
  { below: 100, name: "below 100 ms" },
  { below: 500, name: "below 500 ms" },
  { below: 2_000, name: "below 2 s" },
  { below: Infinity, name: "2 s and more" },
] as const;
/** Minutes between times over the heat map. */
const labelEvery = 10;
const heatOf = (ms: number): string => `h${steps.findIndex(({ below }) => ms < below) + 1}`;

function HeatMap({ latency }: { latency: FleetView["latency"] }) {
  const fromMs = Date.parse(latency.from);
  const minute = (index: number): string => new Date(fromMs + index * 60_000).toTimeString().slice(0, 5);
  const frame = useRef<HTMLDivElement>(null);
  // On narrow screens the present is what is seen first.
  useEffect(() => frame.current?.scrollTo({ left: frame.current.scrollWidth }), []);
  return (
    <Section title="Time to the first token" aside={<span className="note">last hour, a cell a minute</span>}>
      {latency.rows.length === 0 ? (
        <Empty title="No job in the last hour." />
      ) : (
        <>
          <div className="heat" ref={frame} tabIndex={0} role="region" aria-label="Heat map, scrolls sideways">
            <table aria-label="Mean time to the first token by miner and minute">
              <thead>
                <tr>
                  <td />
                  {Array.from({ length: Math.ceil(latency.minuteCount / labelEvery) }, (_, at) => (
                    <th key={at} scope="colgroup" colSpan={labelEvery}>
                      {minute(at * labelEvery)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {latency.rows.map(({ miner, cells }) => (
                  <tr key={miner}>
                    <th scope="row" className="mono">
                      {shortHex(miner)}
                    </th>
                    {cells.map((cell, index) => {
                      const text =
                        cell === null
                          ? `${minute(index)}: no job`
                          : `${minute(index)}: ${duration(cell.meanMs)}, ${counted(cell.jobs, "job")}`;
                      return (
                        <td key={index} title={text}>
                          <span className={cell === null ? undefined : heatOf(cell.meanMs)}>
                            <i className="hidden">{cell === null ? "" : text}</i>
                          </span>
                        </td>
                      );
                    })}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p className="legend">
            <span>no job</span>
            {steps.map(({ name }, index) => (
              <span key={name} className={`h${index + 1}`}>
                {name}
              </span>
            ))}
          </p>
        </>
      )}
    </Section>
  );
}

function Queue({ queue }: { queue: FleetView["queue"] }) {
  return (
    <Section title="Queue by model">
      {queue.length === 0 ? (
        <Empty title="Nobody offers a model." />
      ) : (
        <Table
          label="Queue by model"
          rows={queue}
          keyOf={({ model }) => model}
          columns={[
            { head: "Model", cell: ({ model }) => model },
            { head: "Slots", cell: ({ total }) => countText(total), isNumber: true },
            { head: "Busy", cell: ({ used }) => countText(used), isNumber: true },
            { head: "Waiting", cell: ({ queued }) => countText(queued), isNumber: true },
          ]}
        />
      )}
    </Section>
  );
}

const number = (value: number | null, unit: string): string => (value === null ? "—" : `${Math.round(value)} ${unit}`);

function Connected({ miners }: { miners: FleetView["miners"] }) {
  return (
    <Section title="Connected">
      {miners.length === 0 ? (
        <Empty title="No miner is connected.">They open the link themselves: nothing has to be done here.</Empty>
      ) : (
        <Table
          label="Connected miners"
          rows={miners}
          keyOf={({ miner }) => miner}
          columns={[
            { head: "Miner", cell: ({ miner }) => <MinerLink miner={miner} /> },
            {
              head: "State",
              cell: ({ status, quiet, host }) => (
                <Badge tone={quiet || status === "degraded" ? "warn" : "good"}>
                  {quiet ? "silent" : host ? "host" : status}
                </Badge>
              ),
            },
            { head: "Jobs", cell: ({ running, concurrency }) => `${running} of ${concurrency}`, isNumber: true },
            { head: "Round trip", cell: ({ roundTripMs }) => duration(roundTripMs), isNumber: true },
            {
              head: "First token",
              cell: ({ firstTokenMs }) => (firstTokenMs === null ? "—" : duration(firstTokenMs)),
              isNumber: true,
            },
            { head: "Speed", cell: ({ tokensPerSecond }) => number(tokensPerSecond, "tok/s"), isNumber: true },
            { head: "CPU", cell: ({ cpuPct }) => number(cpuPct, "%"), isNumber: true },
            {
              head: "Cards",
              cell: ({ cards }) =>
                cards.length === 0
                  ? "—"
                  : cards.map(({ name, temperatureC }) => `${name} ${number(temperatureC, "°C")}`).join(", "),
            },
          ]}
        />
      )}
    </Section>
  );
}
