import { globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deploy, DeploymentResultType, type Artifact, type ArtifactResolver } from "@nomicfoundation/ignition-core";
import { loadAddresses, parseAddresses, type Addresses } from "@lode/sdk/addresses";
import { LodeError } from "@lode/sdk/errors";
import { anvilSigner } from "@lode/sdk/keys";
import { createPublicClient, createWalletClient, http, type PublicClient } from "viem";
import { lodeModule } from "../../contracts/ignition/lode.ts";
import { root } from "../root.ts";
import { ensureCompiled } from "./compile.ts";

export interface DeployOptions {
  readonly rpcUrl: string;
  /** Where Ignition keeps its journal: a second run on the same chain goes on from there. */
  readonly deploymentDir: string;
  /** The addresses are written here. */
  readonly addressesFile: string;
}

/** Artifacts straight from Hardhat's output, without starting Hardhat. */
const resolver: ArtifactResolver = {
  async loadArtifact(name) {
    const [file] = globSync(`artifacts/**/${name}.sol/${name}.json`, { cwd: root });
    if (file === undefined) throw new Error(`there is no compiled contract ${name}`);
    return JSON.parse(readFileSync(join(root, file), "utf8")) as Artifact;
  },
  async getBuildInfo() {
    return undefined;
  },
};

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

/** Deploys to a development chain with its first account, once. A second call on the same chain does nothing. */
export async function deployContracts(options: DeployOptions): Promise<Addresses> {
  const transport = http(options.rpcUrl);
  const reader = createPublicClient({ transport });
  const chainId = await reader.getChainId();
  const deployer = anvilSigner(0, chainId);
  const known = await findDeployed(reader, options.addressesFile);
  if (known !== undefined) return known;
  await ensureCompiled();
  const deployedAtBlock = Number(await reader.getBlockNumber());
  const writer = createWalletClient({ transport, account: deployer.toViemAccount() });
  mkdirSync(options.deploymentDir, { recursive: true });
  const result = await deploy({
    artifactResolver: resolver,
    provider: { request: async (call) => writer.request(call as never) },
    deploymentDir: options.deploymentDir,
    ignitionModule: lodeModule,
    deploymentParameters: {},
    accounts: [deployer.address],
    config: { blockPollingInterval: 20, requiredConfirmations: 1 },
  });
  if (result.type !== DeploymentResultType.SUCCESSFUL_DEPLOYMENT) {
    throw new Error(`The deployment failed: ${JSON.stringify(result)}`);
  }
  const at = (name: string): string => result.contracts[`Lode#${name}`]?.address ?? "";
  const addresses = parseAddresses({
    chainId,
    accessManager: at("AccessManager"),
    timelock: at("TimelockController"),
    lodeToken: at("LodeToken"),
    staking: at("Staking"),
    paymentEscrow: at("PaymentEscrow"),
    receiptLedger: at("ReceiptLedger"),
    randomness: at("BlockRandomness"),
    recovery: at("Recovery"),
    rewards: at("Rewards"),
    faultProofs: at("FaultProofs"),
    demands: at("Demands"),
    court: at("Court"),
    deployedAtBlock,
  });
  mkdirSync(dirname(options.addressesFile), { recursive: true });
  const draft = `${options.addressesFile}.draft`;
  writeFileSync(draft, `${JSON.stringify(addresses, null, 2)}\n`);
  renameSync(draft, options.addressesFile);
  return addresses;
}
