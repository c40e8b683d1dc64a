import { useState, type SyntheticEvent } from "react";
import { useInfo, useJobs, useReceipts } from "../api/queries.ts";
import { Link, useRouter } from "../router.tsx";
import { counted, countText, lodeText } from "../ui/format.ts";
import { Ago, Badge, Empty, Hash, Loaded, Lode, MinerLink, Page, Section, Stat, Table } from "../ui/parts.tsx";
import { ReceiptTable } from "./receipt-table.tsx";

const shown = 8;

/** What this coordinator does now, and did last. */
export function Home() {
  const info = useInfo();
  const { data } = info;
  const latest = useReceipts(0, shown);
  return (
    <Page
      title="Every job, with its receipt"
      intro="Computers around the world answer prompts and are paid per token. No receipt has to be believed: open one, and your browser checks it against the chain."
    >
      <Finder />
      {info.isError && data === undefined ? null : (
        <dl className="stats">
          <Stat
            label="Receipts"
            value={data === undefined ? "—" : countText(data.books.receipts)}
            note={data === undefined ? undefined : counted(data.books.clients, "client")}
          />
          <Stat
            label="Earned by miners"
            value={data === undefined ? "—" : lodeText(data.books.creditedWei)}
            note={data === undefined ? undefined : `LODE of ${lodeText(data.books.debitedWei)} charged`}
          />
          <Stat
            label="Miners online"
            value={data === undefined ? "—" : countText(data.miners.online)}
            note={data === undefined ? undefined : `${countText(data.miners.known)} ever seen`}
          />
          <Stat
            label="Last anchor"
            value={data === undefined ? "—" : data.anchor === null ? "none yet" : `epoch ${data.anchor.epoch}`}
            note={data === undefined || data.anchor === null ? undefined : <Ago at={data.anchor.at} />}
          />
        </dl>
      )}
      <Running />
      <Section title="Latest receipts" aside={<Link to="/receipts">All receipts</Link>}>
        <Loaded query={latest} rows={shown}>
          {({ entries }) =>
            entries.length === 0 ? (
              <Empty title="No job has been paid here yet.">
                The first receipt appears here a moment after its answer. Try one in the{" "}
                <Link to="/playground">playground</Link>.
              </Empty>
            ) : (
              <ReceiptTable entries={entries} />
            )
          }
        </Loaded>
      </Section>
    </Page>
  );
}

function Running() {
  const jobs = useJobs();
  return (
    <Section title="Running now" aside={<Badge tone="calm">live</Badge>}>
      <Loaded query={jobs} rows={1}>
        {({ jobs: running }) =>
          running.length === 0 ? (
            <p className="line-empty">No job runs at this moment.</p>
          ) : (
            <Table
              label="Running jobs"
              rows={running}
              keyOf={({ assignment }) => assignment}
              columns={[
                { head: "Assignment", cell: ({ assignment }) => <Hash value={assignment} /> },
                { head: "Model", cell: ({ model, modelDigest }) => model ?? <Hash value={modelDigest} /> },
                { head: "Miner", cell: ({ miner }) => <MinerLink miner={miner} /> },
                {
                  head: "State",
                  cell: ({ state, attempt }) => (
                    <Badge tone={state === "lost" ? "warn" : "good"}>
                      {state === "lost" ? "miner lost" : attempt > 0 ? `attempt ${attempt + 1}` : "running"}
                    </Badge>
                  ),
                },
                { head: "Costs at most", cell: ({ maxAmountWei }) => <Lode wei={maxAmountWei} />, isNumber: true },
                { head: "Started", cell: ({ startedAt }) => <Ago at={startedAt} />, isNumber: true },
              ]}
            />
          )
        }
      </Loaded>
    </Section>
  );
}

/** To a receipt by its number, its assignment or its job, or to a miner by its address. */
function Finder() {
  const { go } = useRouter();
  const [text, setText] = useState("");
  const onSubmit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const id = text.trim();
    if (id !== "") go(`${/^0x[0-9a-fA-F]{40}$/.test(id) ? "/miners/" : "/receipts/"}${encodeURIComponent(id)}`);
  };
  return (
    <form className="finder" role="search" onSubmit={onSubmit}>
      <label htmlFor="find" className="hidden">
        Find a receipt or a miner
      </label>
      <input
        id="find"
        value={text}
        onChange={({ target }) => setText(target.value)}
        placeholder="Receipt number, assignment, job or miner"
        autoComplete="off"
        spellCheck={false}
      />
      <button type="submit">Find</button>
    </form>
  );
}
