/**
 * What people's programs do with the public client libraries, as plain JavaScript that any supported Node runs. Takes
 * the address, a key and a model; prints one JSON line for each check: `{"check", "ok", "problem"}`.
 */
import assert from "node:assert/strict";
import process from "node:process";
import Anthropic from "@anthropic-ai/sdk";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { HumanMessage } from "@langchain/core/messages";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { embedMany, generateText, jsonSchema, streamText, tool } from "ai";
import OpenAI from "openai";

const [url, apiKey, model] = process.argv.slice(2);
const baseURL = `${url}/v1`;
const messages = [{ role: "user", content: "Who are you?" }];
const parameters = {
  type: "object",
  properties: { unit: { type: "string", enum: ["celsius", "kelvin"] } },
  required: ["unit"],
  additionalProperties: false,
};
const units = ["celsius", "kelvin"];

const openai = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const anthropic = new Anthropic({ baseURL: url, apiKey, maxRetries: 0 });
const compatible = createOpenAICompatible({ name: "lode", baseURL, apiKey, includeUsage: true });
const chat = (options = {}) =>
  new ChatOpenAI({ model, apiKey, maxTokens: 12, maxRetries: 0, configuration: { baseURL }, ...options });

const openaiTools = [{ type: "function", function: { name: "weather", parameters } }];

