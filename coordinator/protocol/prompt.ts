import { canonicalJson, concat, hexToBytes, keccak, type Hex } from "@lode/sdk/hash";
import Type, { type Static } from "typebox";
import type { EmbeddingInput } from "./embeddings.ts";
import type { ImagePrompt } from "./images.ts";
import { limits } from "./limits.ts";

/** A function that the model may ask to be called. */
export const Tool = Type.Object(
  {
    name: Type.String({ pattern: "^[A-Za-z0-9_-]{1,64}$" }),
    description: Type.Optional(Type.String({ maxLength: limits.toolChars })),
    /** JSON schema of the arguments, as text: the order of its properties is part of the prompt. Absent: none. */
    parameters: Type.Optional(Type.String({ minLength: 2, maxLength: limits.toolChars })),
  },
  { additionalProperties: false },
);
export type Tool = Static<typeof Tool>;

/** A call that the model asked for in an earlier message. */
export const ToolCall = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 64 }),
    name: Type.String({ pattern: "^[A-Za-z0-9_-]{1,64}$" }),
    /** A JSON object, as text. */
    arguments: Type.String({ minLength: 2, maxLength: limits.bodyBytes }),
  },
  { additionalProperties: false },
);
export type ToolCall = Static<typeof ToolCall>;

/** One message of a conversation, as the miner's chat template receives it. */
export const ChatMessage = Type.Object(
  {
    role: Type.Union([Type.Literal("system"), Type.Literal("user"), Type.Literal("assistant"), Type.Literal("tool")]),
    content: Type.String({ maxLength: limits.bodyBytes }),
    /** Of an assistant's message: the calls that it asked for. */
    toolCalls: Type.Optional(Type.Array(ToolCall, { minItems: 1, maxItems: limits.tools })),
    /** Of a tool's message: the call that it answers. */
    toolCallId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  },
  { additionalProperties: false },
);
export type ChatMessage = Static<typeof ChatMessage>;

/** What a job asks: a conversation, and the tools that the model may ask for. */
export const Prompt = Type.Object(
  {
    messages: Type.Array(ChatMessage, { minItems: 1, maxItems: limits.messages }),
    tools: Type.Optional(Type.Array(Tool, { minItems: 1, maxItems: limits.tools })),
  },
  { additionalProperties: false },
);
export type Prompt = Static<typeof Prompt>;

/** A text that the answer goes on behind: the whole prompt, without a template. */
export const TextPrompt = Type.Object(
  { text: Type.String({ minLength: 1, maxLength: limits.bodyBytes }) },
  { additionalProperties: false },
);
export type TextPrompt = Static<typeof TextPrompt>;

/** A token of a model's vocabulary. */
export const TokenId = Type.Integer({ minimum: 0, maximum: 4_294_967_295 });

/** Tokens that the answer goes on behind, exactly these: nothing is put before or between them. */
export const TokenPrompt = Type.Object(
  { tokens: Type.Array(TokenId, { minItems: 1, maxItems: limits.promptTokens }) },
  { additionalProperties: false },
);
export type TokenPrompt = Static<typeof TokenPrompt>;

/** Everything that an answer can be asked for by. */
export const AnyPrompt = Type.Union([Prompt, TextPrompt, TokenPrompt]);
export type AnyPrompt = Static<typeof AnyPrompt>;

const text = new TextEncoder();

/** Salted commitment to a prompt: keccak256(promptSalt, canonical JSON). */
export function promptCommitment(promptSalt: Hex, prompt: AnyPrompt | EmbeddingInput | ImagePrompt): Hex {
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

/**
 * Most tokens a prompt can have: byte-level vocabularies never need more than one a byte, templates add a few a message
 * and, with tools, instructions and indented JSON.
 */
export function inputTokenBound(prompt: AnyPrompt): number {
  const lengthOf = (value: string): number => text.encode(value).length;
  if ("tokens" in prompt) return prompt.tokens.length;
  if ("text" in prompt) return 16 + lengthOf(prompt.text);
  const { messages, tools = [] } = prompt;
  const tokens = messages.map(({ role, content, toolCalls = [], toolCallId = "" }) => {
    const calls = toolCalls.map((call) => 64 + lengthOf(indented(call.arguments) + call.name + call.id));
    return lengthOf(role + content + toolCallId) + 16 + sum(calls);
  });
  const described = tools.map((tool) => {
    return 128 + lengthOf(tool.name + (tool.description ?? "") + indented(tool.parameters ?? ""));
  });
  return 16 + sum(tokens) + (tools.length === 0 ? 0 : 1024) + sum(described);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** JSON as the most generous template writes it; what is none stays as it is. */
function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 6);
  } catch {
    return json;
  }
}
