import { dirname } from "node:path";

/** The checkout's folder, absolute, wherever the command was started from. */
export const root: string = dirname(import.meta.dirname);
