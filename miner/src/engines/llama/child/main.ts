/**
 * The engine's own process, and the only place that loads the inference library: a model file or a template that brings
 * it down takes no keys and no other job's receipts with it. It is started by `open.ts` and ends with its parent.
 */
import { Socket } from "node:net";
import { createChatPrompt } from "../../prompt/chat-prompt.ts";
import { openRenderer } from "../../prompt/template/renderer.ts";
import { encodeText } from "../../prompt/text-prompt.ts";
import { createMaskVocabulary, type MaskVocabulary } from "../../constraint/index.ts";
import { readVocabulary } from "../../gguf/vocabulary.ts";
import { createTextStream } from "../../text/text-stream.ts";
import { tokenBytes } from "../../text/token-bytes.ts";
import type { GenerateRequest } from "../../engine.ts";
import { EngineError } from "../../errors.ts";
import { createChannel } from "../channel.ts";
import type { FromChild, OpenOptions, ToChild } from "../messages.ts";
import { openBackend, type Backend } from "./backend.ts";
import { createEmbedder, type Embedder } from "./embedder.ts";
import type { Generator } from "./generate.ts";
import { createJobs, toWire, type Jobs } from "./jobs.ts";
import { createOutbox } from "./outbox.ts";
import { createPace, type Pace } from "./pace.ts";
import { countPrompt } from "./prepare.ts";
import { createRechecker, type Rechecker } from "./recheck.ts";
import { createSlots } from "./slots.ts";

async function createGenerator({ gguf, model, info }: Backend): Promise<Generator> {
  const vocabulary = readVocabulary(gguf);
  const bytesOf = tokenBytes(vocabulary);
  if (bytesOf === undefined) {
    throw new EngineError("model-unsupported", `The tokenizer family "${vocabulary.family}" is not supported.`);
  }
  const source = gguf.metadata.get("tokenizer.chat_template");
  if (typeof source !== "string") throw new EngineError("model-unsupported", "The model has no chat template.");
  const { bos, shouldPrependBosToken } = model.tokens;
  const tokenize = (text: string, parseControls: boolean): number[] => model.tokenize(text, parseControls);
  const first = shouldPrependBosToken && bos !== null ? bos : undefined;
  const encodeChat = createChatPrompt({ source, render: await openRenderer(source) }, vocabulary, tokenize, first);
  const isEnd = (id: number): boolean => model.isEogToken(id as Parameters<typeof model.isEogToken>[0]);
  const vocabularySize = vocabulary.tokens.length;
  let masks: MaskVocabulary | undefined;
  return {
    contextTokens: info.contextTokens,
    vocabularySize,
    encodePrompt: async (prompt) => {
      if ("tokens" in prompt) return [...prompt.tokens];
      return "text" in prompt ? encodeText(prompt.text, tokenize, first) : encodeChat(prompt);
    },
    createText: () => createTextStream(bytesOf, vocabulary.spacePrefix),
    isEnd,
    bytesOf,
    maskVocabulary: () => (masks ??= createMaskVocabulary(vocabularySize, bytesOf, isEnd, vocabulary.spacePrefix)),
  };
}

interface Opened {
  pace: Pace;
  jobs: Jobs;
  embedder: Embedder;
  rechecker: Rechecker;
  count: (prompt: GenerateRequest["prompt"]) => Promise<number>;
  opened: FromChild;
}

async function open(options: OpenOptions): Promise<Opened> {
  const backend = await openBackend(options);
  const pace = createPace(backend.info.sizeBytes, { usesCard: options.card !== undefined });
  const slots = createSlots(backend.context, options.sequences, pace);
  const generator = await createGenerator(backend);
  const tally = { drawn: 0 };
  return {
    jobs: createJobs(
      generator,
      slots,
      createOutbox(send, () => tally.drawn),
      tally,
    ),
    pace,
    embedder: createEmbedder(backend, generator.vocabularySize, pace),
    rechecker: createRechecker(generator, slots),
    count: (prompt) => countPrompt(generator, prompt),
    opened: { type: "opened", info: { ...backend.info, vocabulary: generator.vocabularySize } },
  };
}

async function recheck({ job, request }: Extract<ToChild, { type: "recheck" }>): Promise<void> {
  try {
    const answer = await rechecker?.(request);
    if (answer !== undefined) send({ type: "rechecked", job, recheck: answer });
  } catch (error) {
    send({ type: "recheck-failed", job, error: toWire(error) });
  }
}

async function countTokens({ job, prompt }: Extract<ToChild, { type: "count" }>): Promise<void> {
  try {
    const tokens = await count?.(prompt);
    if (tokens !== undefined) send({ type: "counted", job, tokens });
  } catch (error) {
    send({ type: "count-failed", job, error: toWire(error) });
  }
}

async function embed(message: Extract<ToChild, { type: "embed" }>): Promise<void> {
  const { job, request } = message;
  try {
    const answer = await embedder?.embed(request);
    if (answer === undefined) return;
    // A float32 survives the way through JSON.
    send({ type: "embedding", job, tokenIds: answer.tokenIds, vector: Array.from(answer.vector) });
  } catch (error) {
    send({ type: "embedding-failed", job, error: toWire(error) });
  }
}

const send = (message: FromChild, sent?: () => void): void => channel.send(message, sent);

let jobs: Jobs | undefined;
let pace: Pace | undefined;
let embedder: Embedder | undefined;
let rechecker: Rechecker | undefined;
let count: Opened["count"] | undefined;

function take(message: ToChild): void {
  switch (message.type) {
    case "open":
      open(message.options).then(
        ({ opened, ...created }) => {
          ({ jobs, pace, embedder, rechecker, count } = created);
          send(opened);
        },
        (error: unknown) => send({ type: "refused", error: toWire(error) }, () => process.exit(1)),
      );
      return;
    case "live":
      return send({ type: "alive", ...(pace?.told() ?? { done: 0 }) });
    case "start":
      return jobs?.start(message.job, message.request);
    case "embed":
      return void embed(message);
    case "recheck":
      return void recheck(message);
    case "count":
      return void countTokens(message);
    case "credit":
      return jobs?.credit(message.job, message.tokens);
    case "cancel":
      return jobs?.cancel(message.job);
  }
}

/** The parent's end of it is a pipe that it made before this process began. */
const line = new Socket({ fd: 3, readable: true, writable: true });
// Native resources need no orderly end, and a job may be inside a long call.
line.on("close", () => process.exit(0));
line.on("error", () => process.exit(1));
const channel = createChannel<FromChild>(
  line,
  (message) => take(message as ToChild),
  () => process.exit(1),
);
