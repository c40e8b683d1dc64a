import { useQuery } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { askJson } from "../../api/http.ts";
import { useSession, type Scope } from "../../api/session.tsx";
import { weiOf } from "../../ui/format.ts";
import { Ago, Badge, Loaded, Lode, Problem, Section, Table } from "../../ui/parts.tsx";

interface KeyLine {
  readonly prefix: string;
  readonly scope: Scope;
  readonly label: string;
  readonly state: "active" | "expired" | "revoked";
  readonly createdAt: string | null;
  readonly usage: { readonly month: { readonly spentWei: string } };
}

/** An account's API keys: made, bounded and revoked here. */
export function Keys({ apiKey }: { apiKey: string }) {
  const session = useSession();
  const keys = useQuery({
    queryKey: ["keys", apiKey],
    queryFn: () => askJson<{ keys: KeyLine[] }>("/v1/keys", { key: apiKey }),
    refetchInterval: 10_000,
  });
  const [label, setLabel] = useState("");
  const [scope, setScope] = useState<Scope>("client");
  const [cap, setCap] = useState("");
  const [made, setMade] = useState<string>();
  const [problem, setProblem] = useState<unknown>();
  const run = async (act: () => Promise<void>): Promise<void> => {
    setProblem(undefined);
    try {
      await act();
    } catch (error) {
      setProblem(error);
    }
    await keys.refetch();
  };
  const onMake = (event: SyntheticEvent): void => {
    event.preventDefault();
    setMade(undefined);
    void run(async () => {
      const capWei = cap === "" ? undefined : weiOf(cap);
      if (cap !== "" && capWei === undefined) throw new Error("The cap is no amount of LODE.");
      const limits = capWei === undefined ? {} : { limits: { spend: { capWei: capWei.toString(), period: "month" } } };
      const body = { scope, label, ...limits };
      const { key } = await askJson<{ key: string }>("/v1/keys", { key: apiKey, method: "POST", body });
      setMade(key);
      setLabel("");
      setCap("");
    });
  };
  const rotate = (prefix: string): void => {
    setMade(undefined);
    void run(async () => {
      const { key } = await askJson<{ key: string }>(`/v1/keys/${prefix}/rotate`, {
        key: apiKey,
        method: "POST",
        body: {},
      });
      setMade(key);
    });
  };
  const revoke = (prefix: string): void =>
    void run(async () => {
      await askJson(`/v1/keys/${prefix}`, { key: apiKey, method: "DELETE" });
    });
  return (
    <Section
      title="API keys"
      aside={
        <button type="button" className="plain small" onClick={() => session.clear()}>
          Forget the keys of this tab
        </button>
      }
    >
      <form className="form" onSubmit={onMake}>
        <div className="row">
          <input
            value={label}
            onChange={({ target }) => setLabel(target.value)}
            placeholder="What it is for"
            aria-label="What the key is for"
            maxLength={64}
            required
          />
          <select value={scope} onChange={({ target }) => setScope(target.value as Scope)} aria-label="What it may do">
            <option value="client">client: spends</option>
            <option value="read">read: looks</option>
            <option value="miner">miner: serves</option>
          </select>
          <input
            value={cap}
            onChange={({ target }) => setCap(target.value)}
            placeholder="LODE a month, if bounded"
            aria-label="LODE a month that it may spend"
            inputMode="decimal"
          />
          <button type="submit">Make a key</button>
        </div>
        {made !== undefined && (
          <p className="done" role="status">
            It is shown this once: <code className="secret">{made}</code>
          </p>
        )}
        {problem !== undefined && <Problem error={problem} />}
      </form>
      <Loaded query={keys} rows={4}>
        {({ keys: lines }) => (
          <Table
            label="API keys"
            rows={lines}
            keyOf={({ prefix }) => prefix}
            columns={[
              { head: "Key", cell: ({ prefix }) => <span className="mono">lode_{prefix}</span> },
              { head: "For", cell: ({ label: what }) => what || "—" },
              { head: "Scope", cell: ({ scope: may }) => may },
              {
                head: "State",
                cell: ({ state }) => <Badge tone={state === "active" ? "good" : "calm"}>{state}</Badge>,
              },
              { head: "This month", cell: ({ usage }) => <Lode wei={usage.month.spentWei} />, isNumber: true },
              {
                head: "Made",
                cell: ({ createdAt }) => (createdAt === null ? "—" : <Ago at={createdAt} />),
                isNumber: true,
              },
              {
                head: "Act",
                cell: ({ prefix, state }) =>
                  state === "active" && !apiKey.startsWith(`lode_${prefix}_`) ? (
                    <span className="row">
                      <button type="button" className="plain small" onClick={() => rotate(prefix)}>
                        Rotate
                      </button>
                      <button type="button" className="plain small" onClick={() => revoke(prefix)}>
                        Revoke
                      </button>
                    </span>
                  ) : (
                    "—"
                  ),
              },
            ]}
          />
        )}
      </Loaded>
    </Section>
  );
}
