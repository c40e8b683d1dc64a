import type { Hex } from "@lode/sdk/hash";
import { concatHex, pad, size, slice } from "viem";
import type { ChainReader } from "./chain.ts";
import type { RawCall, RawOutcome } from "./simulate.ts";

/**
 * A loop over its calldata, items of (to, length, data): it calls each and returns items of (success, length, data).
 * Standing where the sender's code would be, every call has the sender as `msg.sender`. The stack is [out, in].
 */
const loop: Hex = concatHex([
  "0x5f5f", // out = 0, in = 0
  "0x5b36811015604257", // while (in < calldatasize)
  "0x8060200135", //       length = calldata[in + 32]
  "0x80826040018460400137", // copy the data to memory[out + 64]
  "0x5f5f8285604001", //   nothing is copied back by the call itself; its input is there
  "0x5f86355af1", //       success = call(gas, calldata[in], 0, input)
  "0x8352", //             memory[out] = success
  "0x3d8360200152", //     memory[out + 32] = returndatasize
  "0x3d5f846040013e", //   memory[out + 64...] = the return data
  "0x01604001", //         in = in + 64 + length
  "0x903d0160400190", //   out = out + 64 + returndatasize
  "0x600256", //           again
  "0x5b505ff3", //         return memory[0...out]
]);

/**
 * Runs calls one after the other in one `eth_call`, each on the state that the one before left. It cannot say what gas
 * each would take as a transaction of its own: storage that one call touched is cheap for the next.
 */
export async function runInOneCall(
  { client }: ChainReader,
  from: Hex,
  calls: readonly RawCall[],
): Promise<RawOutcome[]> {
  const items = calls.map(({ to, data }) => concatHex([pad(to), pad(`0x${size(data).toString(16)}`), data]));
  const { data: returned = "0x" } = await client.call({
    account: from,
    to: from,
    data: concatHex(items),
    stateOverride: [{ address: from, code: loop }],
  });
  let at = 0;
  const take = (bytes: number): Hex => {
    at += bytes;
    return bytes === 0 ? "0x" : slice(returned, at - bytes, at);
  };
  return calls.map(() => {
    const isDone = BigInt(take(32)) === 1n;
    return { isDone, data: take(Number(take(32))) };
  });
}
