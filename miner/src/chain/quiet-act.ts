import type { Signer } from "@lode/sdk/keys";
import { preview, send, type Act } from "./act.ts";
import type { ChainReader } from "./chain.ts";

/** Carries out acts without telling anybody: simulated first, so that a refusal costs no gas. Throws MinerError. */
export async function actQuietly(
  chain: ChainReader,
  rpcUrl: string,
  signer: Signer,
  acts: readonly Act[],
): Promise<void> {
  const plan = { acts, readings: [] };
  await send(chain, rpcUrl, signer, plan, await preview(chain, signer.address, plan), () => undefined);
}
