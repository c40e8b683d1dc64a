import { decodeContractError } from "@lode/sdk/errors";
import type { Hex } from "@lode/sdk/hash";
import { decodeFunctionResult, encodeFunctionData, numberToHex, type RpcLog } from "viem";
import { exitCode, MinerError } from "../errors.ts";
import type { ChainReader } from "./chain.ts";
import { runInOneCall } from "./one-call.ts";
import { figuresIn, type ContractCall, type Reading, type Said } from "./reading.ts";

/** A call as nodes take it, and what it came to. */
export interface RawCall {
  readonly to: Hex;
  readonly data: Hex;
}

export interface RawOutcome {
  readonly isDone: boolean;
  readonly data: Hex;
  /** What the node counted; undefined when it cannot say. */
  readonly gas?: bigint;
  readonly logs?: readonly RpcLog[];
}

export interface Simulation {
  /** One outcome for each act, in order. */
  readonly acts: readonly RawOutcome[];
  readonly before: readonly Said[];
  readonly after: readonly Said[];
}

/**
 * Lets the node carry out acts one after the other on its present state, and reads the figures before and after them.
 * Nothing is sent. `eth_simulateV1` does all of it in one block; a node without it runs the same calls inside one
 * `eth_call` that puts a loop in the place of the sender's code.
 */
export async function simulate(
  chain: ChainReader,
  from: Hex,
  acts: readonly (ContractCall & { what: string })[],
  readings: readonly Reading[],
): Promise<Simulation> {
  const views = readings.map(encode);
  const calls = [...views, ...acts.map(encode), ...views];
  const outcomes = (await runInBlock(chain, from, calls)) ?? (await runInOneCall(chain, from, calls));
  const done = outcomes.slice(views.length, views.length + acts.length);
  for (const [index, { isDone, data }] of done.entries()) {
    if (isDone) continue;
    const what = acts[index]?.what ?? "the act";
    const refusal = decodeContractError(data);
    if (refusal !== undefined) throw new MinerError("refused", `${what}: ${refusal.sentence}`, refused);
    throw new MinerError("reverted", `${what} would be reverted, without a reason (${data}).`, refused);
  }
  return {
    acts: done,
    before: said(readings, outcomes.slice(0, views.length)),
    after: said(readings, outcomes.slice(views.length + acts.length)),
  };
}

const refused = { exitCode: exitCode.refused } as const;

function encode({ contract, functionName, args }: ContractCall): RawCall {
  return { to: contract.address, data: encodeFunctionData({ abi: contract.abi, functionName, args }) };
}

function said(readings: readonly Reading[], outcomes: readonly RawOutcome[]): Said[] {
  return readings.flatMap((reading, index) => {
    const outcome = outcomes[index];
    const { contract, functionName } = reading;
    const returned =
      outcome?.isDone === true
        ? decodeFunctionResult({ abi: contract.abi, functionName, data: outcome.data })
        : undefined;
    return figuresIn(reading, returned);
  });
}

interface SimulatedCall {
  readonly status: Hex;
  readonly returnData: Hex;
  readonly gasUsed: Hex;
  readonly logs?: readonly RpcLog[];
  readonly error?: { readonly data?: Hex };
}

/** Undefined when the node does not know the method. */
async function runInBlock(
  { client }: ChainReader,
  from: Hex,
  calls: readonly RawCall[],
): Promise<RawOutcome[] | undefined> {
  const latest = await client.getBlock();
  const now = BigInt(Math.floor(Date.now() / 1000));
  const block = {
    // The block that comes next, said outright: nodes differ in what they take, and on an idle chain the last one is old.
    blockOverrides: {
      number: numberToHex(latest.number + 1n),
      time: numberToHex(now > latest.timestamp ? now : latest.timestamp + 1n),
    },
    calls: calls.map((call) => ({ ...call, from, value: numberToHex(0) })),
  };
  let answer: unknown;
  try {
    answer = await client.request({
      method: "eth_simulateV1",
      params: [{ blockStateCalls: [block] }, numberToHex(latest.number)],
    });
  } catch (error) {
    if (isUnknownMethod(error)) return undefined;
    throw error;
  }
  const [simulated] = answer as readonly { readonly calls: readonly SimulatedCall[] }[];
  if (simulated?.calls.length !== calls.length) return undefined;
  return simulated.calls.map(({ status, returnData, gasUsed, logs, error }) => ({
    isDone: BigInt(status) === 1n,
    // Nodes differ in where they put a revert's data.
    data: returnData !== "0x" ? returnData : (error?.data ?? "0x"),
    gas: BigInt(gasUsed),
    logs: logs ?? [],
  }));
}

/** Not found, not supported, and the ways in which gateways say no to a method. */
function isUnknownMethod(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 10; cause = cause.cause, depth++) {
    const { code, status } = cause as { code?: unknown; status?: unknown };
    if (code === -32601 || code === -32004 || code === 4200 || status === 404 || status === 405) return true;
    if (/method.*(not (found|supported|available|exist)|unsupported)/i.test(cause.message)) return true;
  }
  return false;
}
