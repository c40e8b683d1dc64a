import { readFileSync } from "node:fs";
import { LodeError } from "../errors/lode-error.ts";
import { parseAddresses, type Addresses } from "./parse.ts";

export { parseAddresses, type Addresses, type ContractName } from "./parse.ts";

/** The addresses of a chain's known deployment, or of a file. */
export function loadAddresses(source: number | string): Addresses {
  const file = typeof source === "number" ? new URL(`./${source}.json`, import.meta.url) : source;
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    const what =
      typeof source === "number"
        ? `No contract addresses are known for chain ${source}`
        : `${source} holds none as JSON`;
    const message = `${what}; name a file of contract addresses with --addresses or ADDRESSES_FILE.`;
    throw new LodeError("no_addresses", message, { cause, exitCode: 2 });
  }
  return parseAddresses(parsed);
}
