import { parentPort, workerData } from "node:worker_threads";
import { EntryChecker, type CheckContext, type Finding } from "@lode/sdk/audit";
import { readPage } from "./read-page.ts";

/** A page to check, or what the pages after it are checked against. */
export type Task =
  | {
      readonly kind: "page";
      readonly id: number;
      readonly bytes: Uint8Array;
      readonly start: number;
      readonly count: number;
    }
  | { readonly kind: "context"; readonly context: CheckContext };

export type Done =
  | { readonly id: number; readonly packed: Uint8Array; readonly findings: readonly Finding[] }
  | { readonly id: number; readonly problem: string };

const port = parentPort;
if (port !== null) {
  let checker = new EntryChecker(workerData as CheckContext);
  port.on("message", (task: Task) => {
    if (task.kind === "context") {
      checker = new EntryChecker(task.context);
      return;
    }
    const { id, bytes, start, count } = task;
    try {
      const { packed, findings } = checker.check(readPage(bytes, count), start);
      const answer: Done = { id, packed, findings };
      port.postMessage(answer, [packed.buffer as ArrayBuffer]);
    } catch (error) {
      const answer: Done = { id, problem: error instanceof Error ? error.message : String(error) };
      port.postMessage(answer);
    }
  });
}
