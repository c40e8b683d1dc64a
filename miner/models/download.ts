import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { EngineError } from "../src/engines/errors.ts";

export interface DownloadProgress {
  receivedBytes: number;
  /** Undefined where the server does not say. */
  totalBytes: number | undefined;
}

export interface DownloadOptions {
  onProgress?: ((progress: DownloadProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Downloads a file and returns its sha256 as hex. What an interrupted download left behind (`.part`) is continued.
 * The file appears under its name only when it is complete. Throws EngineError `download-failed`, `model-not-found`.
 */
export async function download(url: string, path: string, options: DownloadOptions = {}): Promise<string> {
  const part = `${path}.part`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await fetchInto(url, part, options);
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    const reason = cause instanceof Error ? rootMessage(cause) : String(cause);
    throw new EngineError("download-failed", `${url} cannot be downloaded: ${reason}.`, { cause });
  }
  const digest = createHash("sha256");
  await pipeline(createReadStream(part), digest);
  await rename(part, path);
  return digest.digest("hex");
}

async function fetchInto(url: string, part: string, { onProgress, signal }: DownloadOptions): Promise<void> {
  const present = await sizeOf(part);
  const response = await fetch(url, {
    headers: present > 0 ? { range: `bytes=${present}-` } : {},
    ...(signal && { signal }),
  });
  // The part holds the whole file, or more: only a fresh start can tell.
  if (response.status === 416) {
    await response.body?.cancel();
    await rm(part, { force: true });
    return fetchInto(url, part, { onProgress, signal });
  }
  if (response.status === 404 || response.status === 401) {
    throw new EngineError("model-not-found", `${url} does not exist, or is not public.`);
  }
  if (!response.ok || response.body === null) {
    throw new EngineError("download-failed", `${url} answered ${response.status}.`);
  }
  // A server that ignores the range sends everything again.
  const from = response.status === 206 ? present : 0;
  const length = response.headers.get("content-length");
  const totalBytes = length === null ? undefined : from + Number(length);
  let receivedBytes = from;
  const count = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      receivedBytes += chunk.length;
      onProgress?.({ receivedBytes, totalBytes });
      yield chunk;
    }
  };
  await pipeline(Readable.fromWeb(response.body), count, createWriteStream(part, { flags: from > 0 ? "a" : "w" }));
  if (totalBytes !== undefined && receivedBytes !== totalBytes) {
    throw new EngineError("download-failed", `${url} ended after ${receivedBytes} of ${totalBytes} bytes.`);
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** fetch hides the reason one level down. */
function rootMessage(error: Error): string {
  return error.cause instanceof Error ? rootMessage(error.cause) : error.message || error.name;
}
