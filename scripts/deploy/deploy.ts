import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  deploy,
  DeploymentResultType,
  type DeploymentResult,
  type EIP1193Provider,
  type ExecutionEventListener,
} from "@nomicfoundation/ignition-core";
import { loadAddresses, parseAddresses, type Addresses } from "@lode/sdk/addresses";
import { LodeError } from "@lode/sdk/errors";
import { createPublicClient, http, type PublicClient } from "viem";
import { lodeModule } from "../../contracts/ignition/lode.ts";
import { networkOf } from "../../contracts/ignition/networks.ts";
import { randomnessOf, refusals, type Settings } from "../../contracts/ignition/settings.ts";
import { artifacts } from "./artifacts.ts";
import { ensureCompiled } from "./compile.ts";

export interface DeployOptions {
  readonly rpcUrl: string;
  /** Sends the deployer's transactions. */
  readonly provider: EIP1193Provider;
  readonly settings: Settings;
  /** Where Ignition keeps its journal: a second run on the same chain goes on from there. */
  readonly deploymentDir: string;
  /** The addresses are written here. */
  readonly addressesFile: string;
  /** Blocks on top of each transaction; the network's own figure when left out. */
  readonly confirmations?: number;
  /** Milliseconds between looks for a new block. */
  readonly pollingMs?: number;
  /** Called after each contract or call with what was done. */
  readonly onStep?: (step: string) => void;
}

/** The contracts that a file of addresses names, when it names all of them and they are on this chain. */
export async function findDeployed(
  chain: Pick<PublicClient, "getChainId" | "getCode">,
  addressesFile: string,
): Promise<Addresses | undefined> {
  const known = readAddresses(addressesFile);
  if (known === undefined) return undefined;
  const { chainId, deployedAtBlock: _, ...contracts } = known;
  if (chainId !== (await chain.getChainId())) return undefined;
  const codes = await Promise.all(Object.values(contracts).map((address) => chain.getCode({ address })));
  return codes.includes(undefined) ? undefined : known;
}

/** Undefined when there is no file, or one of a deployment with other contracts. */
function readAddresses(file: string): Addresses | undefined {
  try {
    return loadAddresses(file);
  } catch (error) {
    if (error instanceof LodeError) return undefined;
    throw error;
  }
}

/** Deploys and wires every contract, once: a second call on the same chain does nothing, one after a kill goes on. */
export async function deployContracts(options: DeployOptions): Promise<Addresses> {
  const { settings, deploymentDir, addressesFile } = options;
  const chain = createPublicClient({ transport: http(options.rpcUrl) });
  const known = await findDeployed(chain, addressesFile);
  if (known !== undefined) return known;
  const against = refusals(settings);
  if (against.length > 0) {
    throw new LodeError("development_settings", against.join("\n"), { exitCode: 2 });
  }
  await ensureCompiled();
  mkdirSync(deploymentDir, { recursive: true });
  const deployedAtBlock = await firstBlock(chain, deploymentDir);
  dropTornList(deploymentDir);
  const result = await deploy({
    artifactResolver: artifacts,
    provider: options.provider,
    deploymentDir,
    ignitionModule: lodeModule(settings),
    deploymentParameters: {},
    accounts: [settings.deployer],
    ...(options.onStep === undefined ? {} : { executionEventListener: reporter(options.onStep) }),
    config: {
      blockPollingInterval: options.pollingMs ?? 1_000,
      requiredConfirmations: options.confirmations ?? networkOf(settings.chainId).confirmations,
    },
  });
  const addresses = addressesOf(result, settings.chainId, deployedAtBlock);
  mkdirSync(dirname(addressesFile), { recursive: true });
  writeWhole(addressesFile, `${JSON.stringify(addresses, null, 2)}\n`);
  return addresses;
}

/**
 * Ignition writes its list of addresses in place: a kill in that moment leaves a part of it, on which every later run would end. The journal
 * beside it tells what is deployed; the list is for people.
 */
