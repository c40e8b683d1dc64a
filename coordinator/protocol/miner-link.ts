import Type, { type Static, type TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { EmbeddingInput } from "./embeddings.ts";
import { ProtocolError } from "./errors.ts";
import { ImagePrompt } from "./images.ts";
import { limits } from "./limits.ts";
import { AnyPrompt } from "./prompt.ts";
import { SamplerParams } from "./sampler.ts";
import {
  AddressText,
  Bytes32,
  Decimal,
  ServiceTermsSchema,
  SignatureText,
  SignedLeafSchema,
  SignedVoucherSchema,
  structSchema,
} from "./structs.ts";

const message = <T extends Record<string, TSchema>, N extends string>(type: N, fields: T) =>
  Type.Object({ type: Type.Literal(type), ...fields }, { additionalProperties: false, title: type });

const Reason = { code: Type.String({ maxLength: 64 }), message: Type.String({ maxLength: 500 }) };
const SignedProgress = Type.Object(
  { progress: structSchema("Progress"), batch: SignedLeafSchema },
  { additionalProperties: false },
);
export type SignedProgress = Static<typeof SignedProgress>;

/** A model's name, as clients ask for it. */
const ModelId = Type.String({ minLength: 1, maxLength: 128, pattern: "^[A-Za-z0-9][A-Za-z0-9._:/-]*$" });

/** A model that a miner has loaded or can load. */
export const OfferedModel = Type.Object(
  {
    id: ModelId,
    digest: Bytes32,
    engineClass: Bytes32,
    contextTokens: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
    sizeBytes: Type.Integer({ minimum: 0 }),
    /** How long it takes to load where it is not loaded, milliseconds; absent: it is always loaded, or nobody has measured it. */
    loadMs: Type.Optional(Type.Integer({ minimum: 0, maximum: limits.loadMs })),
    /** How many alternatives it tells the probabilities of, with each token's own; absent: it tells none. */
    logprobs: Type.Optional(Type.Integer({ minimum: 0, maximum: limits.topLogprobs })),
    /** A prompt may name tokens itself, whose ids are below this; absent: it takes texts only. */
    vocabulary: Type.Optional(Type.Integer({ minimum: 1, maximum: 4_294_967_295 })),
    /** It tells how many tokens a prompt has, unpaid; absent: it does not. */
    counts: Type.Optional(Type.Boolean()),
    /** It makes pictures, and nothing else; absent: it makes none. */
    images: Type.Optional(Type.Literal(true)),
  },
  { additionalProperties: false },
);
export type OfferedModel = Static<typeof OfferedModel>;

/**
 * So many jobs of a model reach this miner about together, the one that says so included: worth reading their prompts in one pass, for which the
 * first may wait so long. It binds nobody.
 */
export const BatchHint = Type.Object(
  {
    size: Type.Integer({ minimum: 2, maximum: limits.batchJobs }),
    windowMs: Type.Number({ minimum: 0, maximum: limits.batchWindowMs }),
  },
  { additionalProperties: false },
);
export type BatchHint = Static<typeof BatchHint>;

/** A model that clients ask for, and the name by which they do. Fields that this version does not know are let pass: what is wanted will be told in more detail. */
export const WantedModel = Type.Object({ digest: Bytes32, id: Type.Optional(ModelId) });
export type WantedModel = Static<typeof WantedModel>;

/** What a miner can do and asks for it. Prices are wei per token. */
export const Capabilities = Type.Object(
  {
    version: Type.String({ maxLength: 64 }),
    concurrency: Type.Integer({ minimum: 1, maximum: 1024 }),
    models: Type.Array(OfferedModel, { maxItems: limits.models }),
    /** Id of the place where it stands; it is believed as far as its round trips allow. */
    place: Type.Optional(Type.String({ maxLength: 64 })),
    /** Whether it proves classifications for the contract ZkJobs. */
    proves: Type.Optional(Type.Boolean()),
    hardware: Type.Record(Type.String({ maxLength: 64 }), Type.Union([Type.String({ maxLength: 256 }), Type.Number()])),
    ask: Type.Optional(
      Type.Object({ inputPriceWei: Decimal, outputPriceWei: Decimal }, { additionalProperties: false }),
    ),
  },
  { additionalProperties: false },
);
export type Capabilities = Static<typeof Capabilities>;

export const ContractAddresses = Type.Object({
  chainId: Type.Integer(),
  accessManager: AddressText,
  lodeToken: AddressText,
  staking: AddressText,
  paymentEscrow: AddressText,
  receiptLedger: AddressText,
  deployedAtBlock: Type.Integer({ minimum: 0 }),
});

/** Everything a coordinator says to a miner. */
export const CoordinatorMessage = Type.Union([
  message("challenge", {
    protocol: Type.Literal(1),
    nonce: Bytes32,
    coordinator: AddressText,
    addresses: ContractAddresses,
    serverTimeMs: Type.Integer(),
  }),
  message("welcome", { sessionId: Type.String({ maxLength: 64 }), heartbeatSecs: Type.Number({ minimum: 0.1 }) }),
  message("job", {
    assignment: structSchema("Assignment"),
    batch: SignedLeafSchema,
    quote: structSchema("Quote"),
    quoteSignature: SignatureText,
    /** What the quote promises of the first token, where it promises anything. */
    service: Type.Optional(ServiceTermsSchema),
    /**
     * Texts ask for vectors, which come in vector frames and end without an end frame; an image's frames are a picture, which is
     * acknowledged when it is whole. `sampler` and `stop` mean nothing then.
     */
    prompt: Type.Union([...AnyPrompt.anyOf, EmbeddingInput, ImagePrompt]),
    promptSalt: Bytes32,
    jobSalt: Bytes32,
    prefixTokens: Type.Array(Type.Integer({ minimum: 0, maximum: 4294967295 }), { maxItems: limits.outputTokens }),
    sampler: SamplerParams,
    stop: Type.Array(Type.String({ minLength: 1, maxLength: limits.stopChars }), { maxItems: limits.stops }),
    /** The miner's context as it offered it; with `sampler` and `stop` under the assignment's samplerHash. */
    contextTokens: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
    /** The tokens' probabilities are wanted, and those of so many alternatives. They bind nobody: no receipt commits to them. */
    logprobs: Type.Optional(Type.Integer({ minimum: 0, maximum: limits.topLogprobs })),
    batchHint: Type.Optional(BatchHint),
  }),
  message("ack", { items: Type.Array(SignedProgress, { minItems: 1, maxItems: limits.acks }) }),
  message("cancel", { assignment: Bytes32, deliveredTokens: Type.Integer({ minimum: 0 }) }),
  message("accepted", {
    assignment: Bytes32,
    logIndex: Type.Integer({ minimum: 0 }),
    creditIndex: Type.Integer({ minimum: 0 }),
  }),
  message("rejected", { assignment: Bytes32, ...Reason }),
  message("voucher", {
    ...SignedVoucherSchema.properties,
    /** Of the clients that back it, those whose voucher did not go out on this link before. */
    funding: Type.Array(SignedVoucherSchema, { maxItems: limits.funding }),
  }),
  // A classification that the contract ZkJobs pays: its number there, and the input that its commitment hides.
  message("prove", {
    id: Bytes32,
    job: Decimal,
    features: Type.String({ pattern: "^0x[0-9a-f]{256}$" }),
    salt: Bytes32,
  }),
  // How many tokens a prompt has for a model; nobody pays for it, and nothing is signed.
  message("count", { id: Bytes32, model: Bytes32, prompt: AnyPrompt }),
  message("drain", {}),
  // The most wanted first; it replaces the list before.
  message("wanted", { models: Type.Array(WantedModel, { maxItems: limits.models }) }),
  message("error", { ...Reason, fatal: Type.Boolean() }),
]);
export type CoordinatorMessage = Static<typeof CoordinatorMessage>;

/** Everything a miner says to a coordinator, beside token frames. */
export const MinerMessage = Type.Union([
  message("hello", {
    miner: AddressText,
    /** Where the miner found the coordinator, `URL.origin` of it: what it signs is good there and nowhere else. */
    origin: Type.String({ maxLength: limits.originChars }),
    timestampMs: Type.Integer({ minimum: 0 }),
    signature: SignatureText,
    capabilities: Capabilities,
    /** Assignments for which a receipt will follow, so that only the others are given up. */
    pending: Type.Array(Bytes32, { maxItems: limits.pendingReceipts }),
  }),
  message("heartbeat", {
    agent_id: AddressText,
    status: Type.Union([
      Type.Literal("available"),
      Type.Literal("busy"),
      Type.Literal("degraded"),
      Type.Literal("draining"),
    ]),
    current_load: Type.Number({ minimum: 0, maximum: 1 }),
    gpu_state: Type.Optional(
      Type.Object({
        temperature_c: Type.Number(),
        vram_used_mb: Type.Number({ minimum: 0 }),
        vram_total_mb: Type.Number({ minimum: 0 }),
        utilization_pct: Type.Number({ minimum: 0, maximum: 100 }),
      }),
    ),
    network_latency_ms: Type.Optional(Type.Number({ minimum: 0 })),
    models_loaded: Type.Array(Type.String({ maxLength: 128 }), { maxItems: limits.models }),
    /** Those of the others for which the models that work now leave no room: a job for one would be refused. */
    models_without_room: Type.Optional(Type.Array(Type.String({ maxLength: 128 }), { maxItems: limits.models })),
  }),
  /** Every minute: how the machine is. Energy counts from the miner's start and is the whole machine's. */
  message("metrics", {
    cpu_load_pct: Type.Number({ minimum: 0, maximum: 100 }),
    memory_used_mb: Type.Number({ minimum: 0 }),
    memory_total_mb: Type.Number({ minimum: 0 }),
    gpus: Type.Array(
      Type.Object(
        {
          name: Type.String({ maxLength: 128 }),
          utilization_pct: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
          vram_used_mb: Type.Optional(Type.Number({ minimum: 0 })),
          vram_total_mb: Type.Optional(Type.Number({ minimum: 0 })),
          temperature_c: Type.Optional(Type.Number()),
          power_w: Type.Optional(Type.Number({ minimum: 0 })),
        },
        { additionalProperties: false },
      ),
      { maxItems: limits.gpus },
    ),
    received_bytes: Type.Optional(Type.Number({ minimum: 0 })),
    sent_bytes: Type.Optional(Type.Number({ minimum: 0 })),
    energy_joules: Type.Optional(Type.Number({ minimum: 0 })),
    tokens_per_kj: Type.Optional(Type.Number({ minimum: 0 })),
  }),
  message("receipt", {
    receipt: structSchema("Receipt"),
    batch: SignedLeafSchema,
    /** The coordinator's own word for a stream that it may have forgotten. */
    lastAck: Type.Optional(SignedProgress),
  }),
  message("resumed", {}),
  /** It offers something else than in its hello: another model, usually. What runs goes on. */
  message("offers", { capabilities: Capabilities }),
  /** The contract was sent the proof, and paid. */
  message("proved", { id: Bytes32, transaction: Bytes32 }),
  message("unproved", { id: Bytes32, ...Reason }),
  message("counted", { id: Bytes32, tokens: Type.Integer({ minimum: 0, maximum: 4_294_967_295 }) }),
  message("uncounted", { id: Bytes32, code: Reason.code }),
  message("refuse", { assignment: Bytes32, ...Reason }),
  message("failed", { assignment: Bytes32, ...Reason }),
]);
export type MinerMessage = Static<typeof MinerMessage>;

interface Checker {
  Check(value: unknown): boolean;
}

/** Each side reads the other's messages only, and making a checker takes megabytes. */
const checkers: { coordinator?: Checker; miner?: Checker } = {};

function parse(text: string, checker: Checker): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ProtocolError("bad_message", "the message is not JSON", cause);
  }
  if (checker.Check(value)) return value;
  const type = (value as { type?: unknown } | null)?.type;
  throw new ProtocolError("bad_message", `the message "${String(type).slice(0, 60)}" does not fit its schema`);
}

/** Reads a text frame from a miner. Throws ProtocolError. */
export function parseMinerMessage(text: string): MinerMessage {
  return parse(text, (checkers.miner ??= Compile(MinerMessage))) as MinerMessage;
}

/** Reads a text frame from a coordinator. Throws ProtocolError. */
export function parseCoordinatorMessage(text: string): CoordinatorMessage {
  return parse(text, (checkers.coordinator ??= Compile(CoordinatorMessage))) as CoordinatorMessage;
}
