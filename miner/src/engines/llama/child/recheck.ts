import type { Recheck, RecheckedToken, RecheckRequest } from "../../engine.ts";
import { createConstraint } from "../../constraint/index.ts";
import { bestCandidates } from "../../sampler/candidates.ts";
import { createChooser, createSampler, type Chooser, type LogitsWanted } from "../../sampler/index.ts";
import { EngineError } from "../../errors.ts";
import { createOutput } from "../../text/output.ts";
import type { Sequence } from "./backend.ts";
import type { Generator } from "./generate.ts";
import { evaluateEach, stride, type LogitsAt } from "./logits.ts";
import { checkRecheck } from "./prepare.ts";
import type { Slots } from "./slots.ts";

/** Computes a finished answer again. Throws EngineError, or RangeError for the sampler's part. */
export type Rechecker = (request: RecheckRequest) => Promise<Recheck>;

export function createRechecker(generator: Generator, slots: Slots): Rechecker {
  return async (request) => {
    checkRecheck(generator, request);
    const rendered = request.prompt === undefined ? undefined : await generator.encodePrompt(request.prompt);
    const sequence = await slots.take(never);
    try {
      return { rendered, ...(await recheck(generator, request, sequence)) };
    } finally {
      await slots.release(sequence);
    }
  };
}

/** Whoever wants no more of it ends the process, or throws the answer away. */
const never = new AbortController().signal;

async function recheck(
  generator: Generator,
  request: RecheckRequest,
  sequence: Sequence,
): Promise<Omit<Recheck, "rendered">> {
  const { promptTokens, prefixTokens, tokens, stop, way, top } = request;
  /** One says ahead which logits are needed, the other judges them: between the two lies a whole stretch of the pass. */
  const [planner, judge] = [newChooser(generator, request), newChooser(generator, request)];
  for (const id of prefixTokens) {
    planner.take(id);
    judge.take(id);
  }
  const given = [...promptTokens, ...prefixTokens, ...tokens];
  const first = promptTokens.length + prefixTokens.length - 1;
  const found: RecheckedToken[] = [];
  const output = createOutput(generator.createText(), stop, prefixTokens);
  let delivered = 0;
  let earlier = output.stopOfPrefix === undefined ? undefined : 0;
  let last: LogitsAt | undefined;

  for (let from = 0; from < given.length;) {
    // As it was written: what was there before in stretches, then one token after the other.
    const to = way === "prefill" ? from + stride : from <= first ? Math.min(from + stride, first + 1) : from + 1;
    const part = given.slice(from, to).map((id, index): readonly [number, LogitsWanted | undefined] => {
      const position = from + index - first;
      if (position < 0) return [id, undefined];
      const wanted = atLeast(planner.wanted(), top);
      const claimed = tokens[position];
      if (claimed !== undefined) planner.take(claimed);
      return [id, wanted];
    });
    const results = await evaluateEach(sequence, part, never);
    for (const [index, at] of results.entries()) {
      if (at === undefined) continue;
      last = at;
      const claimed = tokens[from + index - first];
      if (claimed === undefined) continue;
      found.push(judgeToken(judge, at, claimed, top));
      judge.take(claimed);
      // An end that is claimed as a token was none of the answer's.
      if (earlier === undefined && generator.isEnd(claimed)) earlier = delivered + output.flush().length;
      if (earlier !== undefined) continue;
      const { ready, stopped } = output.push(claimed);
      delivered += ready.length;
      if (stopped) earlier = delivered;
    }
    from = to;
  }
  if (earlier !== undefined) {
    return { tokens: found, end: earlier < tokens.length ? { kind: "earlier", delivered: earlier } : { kind: "here" } };
  }
  const before = promptTokens.length + prefixTokens.length;
  const most = Math.min(request.maxTokens, (request.contextTokens ?? generator.contextTokens) - before);
  const tail = { planner, judge, output, delivered, claimed: tokens.length, most };
  return {
    tokens: found,
    end: await findEnd(generator, sequence, { ...tail, room: generator.contextTokens - before }, last),
  };
}

function newChooser(generator: Generator, request: RecheckRequest): Chooser {
  const { sampler, seed, prompt } = request;
  const constraint = createConstraint({ sampler, prompt: prompt ?? { text: "" } }, () => generator.maskVocabulary());
  return createChooser(createSampler(sampler, seed), constraint);
}

function atLeast(wanted: LogitsWanted, top: number): LogitsWanted {
  return wanted === "all" ? wanted : { ids: wanted.ids, top: Math.max(wanted.top, top) };
}

function judgeToken(judge: Chooser, { logits, logSum }: LogitsAt, claimed: number, top: number): RecheckedToken {
  return {
    drawn: judge.pick(logits),
    ...judge.assess(logits, claimed),
    top: bestCandidates(logits, top).map(({ id, logit }) => [id, logit] as const),
    logSum,
  };
}

interface Tail {
  planner: Chooser;
  judge: Chooser;
  output: ReturnType<typeof createOutput>;
  delivered: number;
  claimed: number;
  most: number;
  /** What this engine's own context holds. */
  room: number;
}

/** Writes on behind the claimed tokens until it is clear whether another one would have been delivered. */
async function findEnd(
  generator: Generator,
  sequence: Sequence,
  { planner, judge, output, delivered, claimed, most, room }: Tail,
  last: LogitsAt | undefined,
): Promise<Recheck["end"]> {
  let at = last;
  const endsWith = (total: number): Recheck["end"] => {
    if (total < claimed) return { kind: "held", delivered: total };
    return { kind: total === claimed ? "here" : "later" };
  };
  for (let count = claimed; count < most; count += 1) {
    const id = at === undefined ? undefined : judge.pick(at.logits);
    if (id === undefined) return { kind: "here" };
    if (generator.isEnd(id)) return endsWith(delivered + output.flush().length);
    judge.take(id);
    planner.take(id);
    const { ready, stopped } = output.push(id);
    delivered += ready.length;
    if (stopped || delivered > claimed) return endsWith(delivered);
    if (count + 1 >= room && room < most) break;
    [at] = await evaluateEach(sequence, [[id, planner.wanted()]], never);
  }
  if (room < most) {
    // Where it ends cannot be seen from here, and a shorter context than the miner's is not the miner's fault.
    throw new EngineError("input-too-long", `The answer may go on beyond the ${room} tokens that this context holds.`);
  }
  return { kind: "full" };
}
