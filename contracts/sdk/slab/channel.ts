import { encodeAbiParameters } from "viem";
import { keccak, hexToBytes, type Hex } from "../hash/index.ts";
import type { SlabPoint } from "./curve.ts";

/** The settlement contract that vouchers are for. */
export interface SlabDomain {
  readonly chainId: number;
  readonly zkSettlement: Hex;
}

/** A channel as it was opened: `IZkSettlement.Channel`. */
export interface SlabChannel {
  readonly payee: Hex;
  readonly slot: number;
  readonly generation: bigint;
  readonly client: Hex;
  readonly key: SlabPoint;
}

const word = (type: string, name: string): { type: string; name: string } => ({ type, name });
const keyWords = [word("uint256", "x"), word("uint256", "y")];

/** keccak256 cut to 253 bits: always a field element. */
function fieldHash(types: readonly object[], values: readonly unknown[]): bigint {
  return BigInt(keccak(hexToBytes(encodeAbiParameters(types as never, values as never)))) >> 3n;
}

/** What vouchers and leaves name a channel by: a field element bound to chain, contract and everything in the channel. */
export function slabChannelId({ chainId, zkSettlement }: SlabDomain, channel: SlabChannel): bigint {
  const components = [
    word("address", "payee"),
    word("uint32", "slot"),
    word("uint64", "generation"),
    word("address", "client"),
    { ...word("tuple", "key"), components: keyWords },
  ];
  const types = [word("uint256", "chainId"), word("address", "contract"), { ...word("tuple", "channel"), components }];
  const [x, y] = channel.key;
  return fieldHash(types, [BigInt(chainId), zkSettlement, { ...channel, key: { x, y } }]);
}

/** What a key signs to be registered as the client's: a field element bound to chain, contract and client. */
export function slabKeyMessage({ chainId, zkSettlement }: SlabDomain, client: Hex, [x, y]: SlabPoint): bigint {
  const types = [word("uint256", "chainId"), word("address", "contract"), word("address", "client"), ...keyWords];
  return fieldHash(types, [BigInt(chainId), zkSettlement, client, x, y]);
}
