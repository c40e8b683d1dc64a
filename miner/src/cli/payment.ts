import { parseSignature, type Hex } from "viem";
import type { Act } from "../chain/act.ts";
import { showAmount } from "./amounts.ts";
import type { Setting } from "./acts.ts";

/** How long a signed approval may be used. */
const permitSeconds = 3_600n;

/**
 * The act with what lets its contract take the caller's tokens: a permit signed by the wallet when `withPermit` names
 * the function that takes one, else an approval of the exact amount, unless one that suffices is there.
 */
export async function payFor(
  { self, context, chain }: Pick<Setting, "self" | "context" | "chain">,
  act: Act,
  amountWei: bigint,
  withPermit: string | undefined,
): Promise<Act[]> {
  const { client, contracts } = chain;
  const spender = act.contract.address;
  if (withPermit !== undefined) {
    const permit = await signPermit({ context, chain }, spender, amountWei);
    return [{ ...act, functionName: withPermit, args: [...act.args, permit] }];
  }
  const allowedWei = await client.readContract({
    ...contracts.token,
    functionName: "allowance",
    args: [self, spender],
  });
  if (allowedWei >= amountWei) return [act];
  const approve: Act = {
    what: `allow ${spender} to take ${showAmount(amountWei)}`,
    contract: contracts.token,
    functionName: "approve",
    args: [spender, amountWei],
  };
  return [approve, act];
}

async function signPermit(
  { context, chain }: Pick<Setting, "context" | "chain">,
  spender: Hex,
  amountWei: bigint,
): Promise<{ deadline: bigint; v: number; r: Hex; s: Hex }> {
  const { client, contracts, addresses } = chain;
  const signer = await context.signer();
  const [nonce, [, name, version], block] = await Promise.all([
    client.readContract({ ...contracts.token, functionName: "nonces", args: [signer.address] }),
    client.readContract({ ...contracts.token, functionName: "eip712Domain" }),
    client.getBlock(),
  ]);
  const deadline = block.timestamp + permitSeconds;
  const signature = await signer.toViemAccount().signTypedData({
    domain: { name, version, chainId: addresses.chainId, verifyingContract: contracts.token.address },
    types: {
      Permit: [
        { name: "owner", type: "address" },
        { name: "spender", type: "address" },
        { name: "value", type: "uint256" },
        { name: "nonce", type: "uint256" },
        { name: "deadline", type: "uint256" },
      ],
    },
    primaryType: "Permit",
    message: { owner: signer.address, spender, value: amountWei, nonce, deadline },
  });
  const { r, s, yParity } = parseSignature(signature);
  return { deadline, v: 27 + yParity, r, s };
}
