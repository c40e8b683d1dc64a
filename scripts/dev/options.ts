import { parseArgs } from "node:util";

export interface Options {
  readonly once: boolean;
  readonly json: boolean;
  readonly autoPort: boolean;
  readonly folder: string | undefined;
  readonly help: boolean;
}

/** A command line that cannot be understood. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly exitCode = 2;
}

export const help = `npm start [-- options]

Starts a market on this machine (a development chain, a coordinator, two miners with a small model), runs one paid job
through it step by step, and stays up for your own requests until Ctrl-C.

  --once       end after the job, with exit code 0 when everything added up
  --json       print one JSON object last: what happened, in figures
  --auto-port  take the next free ports when 8545 (chain), 8402 (API) or 8403 (GraphQL) are in use
  --folder F   keep everything in this folder instead of .lode
  --help       this text

Examples
  npm start
  npm start -- --once --json
  npm start -- --auto-port

State is kept in .lode/ and reused by the next start; delete that folder to begin anew.`;

/** @throws {UsageError} */
export function readOptions(args: readonly string[]): Options {
  const flag = { type: "boolean", default: false } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { once: flag, json: flag, "auto-port": flag, folder: { type: "string" }, help: { ...flag, short: "h" } },
    });
    return {
      once: values.once,
      json: values.json,
      autoPort: values["auto-port"],
      folder: values.folder,
      help: values.help,
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(/\. |\n/)[0] : "";
    throw new UsageError(`${reason ?? ""}; npm start -- --help lists the options.`);
  }
}
