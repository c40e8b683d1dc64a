import { round } from "../statistics.ts";
import type { BacklogFigures } from "./backlog.ts";
import type { SingleFigures } from "./single.ts";
import { JOBS, type EpochFigures, type WorkloadFigures } from "./workload.ts";

/** Every figure of the bench by name, in gas. */
export type GasFigures = Readonly<Record<string, number>>;

/** One flat object of all that was measured. */
export function flatten(singles: SingleFigures, backlog: BacklogFigures, workload: WorkloadFigures): GasFigures {
  const { first, unswept, swept, session } = workload;
  const set = workload.approvals + workload.deposits + workload.stakes;
  const figures = {
    ...singles,
    standardWorkloadPerJob: unswept.collects / JOBS,
    standardWorkloadWithSweepsPerJob: whole(swept) / JOBS,
    standardWorkloadAfterSweepsPerJob: swept.collects / JOBS,
    standardWorkloadSessionPerJob: session.collects / JOBS,
    standardWorkloadSessionWithSweepsPerJob: whole(session) / JOBS,
    backlogSecondVoucher: backlog.secondVoucher,
    backlogTenThousandth: backlog.afterBacklog,
    backlogTenThousandthAllCollected: backlog.afterAllCollected,
    workloadApprovals: workload.approvals,
    workloadDeposits: workload.deposits,
    workloadStakes: workload.stakes,
    workloadSessions: workload.sessions,
    workloadFirstUses: whole(first),
    workloadCollects: swept.collects,
    workloadSweeps: swept.sweeps,
    workloadAnchors: swept.anchors,
    workloadTotal: set + whole(first) + whole(swept),
    workloadTotalPerJob: (set + whole(first) + whole(swept)) / (2 * JOBS),
  };
  return Object.fromEntries(Object.entries(figures).map(([name, gas]) => [name, round(gas, 2)]));
}

function whole({ collects, sweeps, anchors }: EpochFigures): number {
  return collects + sweeps + anchors;
}
