import type { OfferedModel } from "@lode/protocol";
import { figures } from "../figures.ts";

/** What a miner's last heartbeat said about its models, by the ids under which it offers them. */
export interface Shelved {
  readonly loaded: ReadonlySet<string>;
  readonly withoutRoom: ReadonlySet<string>;
}

/**
 * How long a job waits for its model at a miner, milliseconds; Infinity where it has no room for it now.
 * @param shelved undefined before the first heartbeat: what it offers it is believed to serve
 */
export function loadMsOf({ id, loadMs, sizeBytes }: OfferedModel, shelved: Shelved | undefined): number {
  if (shelved === undefined || shelved.loaded.has(id)) return 0;
  if (shelved.withoutRoom.has(id)) return Infinity;
  return loadMs ?? figures.objective.loadStartMs.value + sizeBytes / figures.objective.loadBytesPerMs.value;
}
