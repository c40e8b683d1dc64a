import type { UseQueryResult } from "@tanstack/react-query";
import { useEffect, useId, useState, type ReactNode } from "react";
import type { Told } from "../chain/told.ts";
import { Link } from "../router.tsx";
import { clockText, fromNow, lodeText, shortHex } from "./format.ts";
import type { Tone } from "./tone.ts";

/** A page's heading and title, with what it is for in a sentence. */
export function Page({ title, intro, children }: { title: string; intro?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Lode`;
  }, [title]);
  return (
    <>
      <header className="page-head">
        <h1>{title}</h1>
        {intro !== undefined && <p className="intro">{intro}</p>}
      </header>
      {children}
    </>
  );
}

export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section className="card" aria-labelledby={id}>
      <div className="card-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** An amount of LODE with its unit, digits in columns. */
export function Lode({ wei }: { wei: bigint | string }) {
  return (
    <span className="num" title={`${BigInt(wei)} wei`}>
      {lodeText(wei)} <span className="unit">LODE</span>
    </span>
  );
}

export function Hash({ value, to }: { value: string; to?: string }) {
  const text = <span className="mono">{shortHex(value)}</span>;
  return to === undefined ? (
    <span title={value}>{text}</span>
  ) : (
    <Link to={to} title={value}>
      {text}
    </Link>
  );
}

export const MinerLink = ({ miner }: { miner: string }) => <Hash value={miner} to={`/miners/${miner}`} />;

/** A time as its distance from now, kept up to date. */
export function Ago({ at }: { at: number | string }) {
  const atMs = typeof at === "number" ? at : Date.parse(at);
  const nowMs = useNow();
  return (
    <time dateTime={new Date(atMs).toISOString()} title={clockText(atMs)} className="num">
      {fromNow(atMs, nowMs)}
    </time>
  );
}

export function useNow(everyMs = 1_000): number {
  const [nowMs, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return nowMs;
}

/** Who told what a section shows of the chain. */
export function Source({
  told,
  isUnread = false,
}: {
  told: Pick<Told<unknown>, "from" | "block" | "isIndexAway"> | undefined;
  /** Whether it was asked for in vain. */
  isUnread?: boolean;
}) {
  if (told === undefined)
    return <span className="note">{isUnread ? "not read from the chain" : "asking the chain"}</span>;
  const { from, block, isIndexAway } = told;
  if (from === "index") return <span className="note">told by the coordinator's index at block {block}</span>;
  return <span className="note">read from the chain{isIndexAway && "; the index does not answer"}</span>;
}

/** Whether an amount that the coordinator tells is the one that was found on the chain; the one that is not `shown` beside it is named. */
export function Agreement({
  saidWei,
  foundWei,
  shown,
}: {
  saidWei: bigint | string | undefined;
  foundWei: bigint;
  shown: "said" | "found";
}) {
  if (saidWei === undefined) return null;
  if (BigInt(saidWei) === foundWei) return <Badge tone="good">agrees</Badge>;
  return (
    <Badge tone="warn">
      {shown === "said" ? `chain says ${lodeText(foundWei)}` : `coordinator says ${lodeText(saidWei)}`}
    </Badge>
  );
}

export const Badge = ({ tone, children }: { tone: Tone; children: ReactNode }) => (
  <span className={`badge ${tone}`}>{children}</span>
);

export function Stat({ label, value, note }: { label: string; value: ReactNode; note?: ReactNode }) {
  return (
    <div className="stat">
      <dt>{label}</dt>
      <dd>
        <span className="stat-value">{value}</span>
        <span className="stat-note">{note ?? "\u00a0"}</span>
      </dd>
    </div>
  );
}

/** What there is to do when there is nothing to see. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}

export function Problem({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  return (
    <div className="problem" role="alert">
      <p>{error instanceof Error ? error.message : "Something went wrong."}</p>
      {retry !== undefined && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** What came of a form: told to who cannot see it change too. */
export function Outcome({ done, problem }: { done: string | undefined; problem: unknown }) {
  return (
    <>
      <div role="status" aria-live="polite">
        {done !== undefined && <p className="done">{done}</p>}
      </div>
      {problem !== undefined && <Problem error={problem} />}
    </>
  );
}

/** Waits for an answer at its final size, shows what went wrong, or what came. */
export function Loaded<T>({
  query,
  rows = 4,
  children,
}: {
  query: UseQueryResult<T>;
  rows?: number;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <Problem error={query.error} retry={() => void query.refetch()} />;
  return <Waiting rows={rows} />;
}

export function Waiting({ rows = 4 }: { rows?: number }) {
  return (
    <div className="waiting" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} className="bar" />
      ))}
    </div>
  );
}

export interface Column<T> {
  readonly head: string;
  readonly cell: (row: T) => ReactNode;
  /** Numbers stand at the right, under each other. */
  readonly isNumber?: boolean;
}

/** A table whose rows become cards on narrow screens: every cell then says which column it is. */
export function Table<T>({
  label,
  columns,
  rows,
  keyOf,
}: {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string | number;
}) {
  return (
    <div className="table-frame">
      <table aria-label={label}>
        <thead>
          <tr>
            {columns.map(({ head, isNumber }) => (
              <th key={head} scope="col" className={isNumber === true ? "right" : undefined}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ head, cell, isNumber }) => (
                <td key={head} data-head={head} className={isNumber === true ? "right num" : undefined}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Pager({ page, pages, go }: { page: number; pages: number; go: (page: number) => void }) {
  if (pages <= 1) return null;
  return (
    <nav className="pager" aria-label="Pages">
      <button type="button" disabled={page === 0} onClick={() => go(page - 1)}>
        Newer
      </button>
      <span className="num">
        {page + 1} of {pages}
      </span>
      <button type="button" disabled={page >= pages - 1} onClick={() => go(page + 1)}>
        Older
      </button>
    </nav>
  );
}
