// Portkey changes the headers of a streamed answer, which the answers of Node's own fetch refuse. Wrapped again they take it.
const original = globalThis.fetch;
globalThis.fetch = async (...given) => {
  const answer = await original(...given);
  const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream") === true;
  return isStream ? new globalThis.Response(answer.body, answer) : answer;
};
