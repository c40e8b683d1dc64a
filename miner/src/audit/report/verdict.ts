import type { AuditTotals } from "@lode/sdk/audit";

/** What an audit without findings comes to: nothing is said to add up that was not looked at. */
export function verdictWithoutFindings({ liabilitiesUnchecked }: Pick<AuditTotals, "liabilitiesUnchecked">): string {
  return liabilitiesUnchecked === 0 ? "Everything adds up." : "Nothing wrong was found in what could be checked.";
}
