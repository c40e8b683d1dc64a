import type { Hex } from "@lode/sdk/hash";
import type { Command } from "commander";
import { type Abi, type Address, encodeFunctionData, zeroHash } from "viem";
import { contractTitles, type ChainReader, type ContractName } from "../../chain/chain.ts";
import { act, type Setting } from "../acts.ts";
import { kinds, needed, option, usage } from "../arguments.ts";
import { parametersOf, valueOf } from "../evidence.ts";
import type { Io } from "../io.ts";

const call = needed(
  { placeholder: "call", parse: (text: string) => text },
  "what the timelock is to call: Contract.function(arguments)",
);
const salt = option(kinds.hash, "tells equal calls apart; zero when left out", () => zeroHash as Hex);
const predecessor = option(kinds.hash, "operation that must be done before; none when left out", () => zeroHash as Hex);

interface Operation {
  readonly text: string;
  readonly target: Hex;
  readonly data: Hex;
  readonly predecessor: Hex;
  readonly salt: Hex;
  readonly id: Hex;
}

/** Reads `AccessManager.grantRole(4, 0x..., 0)`: a contract of the deployment, its function, plain arguments or lists of them. */
function parseCall(text: string, { contracts }: ChainReader): { target: Hex; data: Hex } {
  const [, title, functionName = "", inner = ""] = /^(\w+)\.(\w+)\((.*)\)$/s.exec(text.trim()) ?? [];
  const names = Object.keys(contractTitles) as ContractName[];
  const name = names.find((one) => contractTitles[one] === title);
  if (name === undefined) {
    const known = Object.values(contractTitles).join(", ");
    throw usage(`"${text}" is not a call; write Contract.function(arguments), with one of ${known}.`);
  }
  const { address, abi }: { address: Address; abi: Abi } = contracts[name];
  const parameters = parametersOf(abi, functionName);
  const given = inner.trim() === "" ? [] : inner.split(/,(?![^[]*\])/).map((part) => plain(part.trim()));
  if (given.length !== parameters.length) {
    const wanted = parameters.map((parameter) => `${parameter.type} ${parameter.name ?? ""}`).join(", ");
    throw usage(`${functionName} takes ${parameters.length} arguments (${wanted}), not ${given.length}.`);
  }
  const args = parameters.map((parameter, index) => valueOf(given[index], parameter, parameter.name ?? `${index}`));
  return { target: address, data: encodeFunctionData({ abi, functionName, args }) };
}

/** An argument as JSON would have it. */
function plain(text: string): unknown {
  const list = /^\[(.*)\]$/s.exec(text)?.[1];
  if (list !== undefined) return list.trim() === "" ? [] : list.split(",").map((part) => plain(part.trim()));
  return text === "true" || text === "false" ? text === "true" : text;
}

async function operationOf(
  given: { call: string; predecessor: Hex; salt: Hex },
  { chain }: Setting,
): Promise<Operation> {
  const { client, contracts } = chain;
  const { predecessor, salt } = given;
  const { target, data } = parseCall(given.call, chain);
  const args = [target, 0n, data, predecessor, salt] as const;
  const id = await client.readContract({ ...contracts.timelock, functionName: "hashOperation", args });
  return { text: given.call, target, data, predecessor, salt, id };
}

const stand = ({ id }: { id: Hex }, { read }: Setting) => [read.operation(id), read.operationTime(id)];

/** What the governor does: every change waits in the timelock. */
export const governActs = [
  act({
    name: "schedule",
    summary: "propose a call to the timelock, which may be executed when its delay is over",
    contract: "timelock",
    functionName: "schedule",
    takes: {
      call,
      salt,
      predecessor,
      delay: option(kinds.count, "seconds; the least there is when left out", () => undefined),
    },
    resolve: async (given, at) => {
      const { client, contracts } = at.chain;
      const delay = given.delay ?? (await client.readContract({ ...contracts.timelock, functionName: "getMinDelay" }));
      return { ...(await operationOf(given, at)), delay };
    },
    args: ({ target, data, predecessor, salt, delay }) => [target, 0n, data, predecessor, salt, delay],
    what: ({ text, id }) => `schedule ${text} as operation ${id}`,
    readings: stand,
    notes: "Only the governor may. The same call and salt execute it; the operation's number cancels it.",
    examples: [
      "lode govern schedule 'AccessManager.grantRole(4, 0x70997970c51812dc3a010c7d01b50e0d17dc79c8, 0)' --dry-run",
    ],
  }),
  act({
    name: "execute",
    summary: "carry out a scheduled call whose delay is over; anybody may",
    contract: "timelock",
    functionName: "execute",
    takes: { call, salt, predecessor },
    resolve: operationOf,
    args: ({ target, data, predecessor, salt }) => [target, 0n, data, predecessor, salt],
    what: ({ text, id }) => `execute ${text}, operation ${id}`,
    readings: stand,
    warning: () => "What it changes can be changed back only through the timelock again.",
    examples: ["lode govern execute 'AccessManager.grantRole(4, 0x70997970c51812dc3a010c7d01b50e0d17dc79c8, 0)'"],
  }),
  act({
    name: "cancel",
    summary: "take a scheduled call back",
    contract: "timelock",
    functionName: "cancel",
    takes: { id: needed(kinds.hash, "the operation, as `schedule` named it") },
    what: ({ id }) => `cancel operation ${id}`,
    readings: stand,
    examples: [`lode govern cancel 0x${"5a".repeat(32)}`],
  }),
] as const;

const pauseNotes =
  "Only the guardian may. Top-ups, cures, collections and exits go on; a pause ends by itself in 14 days.";

/** What the guardian does: stop intake for a while, and nothing else. */
export const guardianActs = [
  act({
    name: "pause-stakes",
    summary: "stop new stakes for 14 days",
    contract: "staking",
    functionName: "pauseIntake",
    takes: {},
    what: () => "stop new stakes",
    readings: (_, { read }) => [read.pausedStakes()],
    notes: pauseNotes,
    examples: ["lode guardian pause-stakes --dry-run"],
  }),
  act({
    name: "resume-stakes",
    summary: "take new stakes again",
    contract: "staking",
    functionName: "resumeIntake",
    takes: {},
    what: () => "take new stakes again",
    readings: (_, { read }) => [read.pausedStakes()],
    examples: ["lode guardian resume-stakes"],
  }),
  act({
    name: "pause-accounts",
    summary: "stop new accounts for 14 days",
    contract: "escrow",
    functionName: "pauseIntake",
    takes: {},
    what: () => "stop new accounts",
    readings: (_, { read }) => [read.pausedAccounts()],
    notes: pauseNotes,
    examples: ["lode guardian pause-accounts --dry-run"],
  }),
  act({
    name: "resume-accounts",
    summary: "take new accounts again",
    contract: "escrow",
    functionName: "resumeIntake",
    takes: {},
    what: () => "take new accounts again",
    readings: (_, { read }) => [read.pausedAccounts()],
    examples: ["lode guardian resume-accounts"],
  }),
] as const;

/** `lode govern` and `lode guardian` */
export function addGovernance(program: Command, io: Io): void {
  const govern = program.command("govern").description("changes through the timelock: schedule, execute, cancel");
  for (const { addTo } of governActs) addTo(govern, io);
  const guardian = program.command("guardian").description("stop the intake of stakes or accounts for a while");
  for (const { addTo } of guardianActs) addTo(guardian, io);
}
