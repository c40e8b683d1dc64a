import { canonicalJson, concat, hexToBytes, keccak, type Hex } from "@lode/sdk/hash";
import Type, { type Static } from "typebox";
import { limits } from "./limits.ts";

/** One message of a conversation, as the miner's chat template receives it. */
export const ChatMessage = Type.Object(
  {
    role: Type.Union([Type.Literal("system"), Type.Literal("user"), Type.Literal("assistant"), Type.Literal("tool")]),
    content: Type.String({ maxLength: limits.bodyBytes }),
  },
  { additionalProperties: false },
);
export type ChatMessage = Static<typeof ChatMessage>;

/** What a job asks: a conversation. */
export const Prompt = Type.Object(
  { messages: Type.Array(ChatMessage, { minItems: 1, maxItems: limits.messages }) },
  { additionalProperties: false },
);
export type Prompt = Static<typeof Prompt>;

const text = new TextEncoder();

/** Salted commitment to a prompt: keccak256(promptSalt, canonical JSON). */
export function promptCommitment(promptSalt: Hex, prompt: Prompt): Hex {
  return keccak(concat(hexToBytes(promptSalt), text.encode(canonicalJson(prompt))));
}

/** The sampling seed of a client that names one: the same number gives the same draws in every job. */
export function seedOfClient(seed: number | string): Hex {
  return keccak(text.encode(`lode-seed-v1:${seed}`));
}

/** The sampling seed when the client names none: neither side can steer it by choosing last. */
export function seedOfNonces(clientNonce: Hex, counter: bigint, coordinatorNonce: Hex): Hex {
  const count = new Uint8Array(8);
  new DataView(count.buffer).setBigUint64(0, counter);
  return keccak(concat(hexToBytes(clientNonce), count, hexToBytes(coordinatorNonce)));
}

/** The coordinator's part of a seed, fixed by a secret whose hash was anchored before. */
export function coordinatorNonce(epochSecret: Hex, counter: bigint): Hex {
  const count = new Uint8Array(8);
  new DataView(count.buffer).setBigUint64(0, counter);
  return keccak(concat(hexToBytes(epochSecret), count));
}

/** Most tokens a prompt can have: byte-level vocabularies never need more than one a byte, templates add a few a message. */
export function inputTokenBound(prompt: Prompt): number {
  return prompt.messages.reduce((sum, { role, content }) => sum + text.encode(role + content).length + 16, 16);
}
