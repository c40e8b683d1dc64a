import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { openEdge, type Edge } from "../edge/edge.ts";
import { readStream } from "../edge/stream.ts";
import { clientOf, pieces } from "./client.ts";

interface Completion {
  readonly choices: readonly { readonly message: { readonly content: string } }[];
}

interface Page {
  readonly data: readonly { readonly id: string }[];
  readonly last_id: string | null;
  readonly has_more: boolean;
}

let edge: Edge;
beforeAll(async () => {
  edge = await openEdge();
  // A large prompt reserves a token for each of its bytes.
  edge.chain.funds = { ...edge.chain.funds, balanceWei: 10n ** 12n, signerCapWei: 10n ** 12n };
  await edge.miner({ script: pieces("Fine.") });
});
afterAll(() => edge.stop());

/** A chat that is kept: its id. */
async function keep(change: object, key: string): Promise<string> {
  const answer = await edge.chat({ ...change, store: true }, { key });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { id: string }).id;
}

async function get<T>(path: string, key: string): Promise<T> {
  const answer = await fetch(`${edge.url}/v1/chat/completions${path}`, { headers: { authorization: `Bearer ${key}` } });
  expect(answer.status).toBe(200);
  return (await answer.json()) as T;
}

const idsOf = ({ data }: Page): string[] => data.map(({ id }) => id);

it("is listed with the latest that 1 MiB has room for, and found by its id beyond them", async () => {
  const key = await edge.login("client");
  const metadata = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`note ${i}`, "\u0001".repeat(512)]));
  const ids: string[] = [];
  for (let i = 0; i < 40; i++) ids.push(await keep({ metadata }, key));
  const listed = idsOf(await get<Page>("?limit=100", key));
  expect(listed.length).toBeGreaterThan(10);
  expect(listed.length).toBeLessThan(40);
  expect(listed).toEqual(ids.slice(-listed.length));
  expect(await get(`/${ids[0]}`, key)).toMatchObject({ id: ids[0], metadata });
});

it.each([false, true])("is given to its client where the disk does not take it, streamed: %s", async (stream) => {
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", syscall: "write" });
  const before = edge.logged.length;
  const writing = vi.spyOn(edge.app.answers, "write").mockRejectedValue(full);
  try {
    const answer = await edge.chat({ store: true, stream });
    expect(answer.status).toBe(200);
    const given = stream
      ? await readStream(answer)
      : { text: ((await answer.json()) as Completion).choices[0]?.message.content, isDone: true };
    expect(given).toMatchObject({ text: "Fine.", isDone: true });
    expect(writing).toHaveBeenCalledOnce();
  } finally {
    writing.mockRestore();
  }
  const warning = edge.logged
    .slice(before)
    .find((line) => line.includes("an answer that was to be stored is not kept"));
  expect(JSON.parse(warning ?? "{}")).toMatchObject({ level: 40, err: { code: "ENOSPC" } });
});

/** The files that keeping chats adds. */
async function filesOf(keeping: () => Promise<unknown>): Promise<string[]> {
  const folder = join(edge.home, "answers");
  const before = new Set(readdirSync(folder));
  await keeping();
  const added = readdirSync(folder).filter((file) => !before.has(file));
  return added.map((file) => join(folder, file));
}

it.each([`chatcmpl-${"0".repeat(24)}`, "chatcmpl-nobody", "5"])("is not there under the id %s", async (id) => {
  const openai = clientOf(edge);
  const missing = { status: 404, code: "completion_not_found" };
  await expect(openai.chat.completions.retrieve(id)).rejects.toMatchObject(missing);
  await expect(openai.chat.completions.update(id, { metadata: {} })).rejects.toMatchObject(missing);
  await expect(openai.chat.completions.messages.list(id)).rejects.toMatchObject(missing);
  await expect(openai.chat.completions.delete(id)).rejects.toMatchObject(missing);
});

it("comes in smaller pages when it is large, and none is left out", async () => {
  const key = await edge.login("client");
  const messages = [{ role: "user", content: "x ".repeat(750_000) }];
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.push(await keep({ messages }, key));
  const first = await get<Page>("?limit=100", key);
  expect(first.has_more).toBe(true);
  expect(idsOf(first)).toEqual(ids.slice(0, 3));
  const second = await get<Page>(`?limit=100&after=${first.last_id}`, key);
  expect(second.has_more).toBe(false);
  expect(idsOf(second)).toEqual(ids.slice(3));
});

it("keeps of its messages only what can be read again", async () => {
  const key = await edge.login("client");
  const junk = "x".repeat(250_000);
  const call = { id: "call_1", type: "function", function: { name: "clock", arguments: "{}" } };
  const messages = [
    { role: "user", content: [{ type: "text", text: "When?" }], name: "Ada" },
    { role: "assistant", content: [{ type: "refusal", refusal: "No." }], tool_calls: [call] },
    { role: "tool", content: "noon", tool_call_id: "call_1" },
  ];
  const [user, assistant, tool] = messages;
  const sent = [
    { ...user, content: [{ type: "text", text: "When?", junk }], junk },
    { ...assistant, tool_calls: [{ ...call, junk, function: { ...call.function, junk } }] },
    tool,
  ];
  let id = "";
  const files = await filesOf(async () => (id = await keep({ messages: sent }, key)));
  expect(files).toHaveLength(2);
  for (const file of files) expect(statSync(file).size).toBeLessThan(10_000);
  expect(await get(`/${id}/messages`, key)).toMatchObject({
    data: [
      { role: "user", content_parts: [{ type: "text", text: "When?" }], name: "Ada" },
      { role: "assistant", content_parts: [{ type: "refusal", refusal: "No." }], tool_calls: [call] },
      { role: "tool", content: "noon", tool_call_id: "call_1" },
    ],
  });
});

it("leaves no page empty before the end when files are gone", async () => {
  const key = await edge.login("client");
  const ids = [await keep({}, key)];
  const gone = await filesOf(async () => {
    for (let i = 0; i < 3; i++) ids.push(await keep({}, key));
  });
  for (const file of gone) rmSync(file);
  ids.push(await keep({}, key));
  expect(await get("?limit=2", key)).toMatchObject({ data: [{ id: ids[0] }, { id: ids[4] }], has_more: false });
  expect(await get(`?limit=1&after=${ids[0]}`, key)).toMatchObject({ data: [{ id: ids[4] }], has_more: false });
});
