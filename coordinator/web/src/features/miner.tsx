import type { ExplorerInfo } from "@lode/protocol";
import { useQuery } from "@tanstack/react-query";
import { useInfo, useMiner } from "../api/queries.ts";
import { Link } from "../router.tsx";
import { DayBars } from "../ui/days.tsx";
import { counted, countText, duration, percent, shortHex, titled } from "../ui/format.ts";
import {
  Agreement,
  Ago,
  Badge,
  Empty,
  Hash,
  Loaded,
  Lode,
  Page,
  Problem,
  Section,
  Source,
  Stat,
  Table,
  Waiting,
} from "../ui/parts.tsx";

/** One miner: its record here, its stake and its cases on the chain. */
export default function MinerPage({ miner }: { miner: string }) {
  const detail = useMiner(miner);
  const info = useInfo();
  if (detail.isError && detail.data === undefined) {
    return (
      <Page title="Miner">
        <Empty title="No such miner was ever connected here.">
          <Link to="/miners">See all miners</Link>.
        </Empty>
      </Page>
    );
  }
  return (
    <Page title={`Miner ${shortHex(miner)}`} intro={<span className="mono break">{miner}</span>}>
      <Loaded query={detail} rows={12}>
        {({ card, collectedWei, days, events }) => (
          <>
            <dl className="stats">
              <Stat label="Earned" value={<Lode wei={card.creditedWei} />} note={counted(card.receipts, "receipt")} />
              <Stat
                label="Not collected"
                value={<Lode wei={BigInt(card.creditedWei) - BigInt(collectedWei)} />}
                note="held in vouchers"
              />
              <Stat label="Trust" value={percent(card.trust)} note={card.trusted ? "earned" : "not earned yet"} />
              <Stat
                label="Time online"
                value={percent(card.uptime)}
                note={
                  <>
                    since <Ago at={card.firstSeenAt} />
                  </>
                }
              />
            </dl>
            <Section title="Income by day" aside={<span className="note">last 30 days, UTC</span>}>
              <DayBars days={days} empty="Nothing earned in the last 30 days." />
            </Section>
            <Section title="What happened" aside={<span className="note">latest first</span>}>
              {events.length === 0 ? (
                <p className="line-empty">Nothing yet.</p>
              ) : (
                <Table
                  label="Events of this miner"
                  rows={events.map((event, at) => ({ ...event, place: at }))}
                  keyOf={({ place }) => place}
                  columns={[
                    {
                      head: "Event",
                      cell: ({ event }) => <Badge tone={eventTones[event]}>{eventWords[event]}</Badge>,
                    },
                    { head: "When", cell: ({ at }) => <Ago at={at} />, isNumber: true },
                  ]}
                />
              )}
            </Section>
            <div className="columns even">
              <Section
                title="Record"
                aside={<Badge tone={card.online ? "good" : "calm"}>{card.online ? card.status : "away"}</Badge>}
              >
                <dl className="facts">
                  <dt>Jobs done</dt>
                  <dd className="num">{countText(card.completed)}</dd>
                  <dt>Jobs failed</dt>
                  <dd className="num">{countText(card.failed)}</dd>
                  <dt>Quality</dt>
                  <dd>
                    {card.qos.tier} <span className="unit num">{card.qos.score.toFixed(2)}</span>
                  </dd>
                  <dt>Reviews</dt>
                  <dd className="num">
                    {card.stars === null ? "none yet" : `${card.stars.toFixed(1)} of 5, ${card.reviews} in all`}
                  </dd>
                  <dt>First token</dt>
                  <dd className="num">{card.firstTokenMs === null ? "—" : duration(card.firstTokenMs)}</dd>
                  <dt>Speed</dt>
                  <dd className="num">
                    {card.tokensPerSecond === null ? "—" : `${Math.round(card.tokensPerSecond)} tokens/s`}
                  </dd>
                  <dt>Place</dt>
                  <dd>{card.place === null ? "—" : titled(card.place)}</dd>
                  <dt>Models</dt>
                  <dd>{card.models.join(", ") || "—"}</dd>
                </dl>
              </Section>
              <Section title="Hardware" aside={<span className="note">its own word</span>}>
                {Object.keys(card.hardware).length === 0 ? (
                  <p className="line-empty">Told only while it is connected.</p>
                ) : (
                  <dl className="facts">
                    {Object.entries(card.hardware).map(([name, value]) => (
                      <HardwareLine key={name} name={name} value={value} />
                    ))}
                  </dl>
                )}
              </Section>
            </div>
          </>
        )}
      </Loaded>
      {detail.data !== undefined && info.data !== undefined && (
        <>
          <PaidOnChain info={info.data} miner={miner as `0x${string}`} saidWei={detail.data.collectedWei} />
          <OnChain info={info.data} miner={miner as `0x${string}`} />
        </>
      )}
    </Page>
  );
}

const eventWords = {
  registered: "came online",
  went_offline: "went offline",
  completed_request: "did a job",
  failed_request: "failed a job",
} as const;
const eventTones = {
  registered: "calm",
  went_offline: "warn",
  completed_request: "good",
  failed_request: "bad",
} as const;

