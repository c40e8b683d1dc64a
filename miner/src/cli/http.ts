import { exitCode, MinerError } from "../errors.ts";

/** One JSON request to a coordinator: a POST where there is a body, unless a method is named. One sentence when it does not answer or says no. */
export async function requestJson(
  url: URL,
  init: { method?: string; body?: unknown; key?: string; signal?: AbortSignal } = {},
): Promise<unknown> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (init.body !== undefined) headers["content-type"] = "application/json";
  if (init.key !== undefined) headers["authorization"] = `Bearer ${init.key}`;
  let answer: Response;
  try {
    answer = await fetch(url, {
      method: init.method ?? (init.body === undefined ? "GET" : "POST"),
      headers,
      ...(init.body !== undefined && { body: JSON.stringify(init.body) }),
      signal: AbortSignal.any([AbortSignal.timeout(30_000), ...(init.signal === undefined ? [] : [init.signal])]),
    });
  } catch (cause) {
    const message = `No coordinator answers at ${url.origin}; check its URL.`;
    throw new MinerError("coordinator_unreachable", message, {
      cause,
      exitCode: exitCode.unreachable,
      retryable: true,
    });
  }
  const body = (await answer.json().catch(() => undefined)) as
    { error?: { message?: string; code?: string } } | undefined;
  if (!answer.ok) {
    const message = body?.error?.message ?? `${url.origin} answered ${answer.status} to ${url.pathname}.`;
    throw new MinerError(body?.error?.code ?? "coordinator_refused", message);
  }
  return body;
}
