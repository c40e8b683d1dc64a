import { open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { EngineError } from "../engines/errors.ts";
import { sha256Of } from "../engines/gguf/digest.ts";

import { extentOf, requestFile, validatorOf, type Fetch } from "./request.ts";

export interface DownloadProgress {
  receivedBytes: number;
  /** Undefined where the server does not say. */
  totalBytes: number | undefined;
}

export interface DownloadOptions {
  /** Expected sha256 in hex. */
  sha256?: string | undefined;
  onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /**
   * Called before anything is written, with the bytes still to come where the server says how many. Throws where there is no room
   * for them; else returns how many may come.
   */
  onSize?: ((missingBytes: number | undefined) => Promise<number>) | undefined;
  signal?: AbortSignal | undefined;
  fetchFile?: Fetch | undefined;
  /** Milliseconds before the first new try; each further one waits twice as long. */
  retryMs?: number | undefined;
  /** Longest silence. */
  stallMs?: number | undefined;
}

export interface Downloaded {
  sha256: string;
  sizeBytes: number;
}

/** Tries in a row without a single new byte. */
const mostTries = 5;

/** A failure after which the same request may go well. */
class Interrupted extends Error {}

/**
 * Downloads a file to `part`, where an earlier try may have left its beginning. That is continued only if the server
 * vouches that the file is the same, or the expected digest will tell. Interruptions are tried again, the rest stays for the next call.
 * Throws EngineError `download-failed`, `model-not-found`, `model-corrupt` for a wrong digest, and whatever `onSize` throws.
 */
export async function download(url: string, part: string, options: DownloadOptions = {}): Promise<Downloaded> {
  const { retryMs = 1000, signal } = options;
  let stated = options.sha256;
  for (let tries = 1; ; tries += 1) {
    const before = await sizeOf(part);
    try {
      stated = (await fetchRest(url, part, { ...options, sha256: stated })) ?? stated;
      break;
    } catch (cause) {
      if (signal?.aborted === true) throw new EngineError("aborted", "The download was stopped.", { cause });
      if (cause instanceof EngineError) throw cause;
      if ((await sizeOf(part)) > before) tries = 0;
      if (tries >= mostTries) {
        const reason = cause instanceof Error ? rootMessage(cause) : String(cause);
        throw new EngineError("download-failed", `${url} cannot be downloaded: ${reason}.`, { cause });
      }
      await pause(retryMs * 2 ** Math.max(0, tries - 1), undefined, signal && { signal }).catch(() => undefined);
    }
  }
  const sha256 = await sha256Of(part, signal);
  if (stated !== undefined && stated !== sha256) {
    await forget(part);
    throw new EngineError("model-corrupt", `${url} has the sha256 ${sha256}, not ${stated} as it should.`);
  }
  return { sha256, sizeBytes: await sizeOf(part) };
}

/** Removes what is left of a download. */
export async function forget(part: string): Promise<void> {
  await Promise.all([rm(part, { force: true }), rm(versionFile(part), { force: true })]);
}

const versionFile = (part: string): string => `${part}.version`;

/** One request, and all of its answer. Returns the digest where the hub states it. */
async function fetchRest(url: string, part: string, options: DownloadOptions): Promise<string | undefined> {
  const { fetchFile = fetch, onProgress, onSize, stallMs = 60_000, sha256, signal } = options;
  const validator = await readFile(versionFile(part), "utf8").catch(() => undefined);
  // Without a version or a digest nobody would notice a beginning and an end of two different files.
  const present = validator === undefined && sha256 === undefined ? 0 : await sizeOf(part);
  const stall = new AbortController();
  const abort = signal === undefined ? stall.signal : AbortSignal.any([signal, stall.signal]);
  const watch = setTimeout(() => stall.abort(new Interrupted(`silence for ${stallMs / 1000} s`)), stallMs);
  try {
    const request = { from: present, validator, signal: abort };
    const { response, statedSha256 } = await requestFile(fetchFile, url, request);
    if (response.status === 416 && present > 0) {
      await response.body?.cancel();
      const { totalBytes } = endOf(response);
      if (totalBytes === present) return statedSha256;
      // More is here than there: only a fresh start can tell.
      await forget(part);
      throw new Interrupted("the server has less than is here");
    }
    refuse(url, response);
    const { from, totalBytes } = extentOf(response);
    if (from !== 0 && from !== present) throw new Interrupted("the server goes on at another place");
    if (from === 0) await forget(part);
    const version = validatorOf(response);
    if (version !== undefined) await writeFile(versionFile(part), version);
    const most = from + ((await onSize?.(totalBytes === undefined ? undefined : totalBytes - from)) ?? Infinity);
    const file = await open(part, from === 0 ? "w" : "a");
    let receivedBytes = from;
    try {
      for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
        watch.refresh();
        receivedBytes += chunk.length;
        if (receivedBytes > (totalBytes ?? most)) {
          await forget(part);
          const limit = totalBytes === undefined ? "there is room for" : "it announced";
          throw new EngineError(
            "download-failed",
            `${url} sends more than the ${totalBytes ?? most} bytes that ${limit}.`,
          );
        }
        await file.appendFile(chunk);
        onProgress?.({ receivedBytes, totalBytes });
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (totalBytes !== undefined && receivedBytes < totalBytes) {
      throw new Interrupted(`it ended after ${receivedBytes} of ${totalBytes} bytes`);
    }
    return statedSha256;
  } finally {
    clearTimeout(watch);
  }
}

function refuse(url: string, { status, body }: Response): void {
  if (status === 404 || status === 401 || status === 403 || status === 410) {
    throw new EngineError("model-not-found", `${url} does not exist, or is not public.`);
  }
  if (status === 429 || status >= 500) throw new Interrupted(`the server answered ${status}`);
  if ((status !== 200 && status !== 206) || body === null) {
    throw new EngineError("download-failed", `${url} answered ${status}.`);
  }
}

/** A refused range names the size of the whole. */
function endOf({ headers }: Response): { totalBytes: number | undefined } {
  const total = /^bytes \*\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1];
  return { totalBytes: total === undefined ? undefined : Number(total) };
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** fetch hides the reason one level down. */
function rootMessage(error: Error): string {
  return error.cause instanceof Error ? rootMessage(error.cause) : (error.message || error.name).replace(/\.$/, "");
}

/** Moves a finished download to where it belongs. */
export async function finish(part: string, path: string): Promise<void> {
  await rename(part, path);
  await rm(versionFile(part), { force: true });
}
