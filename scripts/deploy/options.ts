import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { LodeError } from "@lode/sdk/errors";
import { networks } from "../../contracts/ignition/networks.ts";
import { checkedValues, parameters, type ParameterName } from "../../contracts/ignition/parameters.ts";

export const help = `usage: npm run deploy -- --network NAME --rpc-url URL --keystore FILE
                          --governor ADDRESS --guardian ADDRESS --treasury ADDRESS
                          [--password-file FILE] [--parameters FILE] [--deployment DIR] [--addresses FILE]
                          [--confirmations N] [--dry-run | --check | --verify] [--json]

Deploys every contract to a network and wires them. It rehearses on a copy of the chain's rules on this machine first, goes on
after a kill where it stopped, does nothing when all is done, and reads back who may do what in the end.

  --network        ${Object.keys(networks).join(", ")}
  --rpc-url        a node of that network; LODE_RPC_URL when left out
  --keystore       the deployer's encrypted key, which keeps no right; lode wallet create makes one
  --password-file  its password; LODE_PASSWORD when left out
  --governor       proposes changes to the timelock, which waits for days: a multi-signature wallet
  --guardian       can stop intake for 14 days, and nothing else
  --treasury       receives the genesis supply
  --parameters     JSON of parameters that differ from contracts/ignition/parameters.ts: {"protocolFeePpm": "5000"}
  --deployment     where the journal is kept (default contracts/ignition/deployments/<chain id>); commit it
  --addresses      where the contracts' addresses are written (default contracts/sdk/addresses/<chain id>.json)
  --confirmations  blocks on top of each transaction
  --dry-run        rehearse, and show addresses and gas; no key is needed: --deployer ADDRESS instead of --keystore
  --check          read back from the chain who may do what, and compare
  --verify         publish the sources to Sourcify: the public one, or that of SOURCIFY_URL
  --json           one JSON object on standard output

exit codes: 0 done, 1 the chain differs from what was asked, 2 a wrong option or refused settings, 3 no key, 5 the chain failed

examples
  npm run deploy -- --network sepolia --rpc-url https://... --deployer 0x... --governor 0x... --guardian 0x... \\
    --treasury 0x... --dry-run
  npm run deploy -- --network sepolia --rpc-url https://... --keystore deployer.json --password-file pw \\
    --governor 0x... --guardian 0x... --treasury 0x...`;

export interface Options {
  readonly network: keyof typeof networks;
  readonly rpcUrl: string;
  readonly mode: "deploy" | "dry-run" | "check" | "verify";
  readonly keystore: string | undefined;
  readonly passwordFile: string | undefined;
  readonly deployer: string | undefined;
  readonly governor: string;
  readonly guardian: string;
  readonly treasury: string;
  readonly values: Readonly<Record<ParameterName, bigint>>;
  readonly deployment: string | undefined;
  readonly addresses: string | undefined;
  readonly confirmations: number | undefined;
  readonly json: boolean;
}

const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;

/** @returns undefined when help is asked for */
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Options | undefined {
  const given = parse(args);
  if (given.help) return undefined;
  const network = required(given.network, "--network") as keyof typeof networks;
  if (!Object.hasOwn(networks, network)) {
    throw usage(`There is no network ${network}; it is one of ${Object.keys(networks).join(", ")}.`);
  }
  const modes = (["dry-run", "check", "verify"] as const).filter((mode) => given[mode]);
  if (modes.length > 1) throw usage(`--${modes[0]} and --${modes[1]} exclude each other.`);
  const mode = modes[0] ?? "deploy";
  if (mode === "deploy") required(given.keystore, "--keystore");
  if (mode === "dry-run" && given.keystore === undefined) required(given.deployer, "--deployer or --keystore");
  const isRead = mode === "verify";
  return {
    network,
    mode,
    rpcUrl: required(given["rpc-url"] ?? env["LODE_RPC_URL"], "--rpc-url"),
    keystore: given.keystore,
    passwordFile: given["password-file"],
    deployer: given.deployer === undefined ? undefined : address(given.deployer, "--deployer"),
    governor: isRead ? "" : address(given.governor, "--governor"),
    guardian: isRead ? "" : address(given.guardian, "--guardian"),
    treasury: isRead || mode === "check" ? "" : address(given.treasury, "--treasury"),
    values: given.parameters === undefined ? checkedValues() : readParameters(given.parameters),
    deployment: given.deployment,
    addresses: given.addresses,
    confirmations: given.confirmations === undefined ? undefined : count(given.confirmations, "--confirmations"),
    json: given.json,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ network: text, "rpc-url": text, keystore: text, "password-file": text, deployer: text, governor: text },
        ...{ guardian: text, treasury: text, parameters: text, deployment: text, addresses: text, confirmations: text },
        ...{ "dry-run": flag, check: flag, verify: flag, json: flag, help: flag },
      },
    }).values;
  } catch (error) {
    throw usage(`${(error as Error).message.split(". ")[0]}. --help tells the options.`);
  }
}

function readParameters(file: string): Record<ParameterName, bigint> {
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw usage(`The parameters ${file} cannot be read as JSON.`, cause);
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw usage(`The parameters ${file} are no JSON object of names and values.`);
  }
  const overrides: Partial<Record<ParameterName, bigint>> = {};
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(parameters, name)) {
      throw usage(`${file} names ${name}, which is no parameter; they are ${Object.keys(parameters).join(", ")}.`);
    }
    if (typeof value !== "string" || !/^\d{1,40}$/.test(value)) {
      throw usage(`${name} in ${file} must be a whole number in quotation marks: JSON's own numbers lose digits.`);
    }
    overrides[name as ParameterName] = BigInt(value);
  }
  try {
    return checkedValues(overrides);
  } catch (error) {
    throw usage(`${file}: ${(error as Error).message}.`, error);
  }
}

function required(value: string | undefined, option: string): string {
  if (value === undefined || value === "") throw usage(`${option} is missing. --help tells the options.`);
  return value;
}

function address(value: string | undefined, option: string): string {
  const found = required(value, option);
  if (!/^0x[0-9a-fA-F]{40}$/.test(found)) throw usage(`${option} ${found} is no address.`);
  return found.toLowerCase();
}

function count(value: string, option: string): number {
  if (!/^[1-9]\d{0,3}$/.test(value)) throw usage(`${option} ${value} is no number of blocks from 1 to 9999.`);
  return Number(value);
}

function usage(message: string, cause?: unknown): LodeError {
  return new LodeError("usage", message, { exitCode: 2, cause });
}
