/** A miner's finished attempts here. */
export interface MinerRecord {
  readonly completed: number;
  readonly failed: number;
}

export const newcomer: MinerRecord = { completed: 0, failed: 0 };

/** The record after one more attempt. */
export function recorded(record: MinerRecord, isGood: boolean): MinerRecord {
  return isGood ? { ...record, completed: record.completed + 1 } : { ...record, failed: record.failed + 1 };
}

/** Share of attempts that were completed, 0..1; one success is assumed, so that a newcomer is tried. */
export function reliabilityOf({ completed, failed }: MinerRecord): number {
  return (completed + 1) / (completed + failed + 1);
}
