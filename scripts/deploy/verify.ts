import { verifyContract } from "@nomicfoundation/hardhat-verify/verify";
import { getVerificationInformation } from "@nomicfoundation/ignition-core";
import { LodeError } from "@lode/sdk/errors";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import config from "../../hardhat.config.ts";
import { root } from "../root.ts";

/**
 * Publishes each contract's source to Sourcify, where everybody can compile it and compare.
 * @param network a network of hardhat.config.ts, which takes its node from the environment
 * @returns the contracts' names by address
 */
export async function verifySources(
  deploymentDir: string,
  { network, rpcUrl }: { readonly network: string; readonly rpcUrl: string },
  say: (line: string) => void,
): Promise<Record<string, string>> {
  process.env["LODE_RPC_URL"] = rpcUrl;
  const hre = await createHardhatRuntimeEnvironment(config, { network }, root);
  const published: Record<string, string> = {};
  for await (const info of getVerificationInformation(deploymentDir)) {
    if (typeof info === "string") throw new LodeError("no_artifact", `The deployment has no sources of ${info}.`);
    const { address, constructorArgs, contract, libraries, creationTxHash } = info;
    say(`  ${contract} at ${address}`);
    await verifyContract(
      {
        ...{ address, constructorArgs: constructorArgs, contract, libraries, provider: "sourcify" },
        ...(creationTxHash === undefined ? {} : { creationTxHash }),
      },
      hre,
    );
    published[address] = contract;
  }
  return published;
}
