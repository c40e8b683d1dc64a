import { bookFaults } from "./faults/books.ts";
import type { Fault } from "./faults/fault.ts";
import { logFaults } from "./faults/log.ts";
import { receiptFaults } from "./faults/receipts.ts";

/** Everything that an audit must see. */
export const faults: readonly Fault[] = [...receiptFaults, ...bookFaults, ...logFaults];
