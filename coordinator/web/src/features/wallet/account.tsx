import { useQuery } from "@tanstack/react-query";
import { askJson } from "../../api/http.ts";
import { useSpending } from "../../api/queries.ts";
import { Link } from "../../router.tsx";
import { DayBars } from "../../ui/days.tsx";
import { Ago, Hash, Loaded, Lode, Section, Stat, Table } from "../../ui/parts.tsx";

interface Balance {
  readonly account: string;
  readonly availableWei: string;
  readonly accountWei: string;
  readonly debitedWei: string;
  readonly collectedWei: string;
  readonly lockedWei: string;
  readonly session: { readonly capWei: string; readonly expiresAt: string | null };
  readonly locked: readonly {
    readonly amountWei: string;
    readonly reason: string;
    readonly releasedAt: string | null;
    readonly job?: string;
  }[];
}

/** What the coordinator's books say of an account: what is free, and every amount that is not, with its time. */
export function Account({ apiKey }: { apiKey: string }) {
  const balance = useQuery({
    queryKey: ["balance", apiKey],
    queryFn: () => askJson<Balance>("/v1/wallet/balance", { key: apiKey }),
    refetchInterval: 5_000,
  });
  const spending = useSpending(apiKey);
  return (
    <>
      <Section title="To spend" aside={balance.data !== undefined && <Hash value={balance.data.account} />}>
        <Loaded query={balance} rows={4}>
          {({ availableWei, accountWei, debitedWei, session, locked }) => (
            <div className="form">
              <dl className="stats">
                <Stat
                  label="Available"
                  value={<Lode wei={availableWei} />}
                  note={
                    <>
                      of <Lode wei={accountWei} />
                    </>
                  }
                />
                <Stat label="Spent in all" value={<Lode wei={debitedWei} />} />
                <Stat
                  label="May be spent until"
                  value={session.expiresAt === null ? "—" : session.expiresAt.slice(0, 10)}
                  note={
                    <>
                      cap <Lode wei={session.capWei} />
                    </>
                  }
                />
              </dl>
              {locked.length === 0 ? (
                <p className="line-empty">Nothing is locked.</p>
              ) : (
                <Table
                  label="Locked amounts"
                  rows={locked.map((line, at) => ({ ...line, at }))}
                  keyOf={({ at }) => at}
                  columns={[
                    { head: "Locked because", cell: ({ reason }) => reason },
                    {
                      head: "Job",
                      cell: ({ job }) => (job === undefined ? "—" : <Link to={`/receipts/${job}`}>its receipt</Link>),
                    },
                    {
                      head: "Free",
                      cell: ({ releasedAt }) =>
                        releasedAt === null ? "when it is collected" : <Ago at={releasedAt} />,
                      isNumber: true,
                    },
                    { head: "Amount", cell: ({ amountWei }) => <Lode wei={amountWei} />, isNumber: true },
                  ]}
                />
              )}
            </div>
          )}
        </Loaded>
      </Section>
      <Section title="Spending by day" aside={<span className="note">last 30 days, UTC</span>}>
        <Loaded query={spending} rows={4}>
          {({ days }) => <DayBars days={days} empty="Nothing spent in the last 30 days." />}
        </Loaded>
      </Section>
    </>
  );
}
