import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyInstance, FastifyRequest } from "fastify";
import Type, { type Static } from "typebox";
import { Value } from "typebox/value";
import { ApiError } from "../../errors.ts";
import { errorAnswers } from "../errors.ts";
import type { ChatRequest } from "./chat-request.ts";
import { Message } from "./conversation.ts";
import { changeList, keptMs, listed, mostListed, mostListedMiB, type Listed } from "./stored-list.ts";
import { following, list, pageFields, pageOf, usualPage } from "./pages.ts";
import { ChatCompletion, Metadata } from "./schemas.ts";

type Completion = Static<typeof ChatCompletion>;

/** A completion that its client asked to be kept, and what it had asked. JSON values only. */
interface StoredChat {
  readonly completion: Completion;
  readonly messages: ChatRequest["messages"];
}

const nameOf = (id: string): string => `completion ${id}`;
// An id that no completion can have names none, like any other that is not there.
const ById = Type.Object({ id: Type.String() });
/** What is opened for one page of chats, beside the last of them: each may hold as much as a request. */
const pageChars = 4 * 1024 * 1024;
const Messages = Type.Array(Message);

const StoredMessage = Type.Object({
  id: Type.String(),
  role: Type.String(),
  content: Type.Union([Type.String(), Type.Null()]),
  content_parts: Type.Union([
    Type.Array(
      Type.Object({ type: Type.String(), text: Type.Optional(Type.String()), refusal: Type.Optional(Type.String()) }),
    ),
    Type.Null(),
  ]),
  name: Type.Union([Type.String(), Type.Null()]),
  tool_calls: Type.Optional(Type.Array(Type.Unknown())),
  tool_call_id: Type.Optional(Type.String()),
});

/** Keeps an answer whose client sent `store: true`, with what it asked, where only its API key can read it. */
export async function keepChat(
  app: FastifyInstance,
  request: FastifyRequest,
  answer: Completion,
  { messages, metadata }: Pick<ChatRequest, "messages" | "metadata">,
): Promise<void> {
  const completion = { ...answer, metadata: metadata ?? {} };
  // Fields that nobody reads could fill the disk.
  const known = Value.Clean(Messages, structuredClone(messages)) as ChatRequest["messages"];
  await write(app, request, { completion, messages: known }, app.answers.nowMs + keptMs);
  const { id, created, model } = completion;
  const entry = { id, created, model, metadata: completion.metadata, expiresMs: app.answers.nowMs + keptMs };
  await changeList(app, request, (entries) => [...entries, entry]);
}

