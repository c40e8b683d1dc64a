import { publicPool } from "./matching/objective.ts";

/** Who may use which pools: clients by account, for pools beside the public one. */
export type Tenancy = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Pools that a client's job may run in. Its own pools come with the public one, unless it asks for one of its own only.
 * Undefined when it asks for a pool that is not its own.
 */
export function poolsOf(tenancy: Tenancy, client: string, asked?: string): ReadonlySet<string> | undefined {
  const own = tenancy.get(client) ?? new Set<string>();
  if (asked === undefined) return new Set([publicPool, ...own]);
  return asked === publicPool || own.has(asked) ? new Set([asked]) : undefined;
}
