import type { EIP1193Provider } from "@nomicfoundation/ignition-core";
import type { Signer } from "@lode/sdk/keys";
import { hexToBigInt, type Hex, type PublicClient, type TransactionSerializable } from "viem";

/** A transaction as a node would sign it for an account of its own. */
interface Asked {
  readonly to?: Hex;
  readonly data?: Hex;
  readonly value?: Hex;
  readonly gas: Hex;
  readonly nonce: Hex;
  readonly gasPrice?: Hex;
  readonly maxFeePerGas?: Hex;
  readonly maxPriorityFeePerGas?: Hex;
}

/** A node's provider that signs transactions here, with a key that the node does not have. */
export function signingProvider(node: PublicClient, signer: Signer, chainId: number): EIP1193Provider {
  const account = signer.toViemAccount();
  return {
    async request({ method, params }) {
      if (method !== "eth_sendTransaction") return node.request({ method, params } as never);
      const [asked] = params as [Asked];
      const serializedTransaction = await account.signTransaction(toSign(asked, chainId));
      return node.request({ method: "eth_sendRawTransaction", params: [serializedTransaction] });
    },
  };
}

function toSign(asked: Asked, chainId: number): TransactionSerializable {
  const { to, data, value = "0x0", gas, nonce, gasPrice, maxFeePerGas, maxPriorityFeePerGas } = asked;
  const rest = {
    chainId,
    ...(to === undefined ? {} : { to }),
    ...(data === undefined ? {} : { data }),
    value: hexToBigInt(value),
    gas: hexToBigInt(gas),
    nonce: Number(nonce),
  };
  if (maxFeePerGas === undefined || maxPriorityFeePerGas === undefined) {
    return { ...rest, type: "legacy", ...(gasPrice === undefined ? {} : { gasPrice: hexToBigInt(gasPrice) }) };
  }
  return {
    ...rest,
    type: "eip1559",
    maxFeePerGas: hexToBigInt(maxFeePerGas),
    maxPriorityFeePerGas: hexToBigInt(maxPriorityFeePerGas),
  };
}
