import Type, { type Static } from "typebox";
import type { JobContent, JobRecord } from "../../plugins/app/jobs/record.ts";

const Time = Type.String({ format: "date-time" });
const maybe = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

export const JobView = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal("job"),
    workload: Type.String(),
    model: Type.String(),
    status: Type.String({ description: "queued, running, succeeded, failed, cancelled or expired" }),
    created_at: Time,
    started_at: maybe(Time),
    finished_at: maybe(Time),
    expires_at: Type.String({ format: "date-time", description: "Until when it may wait; when it has ended, is kept" }),
    progress: Type.Object({ output_chars: Type.Integer() }),
    metadata: Type.Record(Type.String(), Type.String()),
    webhook: Type.Optional(
      Type.Object({
        url: Type.String(),
        state: Type.String({ description: "waiting, delivered or failed" }),
        attempts: Type.Integer(),
        last_status: maybe(Type.Integer()),
        secret: Type.Optional(Type.String({ description: "Only in the answer that makes the job" })),
      }),
    ),
    output: Type.Optional(Type.Array(Type.String(), { description: "What came of a job that did not succeed" })),
    result: Type.Optional(Type.Unknown({ description: "What the workload's own route answers" })),
    error: Type.Optional(
      Type.Object({ code: Type.String(), message: Type.String(), param: maybe(Type.String()), type: Type.String() }),
    ),
  },
  { title: "Job" },
);
export type JobView = Static<typeof JobView>;

/** A job as its client sees it; its contents where they are given. */
export function viewOf(record: JobRecord, content: JobContent = {}): JobView {
  const iso = (ms: number): string => new Date(ms).toISOString();
  const { webhook, startedMs, finishedMs } = record;
  const { texts, result, error } = content;
  return {
    id: record.id,
    object: "job",
    workload: record.workload,
    model: record.model,
    status: record.status,
    created_at: iso(record.createdMs),
    started_at: startedMs === undefined ? null : iso(startedMs),
    finished_at: finishedMs === undefined ? null : iso(finishedMs),
    expires_at: iso(record.expiresMs),
    progress: { output_chars: record.outputChars },
    metadata: { ...record.metadata },
    ...(webhook !== undefined && {
      webhook: {
        url: webhook.url,
        state: webhook.state,
        attempts: webhook.attempts,
        last_status: webhook.lastStatus ?? null,
      },
    }),
    ...(result === undefined && texts !== undefined && texts.length > 0 && { output: [...texts] }),
    ...(result !== undefined && { result }),
    ...(error !== undefined && {
      error: { code: error.code, message: error.message, param: error.param, type: error.type },
    }),
  };
}
