import type { ExplorerInfo } from "@lode/protocol";
import { courtAbi, demandsAbi, faultProofsAbi } from "@lode/sdk/abi";
import { decodeFunctionData, type Abi, type AbiParameter, type Hex } from "viem";
import { addressOf, openChain } from "./reader.ts";

/** One thing that an accusation showed to its contract: where in the evidence, and its value as text. */
export interface Shown {
  readonly name: string;
  readonly value: string;
}

/** What a transaction showed to a contract that judges. */
export interface Accusation {
  readonly contract: string;
  readonly functionName: string;
  readonly from: Hex;
  readonly block: bigint;
  readonly succeeded: boolean;
  readonly shown: readonly Shown[];
}

const judges: readonly (readonly [name: string, address: string, abi: Abi])[] = [
  ["Court", "court", courtAbi],
  ["Demands", "demands", demandsAbi],
  ["FaultProofs", "faultProofs", faultProofsAbi],
];

/**
 * The evidence of a transaction, field by field, out of its own data.
 * @returns undefined when it called another contract: what that one passed on is not in the transaction
 * @throws {NoChain}
 */
export async function readAccusation(info: ExplorerInfo, hash: Hex): Promise<Accusation | undefined> {
  const { client } = await openChain(info);
  const [{ to, from, input, blockNumber }, { status }] = await Promise.all([
    client.getTransaction({ hash }),
    client.getTransactionReceipt({ hash }),
  ]);
  const judge = judges.find(([, name]) => addressOf(info, name).toLowerCase() === to?.toLowerCase());
  if (judge === undefined) return undefined;
  const [contract, , abi] = judge;
  const { functionName, args } = decodeFunctionData({ abi, data: input });
  const called = abi.find((item) => item.type === "function" && item.name === functionName);
  const inputs = called?.type === "function" ? called.inputs : [];
  const shown = inputs.flatMap((parameter, at) => flatten(parameter.name ?? "", parameter, args?.[at]));
  return { contract, functionName, from, block: blockNumber, succeeded: status === "success", shown };
}

/** A value's parts, each by its path. */
function flatten(name: string, parameter: AbiParameter, value: unknown): Shown[] {
  const list = /^(.*)\[\]$/.exec(parameter.type)?.[1];
  if (list !== undefined && Array.isArray(value)) {
    if (value.length === 0) return [{ name, value: "none" }];
    return value.flatMap((item, at) => flatten(`${name}[${at}]`, { ...parameter, type: list }, item));
  }
  if (parameter.type === "tuple" && "components" in parameter) {
    const fields = value as Readonly<Record<string, unknown>>;
    return parameter.components.flatMap((part) => flatten(`${name}.${part.name ?? ""}`, part, fields[part.name ?? ""]));
  }
  return [{ name, value: String(value) }];
}