const checks = {
  async "openai: answers whole, with usage and n"() {
    const answer = await openai.chat.completions.create({ model, messages, max_tokens: 6, n: 2, seed: 4 });
    assert.equal(answer.choices.length, 2);
    assert.equal(answer.choices[1].finish_reason, "length");
    assert.equal(answer.usage.completion_tokens, 12);
    assert.ok(answer._request_id.startsWith("chatcmpl-"));
  },
  async "openai: streams, and the pieces are the whole answer"() {
    const request = { model, messages, max_tokens: 20, seed: 7 };
    const whole = await openai.chat.completions.create(request);
    const stream = openai.chat.completions.stream({ ...request, stream_options: { include_usage: true } });
    const final = await stream.finalChatCompletion();
    assert.equal(final.choices[0].message.content, whole.choices[0].message.content);
    assert.deepEqual(final.usage.completion_tokens, whole.usage.completion_tokens);
  },
  async "openai: a stop text ends the answer and is not in it"() {
    const plain = await openai.chat.completions.create({ model, messages, max_tokens: 20, temperature: 0 });
    const text = plain.choices[0].message.content;
    const stop = text.slice(6, 9);
    const stopped = await openai.chat.completions.create({ model, messages, max_tokens: 20, temperature: 0, stop });
    assert.equal(stopped.choices[0].finish_reason, "stop");
    assert.equal(stopped.choices[0].message.content, text.slice(0, text.indexOf(stop)));
  },
  async "openai: JSON by a schema"() {
    const schema = { ...parameters };
    const response_format = { type: "json_schema", json_schema: { name: "unit", schema, strict: true } };
    const answer = await openai.chat.completions.create({ model, messages, max_tokens: 100, response_format });
    assert.ok(units.includes(JSON.parse(answer.choices[0].message.content).unit));
  },
  async "openai: a forced tool call, streamed"() {
    const request = { model, messages, max_tokens: 100, tools: openaiTools, tool_choice: "required" };
    const final = await openai.chat.completions
      .stream({ ...request, parallel_tool_calls: false })
      .finalChatCompletion();
    const [call] = final.choices[0].message.tool_calls;
    assert.equal(final.choices[0].finish_reason, "tool_calls");
    assert.equal(call.function.name, "weather");
    assert.ok(units.includes(JSON.parse(call.function.arguments).unit));
  },
  async "openai: responses, whole and streamed"() {
    const answer = await openai.responses.create({ model, input: "Who are you?", max_output_tokens: 16 });
    assert.ok(answer.output_text.length > 0);
    const kinds = [];
    const stream = await openai.responses.create({ model, input: "Who?", max_output_tokens: 16, stream: true });
    for await (const event of stream) kinds.push(event.type);
    assert.equal(kinds[0], "response.created");
    assert.ok(["response.completed", "response.incomplete"].includes(kinds.at(-1)));
  },
  async "openai: completions, models and embeddings"() {
    const answer = await openai.completions.create({ model, prompt: "Once upon", max_tokens: 5 });
    assert.equal(answer.usage.completion_tokens, 5);
    const names = [];
    for await (const one of openai.models.list()) names.push(one.id);
    assert.ok(names.includes(model));
    assert.equal((await openai.models.retrieve(model)).id, model);
    const { data } = await openai.embeddings.create({ model, input: ["one", "two"] });
    assert.equal(data.length, 2);
    assert.ok(Math.abs(data[0].embedding.reduce((sum, x) => sum + x * x, 0) - 1) < 1e-3);
  },
  async "openai: errors are its own kinds, and a 400 is not sent again"() {
    let calls = 0;
    const counting = (...given) => {
      calls += 1;
      return globalThis.fetch(...given);
    };
    const retrying = new OpenAI({ baseURL, apiKey, maxRetries: 2, fetch: counting });
    await assert.rejects(retrying.chat.completions.create({ model, messages, logprobs: true }), (error) => {
      assert.ok(error instanceof OpenAI.BadRequestError);
      assert.ok(error.requestID.startsWith("req_"));
      assert.equal(error.param, "logprobs");
      return true;
    });
    assert.equal(calls, 1);
    const last = apiKey.endsWith("A") ? "E" : "A";
    const wrong = new OpenAI({ baseURL, apiKey: `${apiKey.slice(0, -1)}${last}`, maxRetries: 0 });
    await assert.rejects(wrong.models.list(), OpenAI.AuthenticationError);
    await assert.rejects(openai.chat.completions.create({ model: "none", messages }), OpenAI.NotFoundError);
  },
  async "openai: prompts and texts to embed as token ids"() {
    const answer = await openai.completions.create({
      model,
      prompt: [
        [1, 2, 3],
        [4, 5],
      ],
      max_tokens: 2,
    });
    assert.deepEqual([answer.choices.length, answer.usage.prompt_tokens], [2, 5]);
    const { data, usage } = await openai.embeddings.create({ model, input: [7, 8, 9] });
    assert.deepEqual([data.length, usage.prompt_tokens], [1, 3]);
    await assert.rejects(openai.completions.create({ model, prompt: [9_999_999] }), OpenAI.BadRequestError);
  },
  async "openai: an answer that is stored is there until it is deleted"() {
    const answer = await openai.chat.completions.create({ model, messages, max_tokens: 3, store: true });
    const kept = await openai.chat.completions.retrieve(answer.id);
    assert.deepEqual(kept.choices, answer.choices);
    assert.equal((await openai.chat.completions.delete(answer.id)).deleted, true);
    await assert.rejects(openai.chat.completions.retrieve(answer.id), OpenAI.NotFoundError);
    const unknown = { model, input: "And?", previous_response_id: `resp_${"0".repeat(24)}` };
    await assert.rejects(openai.responses.create(unknown), OpenAI.BadRequestError);
  },
  async "openai: stored answers are listed page by page, found by their metadata, changed, and tell what was asked"() {
    const marks = ["a", "b", "c"].map((part) => ({ run: `${Date.now()}`, part }));
    const made = [];
    for (const metadata of marks) {
      made.push(await openai.chat.completions.create({ model, messages, max_tokens: 2, store: true, metadata }));
    }
    const wanted = { metadata: { run: marks[0].run }, limit: 2 };
    const found = [];
    for await (const one of openai.chat.completions.list(wanted)) found.push(one.id);
    assert.deepEqual(
      found,
      made.map(({ id }) => id),
    );
    const newest = await openai.chat.completions.list({ ...wanted, order: "desc" });
    assert.deepEqual([newest.data[0].id, newest.data.length, newest.has_more], [made[2].id, 2, true]);
    const changed = await openai.chat.completions.update(made[1].id, { metadata: { part: "d" } });
    assert.deepEqual([changed.metadata, changed.choices], [{ part: "d" }, made[1].choices]);
    assert.deepEqual((await openai.chat.completions.list({ metadata: { part: "d" } })).data, [changed]);
    const asked = [];
    for await (const one of openai.chat.completions.messages.list(made[0].id)) asked.push([one.role, one.content]);
    assert.deepEqual(asked, [["user", messages[0].content]]);
    for (const { id } of made) await openai.chat.completions.delete(id);
    assert.equal((await openai.chat.completions.list(wanted)).data.length, 0);
  },
  async "openai: a stream that is left ends its job"() {
    // Its special tokens come first; without them the answer cannot end, and so long a one comes in several pieces on any machine.
    const endless = { logit_bias: { 0: -100, 1: -100, 2: -100, 3: -100 } };
    const request = { model, messages, max_tokens: 400, stream: true, ...endless };
    const stream = await openai.chat.completions.create(request);
    let seen = 0;
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content && ++seen === 3) break;
    assert.equal(seen, 3);
  },
  async "anthropic: answers whole and streamed"() {
    const request = { model, messages, max_tokens: 12, temperature: 0 };
    const whole = await anthropic.messages.create(request);
    assert.equal(whole.type, "message");
    assert.equal(whole.stop_reason, "max_tokens");
    const final = await anthropic.messages.stream(request).finalMessage();
    assert.equal(final.content[0].text, whole.content[0].text);
    assert.equal(final.usage.output_tokens, 12);
  },
  async "anthropic and openai: tokens are counted before as they are billed after"() {
    const tools = [{ name: "weather", input_schema: parameters }];
    const request = { model, messages, tools, system: "Be brief. 🌍" };
    const { input_tokens } = await anthropic.messages.countTokens(request);
    const answer = await anthropic.messages.create({ ...request, max_tokens: 1 });
    assert.equal(answer.usage.input_tokens, input_tokens);
    const asked = { model, input: "Who are you?", instructions: "Be brief." };
    const counted = await openai.responses.inputTokens.count(asked);
    const response = await openai.responses.create({ ...asked, max_output_tokens: 1 });
    assert.equal(response.usage.input_tokens, counted.input_tokens);
  },
  async "anthropic: a forced tool call"() {
    const tools = [{ name: "weather", input_schema: parameters }];
    const tool_choice = { type: "tool", name: "weather" };
    const final = await anthropic.messages
      .stream({ model, messages, max_tokens: 100, tools, tool_choice })
      .finalMessage();
    const call = final.content.find(({ type }) => type === "tool_use");
    assert.equal(final.stop_reason, "tool_use");
    assert.ok(units.includes(call.input.unit));
  },
  async "anthropic: JSON by a schema, a system among the messages, and the models"() {
    const request = { model, max_tokens: 100, messages: [...messages, { role: "system", content: "Be brief." }] };
    const schema = { ...parameters };
    const answer = await anthropic.messages.create({
      ...request,
      output_config: { format: { type: "json_schema", schema } },
    });
    assert.ok(units.includes(JSON.parse(answer.content[0].text).unit));
    const names = [];
    for await (const one of anthropic.models.list()) names.push(one.display_name);
    assert.ok(names.includes(model));
    await assert.rejects(anthropic.models.retrieve("none"), Anthropic.NotFoundError);
  },
  async "anthropic: errors are its own kinds"() {
    const wrong = new Anthropic({ baseURL: url, apiKey: "lode_nobody", maxRetries: 0 });
    await assert.rejects(wrong.messages.create({ model, messages, max_tokens: 5 }), Anthropic.AuthenticationError);
    const bad = anthropic.messages.create({ model, messages: [{ role: "nobody", content: "x" }], max_tokens: 5 });
    await assert.rejects(bad, (error) => {
      assert.ok(error instanceof Anthropic.BadRequestError);
      assert.ok(error.requestID.startsWith("req_"));
      return true;
    });
  },
  async "ai: generates, streams and counts"() {
    const request = { model: compatible(model), prompt: "Who are you?", maxOutputTokens: 12, maxRetries: 0, seed: 3 };
    const whole = await generateText(request);
    assert.equal(whole.usage.outputTokens, 12);
    let text = "";
    const streamed = streamText(request);
    for await (const piece of streamed.textStream) text += piece;
    assert.equal(text, whole.text);
    assert.equal((await streamed.usage).outputTokens, 12);
  },
  async "ai: a forced tool call and embeddings"() {
    const tools = { weather: tool({ description: "weather", inputSchema: jsonSchema(parameters) }) };
    const request = { model: compatible(model), prompt: "Weather?", maxOutputTokens: 100, maxRetries: 0 };
    const { toolCalls } = await generateText({ ...request, tools, toolChoice: "required" });
    assert.ok(units.includes(toolCalls[0].input.unit));
    const { embeddings } = await embedMany({ model: compatible.embeddingModel(model), values: ["a", "b"] });
    assert.equal(embeddings.length, 2);
  },
  async "ai: an abort ends the stream"() {
    const abort = new globalThis.AbortController();
    const request = { model: compatible(model), prompt: "Who?", maxOutputTokens: 400, maxRetries: 0 };
    const kinds = [];
    for await (const part of streamText({ ...request, abortSignal: abort.signal }).fullStream) {
      kinds.push(part.type);
      if (part.type === "text-delta") abort.abort();
    }
    assert.equal(kinds.at(-1), "abort");
  },
  async "langchain: answers whole and streamed, with usage"() {
    const whole = await chat({ temperature: 0 }).invoke([new HumanMessage("Who are you?")]);
    assert.equal(whole.usage_metadata.output_tokens, 12);
    let text = "";
    for await (const piece of await chat({ temperature: 0 }).stream([new HumanMessage("Who are you?")])) {
      text += piece.content;
    }
    assert.equal(text, whole.content);
  },
  async "langchain: a forced tool call, structured output and embeddings"() {
    const bound = chat({ maxTokens: 100 }).bindTools(openaiTools, { tool_choice: "required" });
    const { tool_calls } = await bound.invoke([new HumanMessage("Weather?")]);
    assert.ok(units.includes(tool_calls[0].args.unit));
    const structured = chat({ maxTokens: 100 }).withStructuredOutput(parameters, {
      name: "unit",
      method: "jsonSchema",
    });
    assert.ok(units.includes((await structured.invoke([new HumanMessage("Unit?")])).unit));
    const embeddings = new OpenAIEmbeddings({ model, apiKey, configuration: { baseURL }, maxRetries: 0 });
    assert.equal((await embeddings.embedDocuments(["a", "b", "c"])).length, 3);
  },
};

for (const [check, run] of Object.entries(checks)) {
  try {
    await run();
    process.stdout.write(`${JSON.stringify({ check, ok: true })}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ check, ok: false, problem: String(error?.stack ?? error) })}\n`);
  }
}
// Libraries keep sockets and timers; the answers are known.
process.exit(0);
