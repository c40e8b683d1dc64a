import type { EngineInfo, GenerateEvent, GenerateRequest } from "../engine.ts";
import { EngineError } from "../errors.ts";
import { createSampler } from "../sampler/index.ts";
import { createOutput, type OutputToken } from "../text/output.ts";
import { Calls, deltaOf } from "./answer.ts";
import { readEvents } from "./events.ts";
import { createPieces, piecesOf, pieceText } from "./pieces.ts";
import { ask, broken, type Upstream } from "./request.ts";
import { askingOf, promptText } from "./wire.ts";

/** Longest text of one token in known vocabularies: a server that sends more for each is not counting tokens. */
const tokenChars = 512;

/** One answer of a server, in pieces. It ends by itself, at a stop text, at `maxTokens` pieces, or when the consumer leaves. */
export async function* generateUpstream(
  upstream: Upstream,
  info: EngineInfo,
  request: GenerateRequest,
  signal: AbortSignal,
): AsyncGenerator<GenerateEvent> {
  const { maxTokens, maxInputTokens, prefixTokens, sampler, stop } = request;
  checked(request);
  const input = piecesOf(promptText(request));
  const most = Math.min(maxInputTokens, info.contextTokens - prefixTokens.length - 1);
  if (input.length > most) {
    throw new EngineError("input-too-long", `The prompt has ${input.length} pieces, but at most ${most} are taken.`);
  }
  const { path, body } = askingOf(info.modelName, request);
  yield { type: "prompt", tokenIds: input };
  const pieces = createPieces();
  const output = createOutput(pieceText(), stop, prefixTokens);
  if (output.stopOfPrefix !== undefined) {
    yield { type: "end", reason: "stop", stop: output.stopOfPrefix };
    return;
  }
  const calls = new Calls(maxTokens * tokenChars);
  /** What may still come. */
  const state: { left: number; isStopped: boolean; stop?: number | undefined } = { left: maxTokens, isStopped: false };
  const isOver = (): boolean => state.isStopped || state.left === 0;
  /** What may be delivered of new pieces. */
  const take = (ids: readonly number[]): OutputToken[] => {
    const ready: OutputToken[] = [];
    for (const id of ids) {
      if (isOver()) break;
      state.left -= 1;
      const pushed = output.push(id);
      ready.push(...pushed.ready);
      state.isStopped = pushed.stopped;
      state.stop = pushed.stop;
    }
    return ready;
  };
  let finish: "stop" | "length" | undefined;
  let silent = 0;
  for await (const event of readEvents(await ask(upstream, { path, body, signal }), upstream.limits)) {
    const delta = deltaOf(event);
    silent = delta.text === "" ? silent + 1 : 0;
    if (silent > upstream.limits.silentEvents) throw broken("it sends events without text");
    calls.add(delta.calls);
    for (const token of take(pieces.push(delta.text))) yield { type: "token", ...token };
    finish = delta.finish ?? finish;
    if (isOver()) break;
  }
  // A stream that was cut looks like one that ended, but for this word.
  if (finish === undefined && !isOver()) throw broken("its answer ends in the middle");
  const constraint = sampler.constraint?.type === "tool_calls" ? sampler.constraint : undefined;
  const called = calls.isEmpty ? "" : calls.text(constraint?.most);
  for (const token of take([...pieces.push(called), ...pieces.end()])) yield { type: "token", ...token };
  if (!state.isStopped) for (const token of output.flush()) yield { type: "token", ...token };
  const reason = state.isStopped || (finish !== "length" && state.left > 0) ? "stop" : "length";
  yield { type: "end", reason, ...(state.stop !== undefined && { stop: state.stop }) };
}

/** Requests come from other machines. Throws EngineError `bad-request` or RangeError as `bad-request`. */
function checked({ sampler, seed, prompt, maxTokens }: GenerateRequest): void {
  const refuse = (sentence: string): never => {
    throw new EngineError("bad-request", sentence);
  };
  try {
    createSampler(sampler, seed);
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error));
  }
  if (!Number.isInteger(maxTokens) || maxTokens < 1) refuse("maxTokens must be a whole number above 0.");
  const { length } = "text" in prompt ? prompt.text : "tokens" in prompt ? prompt.tokens : prompt.messages;
  if (length === 0) refuse("The prompt is empty.");
}
