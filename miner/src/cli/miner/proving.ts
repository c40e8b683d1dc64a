import type { Hex } from "@lode/sdk/hash";
import type { Signer } from "@lode/sdk/keys";
import type { ChainReader } from "../../chain/chain.ts";
import type { Classifications } from "../../daemon/classifications.ts";
import { exitCode, MinerError } from "../../errors.ts";
import { parseAmount } from "../amounts.ts";
import type { Io } from "../io.ts";
import type { StartOptions } from "./start-options.ts";

/**
 * What proves classifications, when this miner is to; undefined when not. The prover's packages are loaded only then.
 * Throws MinerError `usage` and `no_contract`.
 */
export async function provingOf(given: {
  readonly options: StartOptions;
  readonly env: Io["env"];
  readonly chain: ChainReader;
  readonly rpcUrl: string;
  readonly miner: Hex;
  readonly signer: Signer;
}): Promise<Classifications | undefined> {
  const { options, env, ...rest } = given;
  const least = options.prove ?? env["PROVE"];
  if (least === undefined) return undefined;
  const leastWei = parseAmount(least);
  if (rest.chain.addresses.zkJobs === undefined) {
    throw new MinerError("no_contract", "No contract on this chain takes proofs; start without --prove.", {
      exitCode: exitCode.usage,
    });
  }
  const [{ proverOf }, { Classifications }] = await Promise.all([
    import("@lode/zk-circuits"),
    import("../../daemon/classifications.ts"),
  ]);
  const prover = proverOf(options.prover ?? env["ZK_PROVER"]);
  return new Classifications({ ...rest, prover, leastWei, nowMs: Date.now });
}
