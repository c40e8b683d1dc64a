import { ledgerDomain, type Domain } from "../typed-data/index.ts";
import { entryProblems, readEntry, SignerCache, type ReadEntry } from "./entry-rules.ts";
import type { Finding } from "./findings.ts";
import { packedBytes, packEntry } from "./packed.ts";
import { StakeHistory } from "./stake-history.ts";
import type { AuditEntry, CheckContext, Focus } from "./types.ts";

/** Entries that were checked by themselves: what the books need of them, and what is wrong with them. */
export interface CheckedEntries {
  readonly packed: Uint8Array;
  readonly findings: readonly Finding[];
}

/** Checks entries by themselves: signatures, prices, limits, stake. It remembers no entry, so that many can work at once. */
export class EntryChecker {
  readonly #context: CheckContext;
  readonly #domain: Domain;
  readonly #stakes: StakeHistory;
  readonly #signers: SignerCache;

  constructor(context: CheckContext) {
    this.#context = context;
    this.#domain = ledgerDomain(context.addresses);
    this.#stakes = new StakeHistory(context.stakeEvents);
    this.#signers = new SignerCache(this.#domain);
  }

  /** @param start where in the log the first of them stands */
  check(entries: readonly AuditEntry[], start: number): CheckedEntries {
    const packed = Buffer.alloc(entries.length * packedBytes);
    const findings = entries.flatMap((entry, place) => this.#check(entry, start + place, packed, place));
    return { packed, findings };
  }

  #check(entry: AuditEntry, position: number, packed: Buffer, place: number): Finding[] {
    let read: ReadEntry;
    try {
      read = readEntry(this.#domain, entry);
    } catch (error) {
      const why = error instanceof Error ? error.message : "it cannot be read";
      return [{ kind: "entry_malformed", message: `entry ${position}: ${why}`, index: position, evidence: {} }];
    }
    const isCounted = isInFocus(read, this.#context.focus);
    packEntry(packed, place, entry, read, isCounted);
    const findings: Finding[] = [];
    if (entry.index !== position) {
      const message = `entry ${position} says it is ${entry.index}`;
      findings.push({ kind: "entry_misplaced", message, index: position, evidence: {} });
    }
    if (!isCounted) return findings;
    for (const [kind, message] of entryProblems(entry, read, this.#context, this.#stakes, this.#signers)) {
      const evidence = { assignment: read.digest };
      findings.push({ kind, message: `entry ${position}: ${message}`, index: position, evidence });
    }
    return findings;
  }
}

function isInFocus({ assignment, hosted }: ReadEntry, focus: Focus | undefined): boolean {
  if (focus?.client !== undefined && assignment.client !== focus.client) return false;
  return focus?.miner === undefined || assignment.miner === focus.miner || hosted?.wallet === focus.miner;
}
