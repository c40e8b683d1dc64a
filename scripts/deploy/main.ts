/** `npm run deploy`: the contracts on a real network. `--help` tells the options. */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { explainSystemError, LodeError } from "@lode/sdk/errors";
import { keystoreAddress, readPassword, unlockKeystore } from "@lode/sdk/keys";
import { createPublicClient, formatEther, http, type Hex, type PublicClient } from "viem";
import { networks } from "../../contracts/ignition/networks.ts";
import { refusals, type Settings } from "../../contracts/ignition/settings.ts";
import { root } from "../root.ts";
import { deployContracts, findDeployed } from "./deploy.ts";
import { help, readOptions, type Options } from "./options.ts";
import { rehearse } from "./rehearse.ts";
import { signingProvider } from "./signing-provider.ts";
import { verifySources } from "./verify.ts";
import { checkWiring } from "./wiring.ts";

try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === undefined) console.log(help);
  else await run(options);
} catch (error) {
  const known = error instanceof LodeError ? error : explainSystemError(error);
  console.error(known?.message ?? error);
  process.exitCode = known?.exitCode ?? 5;
}

async function run(options: Options): Promise<void> {
  const { chainId } = networks[options.network];
  const say = (line: string): void => console.error(line);
  const node = createPublicClient({ transport: http(options.rpcUrl) });
  const its = await idOf(node, options.rpcUrl);
  if (its !== chainId) {
    throw new LodeError("other_chain", `The node is of chain ${its}, and ${options.network} is chain ${chainId}.`, {
      exitCode: 2,
    });
  }
  const deploymentDir = options.deployment ?? join(root, "contracts", "ignition", "deployments", `${chainId}`);
  const addressesFile = options.addresses ?? join(root, "contracts", "sdk", "addresses", `${chainId}.json`);
  if (options.mode === "verify") {
    const published = await verifySources(deploymentDir, options, say);
    print(options, { verified: published });
    return;
  }
  const settings: Settings = { ...options, chainId, deployer: await deployerOf(options) };
  if (options.mode !== "check") refuse(settings);
  const known = await findDeployed(node, addressesFile);
  if (options.mode === "check" || known !== undefined) {
    if (known === undefined) {
      throw new LodeError(
        "not_deployed",
        `${relative(process.cwd(), addressesFile)} names no deployment on ${options.network}.`,
      );
    }
    say(`Everything is deployed on ${options.network}; reading back who may do what ...`);
    await report(options, node, settings, known);
    return;
  }

  const isNew = !existsSync(join(deploymentDir, "journal.jsonl"));
  if (isNew || options.mode === "dry-run") await rehearsal(options, node, settings, say);
  if (options.mode === "dry-run") return;
  const signer = await unlockKeystore(
    options.keystore ?? "",
    await readPassword({ file: options.passwordFile, env: process.env["LODE_PASSWORD"] }),
  );
  let steps = 0;
  const addresses = await deployContracts({
    rpcUrl: options.rpcUrl,
    provider: signingProvider(node, signer, chainId),
    settings,
    deploymentDir,
    addressesFile,
    ...(options.confirmations === undefined ? {} : { confirmations: options.confirmations }),
    onStep: (step) => say(`${`${++steps}`.padStart(3)}  ${step}`),
  });
  say(`Deployed; the addresses are in ${relative(process.cwd(), addressesFile)}.`);
  await report(options, node, settings, addresses);
}

/** Shows what the deployment will do and cost, and refuses when the deployer cannot pay for it. */
async function rehearsal(
  options: Options,
  node: PublicClient,
  settings: Settings,
  say: (line: string) => void,
): Promise<void> {
  const address = settings.deployer as Hex;
  say("Rehearsing on this machine ...");
  const nonce = await node.getTransactionCount({ address, blockTag: "pending" });
  const { addresses, gas, transactions } = await rehearse(settings, nonce);
  const price = await node.getGasPrice();
  const costWei = gas * price;
  const hasWei = await node.getBalance({ address });
  for (const [name, where] of Object.entries(addresses)) {
    if (typeof where === "string") say(`  ${name.padEnd(16)} ${where}`);
  }
  say(`${transactions} transactions, ${gas} gas: ${formatEther(costWei)} ether at the present price.`);
  if (options.mode === "dry-run") {
    print(options, { addresses, gas: `${gas}`, transactions, costWei: `${costWei}`, balanceWei: `${hasWei}` });
  } else if (hasWei < costWei) {
    const text = `The deployer ${address} has ${formatEther(hasWei)} ether; the deployment needs ${formatEther(costWei)}.`;
    throw new LodeError("no_funds", text, { exitCode: 5 });
  }
}

async function report(
  options: Options,
  node: PublicClient,
  settings: Settings,
  addresses: Awaited<ReturnType<typeof deployContracts>>,
): Promise<void> {
  const differences = await checkWiring(node, addresses, settings);
  for (const difference of differences) console.error(`  ${difference}`);
  console.error(differences.length === 0 ? "Everybody may do exactly what they should." : "The chain differs.");
  if (differences.length > 0) process.exitCode = 1;
  print(options, { addresses, differences });
}

function refuse(settings: Settings): void {
  const against = refusals(settings);
  if (against.length > 0) throw new LodeError("development_settings", against.join("\n"), { exitCode: 2 });
}

async function deployerOf({ keystore, deployer }: Options): Promise<string> {
  return keystore === undefined ? (deployer ?? "") : (await keystoreAddress(keystore)).toLowerCase();
}

async function idOf(node: PublicClient, rpcUrl: string): Promise<number> {
  try {
    return await node.getChainId();
  } catch (cause) {
    const where = URL.canParse(rpcUrl) ? new URL(rpcUrl).host : "that address";
    throw new LodeError("no_node", `No node answers at ${where}; check --rpc-url.`, { exitCode: 5, cause });
  }
}

function print(options: Options, value: object): void {
  if (options.json) console.log(JSON.stringify(value));
}
