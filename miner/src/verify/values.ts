import { concat, keccak, type Hex } from "@lode/sdk/hash";
import type { RecheckedToken } from "../engines/index.ts";
import { encodeCandidates, fingerprintSize } from "@lode/protocol";

/**
 * What a juror shows of its work: for each output position keccak256 of the position (u32) and of the eight best tokens with
 * their raw logits (u32, f32, big endian). Equal for all who run one engine class, and known only to who ran it.
 * @param offset position of the first token: output that other attempts had delivered counts
 */
export function referenceValues(tokens: readonly Pick<RecheckedToken, "top">[], offset: number): Hex[] {
  return tokens.map(({ top }, index) => {
    const place = Buffer.alloc(4);
    place.writeUInt32BE(offset + index);
    return keccak(concat(place, encodeCandidates(top.slice(0, fingerprintSize))));
  });
}