/** Chat completions that were made with `store: true`. */
export const storedChatRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const shared = { tags: ["openai"], security: [{ key: [] }] };
  const config = { scopes: ["client"] as const };
  const completion = { response: { 200: ChatCompletion, ...errorAnswers } };
  app.get(
    "/v1/chat/completions",
    {
      schema: {
        summary: `The latest ${mostListed} chat completions that the same API key made with \`store: true\`, or ${mostListedMiB} MiB of what is listed of them; \`metadata[name]=value\` picks some`,
        ...shared,
        querystring: Type.Object({ ...pageFields, model: Type.Optional(Type.String({ maxLength: 128 })) }),
        response: { 200: pageOf(ChatCompletion, "ChatCompletionList"), ...errorAnswers },
      },
      config,
    },
    async (request) => {
      const { model } = request.query;
      const wanted = metadataWanted(request.query);
      const fits = (one: Listed): boolean =>
        (model === undefined || one.model === model) &&
        wanted.every(([name, value]) => Object.hasOwn(one.metadata, name) && one.metadata[name] === value);
      const { items, hasMore } = await openPage(
        app,
        request,
        following((await listed(app, request)).filter(fits), request.query),
        request.query.limit,
      );
      return list(items, hasMore);
    },
  );
  app.get(
    "/v1/chat/completions/:id",
    {
      schema: {
        summary: "A chat completion that was made with `store: true` by the same API key, for 30 days",
        ...shared,
        params: ById,
        ...completion,
      },
      config,
    },
    async (request) => (await stored(app, request, request.params.id)).value.completion,
  );
  app.post(
    "/v1/chat/completions/:id",
    {
      schema: {
        summary: "Sets the metadata of a chat completion that is kept",
        ...shared,
        params: ById,
        body: Type.Object({ metadata: Type.Union([Metadata, Type.Null()]) }, { title: "ChatCompletionUpdate" }),
        ...completion,
      },
      config,
    },
    async (request) => {
      const { id } = request.params;
      const metadata = request.body.metadata ?? {};
      const { value, expiresMs } = await stored(app, request, id);
      const changed = { ...value.completion, metadata };
      await write(app, request, { ...value, completion: changed }, expiresMs);
      await changeList(app, request, (entries) => entries.map((one) => (one.id === id ? { ...one, metadata } : one)));
      return changed;
    },
  );
  app.get(
    "/v1/chat/completions/:id/messages",
    {
      schema: {
        summary: "What a chat completion that is kept had been asked",
        ...shared,
        params: ById,
        querystring: Type.Object(pageFields),
        response: { 200: pageOf(StoredMessage, "ChatCompletionMessageList"), ...errorAnswers },
      },
      config,
    },
    async (request) => {
      const { id } = request.params;
      const { value } = await stored(app, request, id);
      const all = value.messages.map((message, index) => messageOf(message, `${id}-${index}`));
      const { limit = usualPage } = request.query;
      const left = following(all, request.query);
      return list(left.slice(0, limit), left.length > limit);
    },
  );
  app.delete(
    "/v1/chat/completions/:id",
    {
      schema: {
        summary: "Forgets a chat completion",
        ...shared,
        params: ById,
        response: {
          200: Type.Object({
            id: Type.String(),
            object: Type.Literal("chat.completion.deleted"),
            deleted: Type.Literal(true),
          }),
          ...errorAnswers,
        },
      },
      config,
    },
    async (request) => {
      const { id } = request.params;
      if (!(await app.answers.remove(request.keySecret(), nameOf(id)))) return refuse();
      await changeList(app, request, (entries) => entries.filter((one) => one.id !== id));
      return { id, object: "chat.completion.deleted" as const, deleted: true as const };
    },
  );
};

async function write(
  app: FastifyInstance,
  request: FastifyRequest,
  value: StoredChat,
  expiresMs: number,
): Promise<void> {
  await app.answers.write(request.keySecret(), nameOf(value.completion.id), { value, expiresMs });
}

async function find(
  app: FastifyInstance,
  request: FastifyRequest,
  id: string,
): Promise<{ readonly value: StoredChat; readonly expiresMs: number } | undefined> {
  const kept = await app.answers.read(request.keySecret(), nameOf(id));
  return kept === undefined ? undefined : { value: kept.value as StoredChat, expiresMs: kept.expiresMs };
}

async function stored(app: FastifyInstance, request: FastifyRequest, id: string) {
  return (await find(app, request, id)) ?? refuse();
}

function refuse(): never {
  const message = "There is no such answer here: only those made with 'store: true' by the same API key are kept.";
  throw new ApiError(404, "completion_not_found", message, { param: "id" });
}

/** What `metadata[name]=value` asks for. */
function metadataWanted(query: object): [string, unknown][] {
  return Object.entries(query).flatMap(([field, value]): [string, unknown][] => {
    const name = /^metadata\[(.*)\]$/s.exec(field)?.[1];
    return name === undefined ? [] : [[name, value]];
  });
}

/** The first chats of a list, one opened after the other: together they could be more than there is memory. */
async function openPage(
  app: FastifyInstance,
  request: FastifyRequest,
  entries: readonly Listed[],
  limit = usualPage,
): Promise<{ items: Completion[]; hasMore: boolean }> {
  const items: Completion[] = [];
  let chars = 0;
  for (const { id } of entries) {
    if (items.length === limit || chars > pageChars) return { items, hasMore: true };
    const chat = await find(app, request, id);
    // Not counted: clients take an empty page for the end, though more may follow. A damaged file is worth as much as none.
    if (chat === undefined) continue;
    items.push(chat.value.completion);
    chars += JSON.stringify(chat.value).length;
  }
  return { items, hasMore: false };
}

function messageOf(message: ChatRequest["messages"][number], id: string): Static<typeof StoredMessage> {
  const { role, content, name, tool_calls, tool_call_id } = message;
  return {
    id,
    role,
    content: typeof content === "string" ? content : null,
    content_parts: Array.isArray(content) ? content : null,
    name: name ?? null,
    ...(tool_calls !== undefined && tool_calls !== null && { tool_calls }),
    ...(tool_call_id !== undefined && tool_call_id !== null && { tool_call_id }),
  };
}