function dropTornList(deploymentDir: string): void {
  const file = join(deploymentDir, "deployed_addresses.json");
  if (!existsSync(file)) return;
  try {
    JSON.parse(readFileSync(file, "utf8"));
  } catch {
    rmSync(file);
  }
}

/** The chain's block before the first transaction, also when an earlier run sent that. */
async function firstBlock(chain: PublicClient, deploymentDir: string): Promise<number> {
  const file = join(deploymentDir, "started.json");
  if (existsSync(file)) return (JSON.parse(readFileSync(file, "utf8")) as { block: number }).block;
  const block = Number(await chain.getBlockNumber({ cacheTime: 0 }));
  writeWhole(file, `${JSON.stringify({ block })}\n`);
  return block;
}

function addressesOf(result: DeploymentResult, chainId: number, deployedAtBlock: number): Addresses {
  if (result.type !== DeploymentResultType.SUCCESSFUL_DEPLOYMENT) throw failure(result);
  const at = (name: string): string => result.contracts[`Lode#${name}`]?.address ?? "";
  return parseAddresses({
    chainId,
    accessManager: at("AccessManager"),
    timelock: at("TimelockController"),
    lodeToken: at("LodeToken"),
    staking: at("Staking"),
    paymentEscrow: at("PaymentEscrow"),
    receiptLedger: at("ReceiptLedger"),
    randomness: at(randomnessOf(chainId).source === "block" ? "BlockRandomness" : "DrandRandomness"),
    recovery: at("Recovery"),
    rewards: at("Rewards"),
    faultProofs: at("FaultProofs"),
    demands: at("Demands"),
    court: at("Court"),
    ...(result.contracts["Lode#ZkJobs"] !== undefined && { zkJobs: at("ZkJobs") }),
    ...(result.contracts["Lode#ZkSettlement"] !== undefined && { zkSettlement: at("ZkSettlement") }),
    deployedAtBlock,
  });
}

/** What went wrong, in words, and what to do. */
function failure(result: Exclude<DeploymentResult, { type: DeploymentResultType.SUCCESSFUL_DEPLOYMENT }>): LodeError {
  if (result.type === DeploymentResultType.RECONCILIATION_ERROR) {
    const differences = Object.entries(result.errors).map(([future, errors]) => `${future}: ${errors.join("; ")}`);
    const text = `An earlier run began with other settings or sources; go on with those, or start anew elsewhere:`;
    return new LodeError("other_settings", [text, ...differences].join("\n"), { exitCode: 2 });
  }
  if (result.type === DeploymentResultType.EXECUTION_ERROR) {
    const failed = result.failed.map(({ futureId, error }) => `${futureId}: ${error}`);
    const late = result.timedOut.map(({ futureId }) => `${futureId} was not confirmed in time`);
    const text = "The deployment stopped; what is done stays done, and the same command goes on from there:";
    return new LodeError("deployment_stopped", [text, ...failed, ...late].join("\n"), { exitCode: 5 });
  }
  return new LodeError("deployment_failed", `The deployment failed: ${JSON.stringify(result)}`, { exitCode: 5 });
}

function reporter(onStep: (step: string) => void): ExecutionEventListener {
  const done = async ({ futureId }: { futureId: string }): Promise<void> => onStep(futureId.replace("Lode#", ""));
  const listener: Partial<ExecutionEventListener> = {
    deploymentExecutionStateComplete: done,
    callExecutionStateComplete: done,
  };
  // Ignition calls every method of a listener; the others have nothing to say here.
  return new Proxy(listener, {
    get: (target, name) => (target as Record<string | symbol, unknown>)[name] ?? (() => undefined),
  }) as ExecutionEventListener;
}

/** Writes beside the name and renames, so that a kill leaves the old file or the new one. */
function writeWhole(file: string, text: string): void {
  const draft = `${file}.draft`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}
