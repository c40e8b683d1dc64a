import type { Addresses } from "@lode/sdk/addresses";
import { anvilSigner } from "@lode/sdk/keys";
import { createPublicClient, http } from "viem";
import { developmentSettings } from "../../contracts/ignition/settings.ts";
import { deployContracts, type DeployOptions } from "./deploy.ts";
import { signingProvider } from "./signing-provider.ts";

/** Deploys to a development chain with its first account, which holds every role and token there. */
export async function deployToDevnet(
  options: Pick<DeployOptions, "rpcUrl" | "deploymentDir" | "addressesFile">,
): Promise<Addresses> {
  const chain = createPublicClient({ transport: http(options.rpcUrl) });
  const chainId = await chain.getChainId();
  const signer = anvilSigner(0, chainId);
  return deployContracts({
    ...options,
    pollingMs: 20,
    settings: developmentSettings(chainId, signer.address),
    provider: signingProvider(chain, signer, chainId),
  });
}
