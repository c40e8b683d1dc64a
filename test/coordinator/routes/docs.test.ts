import { Compile } from "typebox/schema";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEdge, type Edge } from "../edge/edge.ts";
import { pieces } from "../openai/client.ts";

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly patternProperties?: object;
  readonly additionalProperties?: unknown;
}
interface Answer {
  readonly headers?: object;
  readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
}
interface Operation {
  readonly responses: Readonly<Record<string, Answer>>;
  readonly parameters?: readonly { readonly name: string }[];
}

let edge: Edge;
let paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
beforeAll(async () => {
  edge = await openEdge();
  await edge.miner({ script: pieces('Wait. <tool_call>{"name":"clock"}</tool_call>') });
  paths = (await edge.app.inject({ url: "/docs/json" })).json<{ paths: typeof paths }>().paths;
});
afterAll(() => edge.stop());

/** Fields of a value that its schema does not name. A schema without properties says nothing about them. */
function undocumented(value: unknown, schema: Schema, path = ""): string[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? [] : value.flatMap((item) => undocumented(item, items, `${path}[]`));
  }
  if (schema.anyOf !== undefined) {
    const tries = schema.anyOf.map((option) => undocumented(value, option, path));
    return tries.sort((a, b) => a.length - b.length)[0] ?? [];
  }
  if (typeof value !== "object" || value === null || schema.properties === undefined) return [];
  const { properties } = schema;
  return Object.entries(value).flatMap(([name, field]) => {
    const known = properties[name];
    return known === undefined ? [`${path}.${name}`] : undocumented(field, known, `${path}.${name}`);
  });
}

const send = (path: string, body: object): Promise<Response> =>
  fetch(`${edge.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${edge.key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });

const messages = [{ role: "user", content: "Hi" }];
const clock = { type: "function", function: { name: "clock" } };
const chat = { model: "demo", messages, max_tokens: 60, n: 2, tools: [clock] };
const requests: Readonly<Record<string, object>> = {
  "/v1/chat/completions": chat,
  "/v1/completions": { model: "demo", prompt: "Hi", max_tokens: 60 },
  "/v1/messages": { model: "demo", messages, max_tokens: 60, tools: [{ name: "clock", input_schema: {} }] },
  "/v1/responses": { model: "demo", input: "Hi", tools: [{ type: "function", name: "clock" }] },
};

describe("what the document says of", () => {
  it.each(Object.keys(requests))("%s is what comes, whole", async (path) => {
    const { content, headers } = paths[path]!["post"]!.responses["200"]!;
    const { schema } = content["application/json"]!;
    const answer = await send(path, requests[path]!);
    const body: unknown = await answer.json();
    expect([...Compile(schema).Errors(body)[1]]).toEqual([]);
    expect(undocumented(body, schema)).toEqual([]);
    // What only some answers have: those that are repeated, and those that a cloud gave.
    const rare = ["idempotent-replayed", "x-lode-cloud"];
    for (const name of Object.keys(headers!).filter((header) => !rare.includes(header))) {
      expect(answer.headers.has(name)).toBe(true);
    }
  });

  it.each(Object.keys(requests))("%s is what comes, as events", async (path) => {
    const { schema } = paths[path]!["post"]!.responses["200"]!.content["text/event-stream"]!;
    const text = await (await send(path, { ...requests[path], stream: true })).text();
    const events = [...text.matchAll(/^data: (\{.*)$/gm)].map(([, data]) => JSON.parse(data!) as unknown);
    expect(events.length).toBeGreaterThan(3);
    for (const event of events) {
      expect([...Compile(schema).Errors(event)[1]]).toEqual([]);
      expect(undocumented(event, schema)).toEqual([]);
    }
  });

  it("errors is what comes, in each API's shape", async () => {
    for (const path of [...Object.keys(requests), "/v1/embeddings", "/v1/images/generations"]) {
      const { content, headers } = paths[path]!["post"]!.responses["4XX"]!;
      const answer = await send(path, {});
      const body: unknown = await answer.json();
      expect(answer.status).toBe(400);
      expect(undocumented(body, content["application/json"]!.schema)).toEqual([]);
      expect([...Compile(content["application/json"]!.schema).Errors(body)[1]]).toEqual([]);
      expect(headers).toHaveProperty("x-should-retry");
    }
  });

  it("requests names every header that changes what they do", () => {
    for (const path of [...Object.keys(requests), "/v1/embeddings", "/v1/images/generations"]) {
      expect(paths[path]!["post"]!.parameters!.map(({ name }) => name).sort()).toEqual([
        ...["idempotency-key", "x-lode-cloud", "x-lode-latency", "x-lode-max-input-price", "x-lode-max-output-price"],
        ...["x-lode-pool", "x-lode-quote", "x-lode-region"],
      ]);
    }
  });
});
