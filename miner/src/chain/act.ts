import { decodeContractError, LodeError } from "@lode/sdk/errors";
import type { Hex } from "@lode/sdk/hash";
import type { Signer } from "@lode/sdk/keys";
import {
  createWalletClient,
  defineChain,
  http,
  parseEventLogs,
  type Abi,
  type AbiFunction,
  type Log,
  type TransactionReceipt,
} from "viem";
import { formatLog } from "viem/utils";
import { exitCode, MinerError } from "../errors.ts";
import { contractTitles, type ChainReader, type ContractName } from "./chain.ts";
import { figuresIn, type Change, type ContractCall, type Reading, type Said } from "./reading.ts";
import { simulate } from "./simulate.ts";

/** One call to a contract that changes something, in words for people. */
export interface Act extends ContractCall {
  readonly what: string;
}

/** What one command does to the chain: its calls in order, and the figures that they concern. */
export interface Plan {
  readonly acts: readonly Act[];
  readonly readings: readonly Reading[];
}

export interface ActEvent {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** One act, as simulated or as sent. */
export interface ActReport {
  readonly what: string;
  readonly contract: string;
  readonly address: Hex;
  readonly function: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Units of gas: what the simulation or the transaction used. Absent when the node cannot simulate one act after another. */
  readonly gas?: string;
  readonly feeWei?: bigint;
  readonly transaction?: Hex;
  readonly block?: bigint;
  readonly events: readonly ActEvent[];
}

export interface Report {
  readonly dryRun: boolean;
  readonly acts: readonly ActReport[];
  readonly changes: readonly Change[];
}

/**
 * What a plan would do: every act is carried out by the node without sending anything. A refusal by any of them is
 * thrown as one sentence, before the first has cost gas.
 */
export async function preview(chain: ChainReader, from: Hex, { acts, readings }: Plan): Promise<Report> {
  try {
    const [simulated, gasPriceWei] = await Promise.all([
      simulate(chain, from, acts, readings),
      chain.client.getGasPrice(),
    ]);
    const reports = acts.map(async (act, index): Promise<ActReport> => {
      const outcome = simulated.acts[index];
      // Without a figure from the simulation, the first act can still be estimated: it stands on what is there.
      const gas = outcome?.gas ?? (index === 0 ? await estimate(chain, from, act) : undefined);
      return {
        ...describe(chain, act),
        ...(gas !== undefined && { gas: gas.toString(), feeWei: gas * gasPriceWei }),
        events: eventsIn(
          chain,
          (outcome?.logs ?? []).map((log) => formatLog(log)),
        ),
      };
    });
    const changes = changesBetween(simulated.before, simulated.after);
    return { dryRun: true, acts: await Promise.all(reports), changes };
  } catch (cause) {
    throw explained("the simulation", cause);
  }
}

/**
 * Sends what was previewed, one act after the other, and waits for each.
 * @param seen the preview, whose figures are those before
 */
export async function send(
  chain: ChainReader,
  rpcUrl: string,
  signer: Signer,
  { acts, readings }: Plan,
  seen: Report,
  onProgress: (line: string) => void,
): Promise<Report> {
  const account = signer.toViemAccount();
  const { chainId } = chain.addresses;
  // Named, so that a transaction is refused when the endpoint has turned to another chain meanwhile.
  const named = defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  });
  const wallet = createWalletClient({ account, chain: named, transport: http(rpcUrl, { timeout: 10_000 }) });
  const reports: ActReport[] = [];
  let receipt: TransactionReceipt | undefined;
  for (const act of acts) {
    onProgress(act.what);
    try {
      const hash = await wallet.writeContract({ ...act.contract, functionName: act.functionName, args: act.args });
      onProgress(`  sent ${hash}, waiting`);
      receipt = await chain.client.waitForTransactionReceipt({ hash, timeout: 180_000 });
      if (receipt.status !== "success") {
        throw new MinerError("reverted", `${act.what} was reverted (${hash}).`, { exitCode: exitCode.refused });
      }
      onProgress(`  in block ${receipt.blockNumber}, ${receipt.gasUsed} gas`);
      reports.push({
        ...describe(chain, act),
        gas: receipt.gasUsed.toString(),
        feeWei: receipt.gasUsed * receipt.effectiveGasPrice,
        transaction: hash,
        block: receipt.blockNumber,
        events: eventsIn(chain, receipt.logs),
      });
    } catch (cause) {
      throw explained(act.what, cause);
    }
  }
  const after = receipt === undefined ? [] : await readFigures(chain, readings, receipt.blockNumber);
  return { dryRun: false, acts: reports, changes: changesBetween(seen.changes.map(before), after) };
}

/** Reads figures as they are, at a block or now. */
export async function readFigures(
  { client }: ChainReader,
  readings: readonly Reading[],
  blockNumber?: bigint,
): Promise<Said[]> {
  const said = readings.map(async (reading) => {
    const { contract, functionName, args } = reading;
    const at = blockNumber === undefined ? {} : { blockNumber };
    try {
      return figuresIn(reading, await client.readContract({ ...contract, functionName, args, ...at }));
    } catch (cause) {
      if (decodeContractError(cause) !== undefined) return figuresIn(reading, undefined);
      throw explained(`reading ${functionName}`, cause);
    }
  });
  return (await Promise.all(said)).flat();
}

const before = ({ label, unit, before: value }: Change): Said => ({ label, unit, value });

function changesBetween(olds: readonly Said[], news: readonly Said[]): Change[] {
  return olds.map(({ label, unit, value }, index) => ({ label, unit, before: value, after: news[index]?.value }));
}

function describe({ contracts }: ChainReader, act: Act): Omit<ActReport, "events"> {
  const { what, contract, functionName, args } = act;
  const names = Object.keys(contracts) as ContractName[];
  const name = names.find((one) => contracts[one].address === contract.address);
  return {
    what,
    contract: name === undefined ? "another contract" : contractTitles[name],
    address: contract.address,
    function: functionName,
    args: namedArguments(contract.abi, functionName, args),
  };
}

/** Arguments by the names that the contract gives them. */
function namedArguments(abi: Abi, functionName: string, args: readonly unknown[]): Record<string, unknown> {
  const found = abi.find(
    (item): item is AbiFunction =>
      item.type === "function" && item.name === functionName && item.inputs.length === args.length,
  );
  return Object.fromEntries(args.map((value, index) => [found?.inputs[index]?.name ?? `${index}`, value]));
}

function eventsIn({ contracts }: ChainReader, logs: readonly Log[]): ActEvent[] {
  const abi = Object.values(contracts).flatMap((contract): Abi => contract.abi);
  return parseEventLogs({ abi, logs: [...logs] }).map(({ eventName, args }) => ({
    name: eventName,
    args: args as unknown as Record<string, unknown>,
  }));
}

function estimate({ client }: ChainReader, from: Hex, { contract, functionName, args }: Act): Promise<bigint> {
  return client.estimateContractGas({ ...contract, functionName, args, account: from });
}

/** Every failure in one sentence: a contract's refusal in its words, anything else by its first line. */
export function explained(what: string, cause: unknown): LodeError {
  if (cause instanceof LodeError) return cause;
  const refusal = decodeContractError(cause);
  if (refusal !== undefined) {
    return new MinerError("refused", `${what}: ${refusal.sentence}`, { cause, exitCode: exitCode.refused });
  }
  const short = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
  return new MinerError("chain_failed", `${what} failed: ${short}`, { cause, exitCode: exitCode.unreachable });
}
