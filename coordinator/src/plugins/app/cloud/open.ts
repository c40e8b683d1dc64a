import { readFileSync } from "node:fs";
import { ledgerDomain } from "@lode/sdk/typed-data";
import type { Signer } from "@lode/sdk/keys";
import type { Chain } from "../chain/chain.ts";
import { ConfigError, type Config } from "../../external/config.ts";
import { Cloud, type CloudOptions } from "./cloud.ts";

interface CloudParts extends Pick<CloudOptions, "ledger" | "hub" | "nowMs" | "onEnd"> {
  readonly config: Config;
  readonly chain: Chain;
  readonly host: Signer | undefined;
}

/** The cloud that the configuration names; undefined when it names none, which is the default. Throws ConfigError. */
export function openCloud({ config, chain, host, ...parts }: CloudParts): Cloud | undefined {
  const { cloud, firstTokenMs, stallMs, deadlineSecs } = config;
  if (cloud === undefined) return undefined;
  if (host === undefined) {
    throw new ConfigError("CLOUD_URL", "needs a host's wallet that signs for the cloud: lode-coordinator init --host");
  }
  return new Cloud({
    ...parts,
    upstream: { url: cloud.url, key: cloud.key ?? keyIn(cloud.keyFile), firstTokenMs, stallMs },
    models: cloud.models,
    prices: { inputPriceWei: cloud.inputPriceWei, outputPriceWei: cloud.outputPriceWei },
    signer: host,
    domain: ledgerDomain(chain.addresses),
    deadlineSecs,
  });
}

/** What the file holds is never part of a message. */
function keyIn(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  let key: string;
  try {
    key = readFileSync(file, "utf8").trim();
  } catch {
    throw new ConfigError("CLOUD_API_KEY_FILE", `names ${file}, which cannot be read`);
  }
  if (!/^[\x21-\x7e]+$/.test(key)) throw new ConfigError("CLOUD_API_KEY_FILE", `names ${file}, which holds no key`);
  return key;
}
