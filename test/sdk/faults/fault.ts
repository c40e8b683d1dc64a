import type { FindingKind } from "@lode/sdk/audit";
import type { History } from "../audit-history.ts";

/** One thing changed in an honest history; beside it the findings that must name it, and no others. */
export type Fault = readonly [name: string, history: () => History, kinds: readonly FindingKind[]];
