import type { ActEvent, ActReport, Report } from "../chain/act.ts";
import type { Change, Said, Unit, Value } from "../chain/reading.ts";
import { roleNames } from "../chain/readings.ts";
import { showAmount, showEther, showTime } from "./amounts.ts";

/** A value in words: `5 LODE`, a date, a role's name. */
export function showValue(unit: Unit, value: Value | undefined): string {
  if (value === undefined) return "not said";
  if (typeof unit !== "string") return unit[Number(value)] ?? String(value);
  switch (unit) {
    case "lode":
      return showAmount(BigInt(value));
    case "ether":
      return showEther(BigInt(value));
    case "time":
      return showTime(BigInt(value));
    case "flag":
      return value === true ? "yes" : "no";
    case "address":
    case "count":
    case "hash":
      return /^0x0+$/.test(String(value)) ? "none" : String(value);
  }
}

/** An argument or an event's field, in words by the unit in its name. */
function showNamed(name: string, value: unknown): string {
  // The token's own functions call their amount `value`.
  if (typeof value === "bigint" && (name.endsWith("Wei") || name === "value"))
    return `${showAmount(value)} (${value} wei)`;
  if (typeof value === "bigint" && name.endsWith("At")) return `${value} (${showTime(value)})`;
  if (name === "role") return `${String(value)} (${roleNames[Number(value)] ?? "unknown"})`;
  if (Array.isArray(value)) return `[${value.map((item) => showNamed("", item)).join(", ")}]`;
  if (typeof value === "object" && value !== null) return `{ ${showFields(value as Record<string, unknown>)} }`;
  return String(value);
}

function showFields(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${showNamed(name, value)}`)
    .join(", ");
}

const showEvent = ({ name, args }: ActEvent): string => `  event ${name} { ${showFields(args)} }`;

function showAct({ what, contract, address, function: name, args, gas, feeWei, events }: ActReport): string {
  const call = Object.entries(args).map(([argument, value]) => `    ${argument}: ${showNamed(argument, value)}`);
  const cost =
    gas === undefined || feeWei === undefined
      ? "  gas: known once the act before it is done"
      : `  gas: ${gas}, fee ${showEther(feeWei)} (${feeWei} wei)`;
  return [what, `  ${contract} ${address}: ${name}`, ...call, cost, ...events.map(showEvent)].join("\n");
}

/** Rows in columns, as wide as their widest cell. */
export function showTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd())
    .join("\n");
}

function showChanges(changes: readonly Change[]): string {
  const rows = changes.map(({ label, unit, before, after }) => {
    const [old, now] = [showValue(unit, before), showValue(unit, after)];
    return [label, old, old === now ? "same" : now];
  });
  return showTable([["", "before", "after"], ...rows]);
}

/** Figures as they are. */
export function showFigures(said: readonly Said[]): string {
  return showTable(said.map(({ label, unit, value }) => [label, showValue(unit, value)]));
}

/** What a dry run would do, or what was done, with the figures before and after. */
export function showReport({ dryRun, acts, changes }: Report): string {
  const details = dryRun ? acts.map(showAct) : [];
  const feeWei = acts.reduce((sum, act) => sum + (act.feeWei ?? 0n), 0n);
  const paid = dryRun ? [] : [`Fees: ${showEther(feeWei)} (${feeWei} wei) in ${acts.length} transactions.`];
  // The token's own say nothing that the figures do not.
  const told = acts.flatMap((act) => act.events.filter(({ name }) => !/^(Transfer|Approval|Delegate)/.test(name)));
  const events = dryRun ? [] : told.map(showEvent);
  return [...details, ...(changes.length > 0 ? [showChanges(changes)] : []), ...events, ...paid].join("\n");
}
