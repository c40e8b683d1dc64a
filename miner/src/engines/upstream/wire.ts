import type { ChatMessage, GenerateRequest, Tool } from "../engine.ts";
import { EngineError } from "../errors.ts";
import { textOfPiece } from "./pieces.ts";

/** What a request becomes in OpenAI's words. */
export interface Asking {
  path: "/chat/completions" | "/completions";
  body: object;
}

/** Throws EngineError for what a server without our sampler cannot do. */
export function askingOf(model: string, request: GenerateRequest): Asking {
  const { prompt, sampler, seed, maxTokens, stop } = request;
  if ((sampler.logitBias ?? []).length > 0) {
    throw new EngineError("bad-request", "A server's tokens cannot be biased: their numbers are not known here.");
  }
  const common = {
    model,
    stream: true,
    max_tokens: maxTokens,
    temperature: sampler.temperature,
    top_p: sampler.topP,
    top_k: sampler.topK,
    ...(sampler.minP !== undefined && { min_p: sampler.minP }),
    ...(sampler.repetitionPenalty !== undefined && { repetition_penalty: sampler.repetitionPenalty }),
    ...(sampler.frequencyPenalty !== undefined && { frequency_penalty: sampler.frequencyPenalty }),
    ...(sampler.presencePenalty !== undefined && { presence_penalty: sampler.presencePenalty }),
    // 31 bits: servers keep it in a signed integer.
    seed: Number.parseInt(seed.slice(-8), 16) >>> 1,
    ...(stop.length > 0 && { stop: [...stop] }),
    ...formatOf(sampler),
  };
  const prefix = prefixText(request);
  if ("text" in prompt) return { path: "/completions", body: { ...common, prompt: prompt.text + prefix } };
  if ("tokens" in prompt) return refuseTokens();
  const messages = prompt.messages.map(messageOf);
  // vLLM's and SGLang's names for going on with an answer; llama.cpp and Ollama do so by themselves.
  const going = prefix !== "" && { continue_final_message: true, add_generation_prompt: false };
  const tools = prompt.tools?.map(toolOf);
  return {
    path: "/chat/completions",
    body: {
      ...common,
      messages: prefix === "" ? messages : [...messages, { role: "assistant", content: prefix }],
      ...(tools !== undefined && { tools }),
      ...choiceOf(request),
      ...going,
    },
  };
}

function refuseTokens(): never {
  throw new EngineError("bad-request", "This engine takes texts: which tokens its server has is not known here.");
}

/** What was delivered before. Throws EngineError `bad-request` for numbers that are no pieces. */
export function prefixText({ prefixTokens }: Pick<GenerateRequest, "prefixTokens">): string {
  return prefixTokens
    .map((id) => {
      const text = textOfPiece(id);
      if (text === undefined) throw new EngineError("bad-request", "A prefix token is no piece of text.");
      return text;
    })
    .join("");
}

/** All text that a prompt has, for counting. */
export function promptText({ prompt }: Pick<GenerateRequest, "prompt">): string {
  if ("text" in prompt) return prompt.text;
  if ("tokens" in prompt) return refuseTokens();
  const tools = (prompt.tools ?? []).map(({ name, description, parameters }) => [name, description, parameters]);
  const said = prompt.messages.map(({ role, content, toolCalls = [] }) => [
    ...[role, content],
    ...toolCalls.flatMap((call) => [call.name, call.arguments]),
  ]);
  return [...tools, ...said].flat().join("\n");
}

function messageOf({ role, content, toolCalls, toolCallId }: ChatMessage): object {
  return {
    role,
    content,
    ...(toolCallId !== undefined && { tool_call_id: toolCallId }),
    ...(toolCalls !== undefined && {
      tool_calls: toolCalls.map(({ id, name, arguments: given }) => {
        return { id, type: "function", function: { name, arguments: given } };
      }),
    }),
  };
}

function toolOf({ name, description, parameters }: Tool): object {
  return {
    type: "function",
    function: {
      name,
      ...(description !== undefined && { description }),
      ...(parameters !== undefined && { parameters: schemaOf(parameters) }),
    },
  };
}

function schemaOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new EngineError("schema-invalid", "A schema is not JSON.");
  }
}

function formatOf({ constraint }: GenerateRequest["sampler"]): object {
  if (constraint === undefined || constraint.type === "tool_calls") return {};
  if (constraint.type === "json_object") return { response_format: { type: "json_object" } };
  const schema = schemaOf(constraint.schema);
  return { response_format: { type: "json_schema", json_schema: { name: "answer", schema, strict: true } } };
}

function choiceOf({ sampler: { constraint } }: GenerateRequest): object {
  if (constraint?.type !== "tool_calls") return {};
  const [name, ...others] = constraint.names ?? [];
  const isOne = name !== undefined && others.length === 0;
  return {
    tool_choice: isOne ? { type: "function", function: { name } } : "required",
    parallel_tool_calls: constraint.most > 1,
  };
}