function HardwareLine({ name, value }: { name: string; value: string | number }) {
  const [, plain = name, unit] = /^(.*)_(mb|gb|w|c)$/.exec(name) ?? [];
  return (
    <>
      <dt>{plain.replaceAll("_", " ")}</dt>
      <dd className={typeof value === "number" ? "num" : undefined}>
        {typeof value === "number" ? value.toLocaleString("en-US", { maximumFractionDigits: 1 }) : value}
        {unit !== undefined && <span className="unit"> {units[unit as keyof typeof units]}</span>}
      </dd>
    </>
  );
}

const units = { mb: "MB", gb: "GB", w: "W", c: "°C" } as const;

/** What the chain paid it, beside what the coordinator says of that. */
function PaidOnChain({
  info,
  miner,
  saidWei,
}: {
  info: ExplorerInfo;
  miner: `0x${string}`;
  saidWei: string | undefined;
}) {
  const income = useQuery({
    queryKey: ["income", miner],
    queryFn: async () => (await import("../chain/collections.ts")).readIncome(info, miner),
    refetchInterval: 15_000,
  });
  return (
    <Section title="Paid on the chain" aside={<Source told={income.data} isUnread={income.isError} />}>
      {income.isError && income.data === undefined ? (
        <Problem error={income.error} retry={() => void income.refetch()} />
      ) : income.data === undefined ? (
        <Waiting rows={4} />
      ) : (
        <>
          <dl className="facts">
            <dt>By this coordinator</dt>
            <dd>
              <Lode wei={income.data.value.fromHereWei} />{" "}
              <Agreement saidWei={saidWei} foundWei={income.data.value.fromHereWei} shown="found" />
            </dd>
            <dt>By everybody</dt>
            <dd>
              <Lode wei={income.data.value.totalWei} />{" "}
              <span className="unit">in {counted(income.data.value.collections, "collection")}</span>
            </dd>
          </dl>
          {income.data.value.latest.length === 0 ? (
            <p className="line-empty">
              It collected nothing yet: vouchers pay it whenever it brings them to the chain.
            </p>
          ) : (
            <Table
              label="Latest collections of this miner"
              rows={income.data.value.latest}
              keyOf={({ transaction, place }) => `${transaction} ${place}`}
              columns={[
                { head: "From", cell: ({ payer }) => <Hash value={payer} /> },
                { head: "Paid", cell: ({ paidWei }) => <Lode wei={paidWei} />, isNumber: true },
                { head: "Transaction", cell: ({ transaction }) => <Hash value={transaction} /> },
                { head: "Block", cell: ({ block }) => block, isNumber: true },
              ]}
            />
          )}
        </>
      )}
    </Section>
  );
}

/** Stake and cases, read from the chain by the browser. */
function OnChain({ info, miner }: { info: ExplorerInfo; miner: `0x${string}` }) {
  const stake = useQuery({
    queryKey: ["stake", miner],
    queryFn: async () => (await import("../chain/stake.ts")).readStake(info, miner),
    staleTime: 30_000,
  });
  const cases = useQuery({
    queryKey: ["cases", miner],
    queryFn: async () => (await import("../chain/cases.ts")).readCases(info, miner),
    staleTime: 30_000,
  });
  return (
    <div className="columns even">
      <Section title="Stake" aside={<span className="note">read from the chain</span>}>
        {stake.isError ? (
          <Problem error={stake.error} retry={() => void stake.refetch()} />
        ) : stake.data === undefined ? (
          <Waiting rows={4} />
        ) : (
          <dl className="facts">
            <dt>Active</dt>
            <dd>
              <Lode wei={stake.data.stakedWei} />
            </dd>
            <dt>Thawing</dt>
            <dd>
              <Lode wei={stake.data.thawingWei} />
            </dd>
            <dt>Minimum</dt>
            <dd>
              <Lode wei={stake.data.minimumWei} />
            </dd>
            <dt>Signs with</dt>
            <dd>
              <Hash value={stake.data.operator.toLowerCase()} />
            </dd>
            <dt>May work</dt>
            <dd>
              <Badge tone={stake.data.isActive ? "good" : "bad"}>{stake.data.isActive ? "yes" : "no"}</Badge>
            </dd>
          </dl>
        )}
      </Section>
      <Section title="Disputes" aside={<Source told={cases.data} isUnread={cases.isError} />}>
        {cases.isError ? (
          <Problem error={cases.error} retry={() => void cases.refetch()} />
        ) : cases.data === undefined ? (
          <Waiting rows={4} />
        ) : cases.data.value.length === 0 ? (
          <p className="line-empty">Nobody ever accused it.</p>
        ) : (
          <Table
            label="Disputes of this miner"
            rows={cases.data.value}
            keyOf={({ key }) => key}
            columns={[
              {
                head: "Case",
                cell: ({ title, transaction }) => <Link to={`/disputes/${transaction}`}>{title}</Link>,
              },
              { head: "State", cell: ({ tone, state }) => <Badge tone={tone}>{state}</Badge> },
            ]}
          />
        )}
      </Section>
    </div>
  );
}
