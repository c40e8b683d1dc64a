import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { download } from "../../../miner/src/store/download.ts";
import { content, digest, startFileServer, type FileServer } from "./file-server.ts";

const folder = mkdtempSync(join(tmpdir(), "lode-download-"));
let server: FileServer;
let part: string;
let files = 0;
beforeAll(async () => {
  server = await startFileServer();
});
beforeEach(() => {
  server.asked.length = 0;
  server.cutAfter = content.length;
  server.version = 1;
  part = join(folder, `${files++}.part`);
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const quick = { retryMs: 1 };
const begun = (version: string | undefined, bytes: Buffer = content.subarray(0, 1000)): void => {
  writeFileSync(part, bytes);
  if (version !== undefined) writeFileSync(`${part}.version`, version);
};

describe("a download", () => {
  it("gives the file, its digest and its progress", async () => {
    const seen: number[] = [];
    const onProgress = ({ receivedBytes }: { receivedBytes: number }): void => void seen.push(receivedBytes);
    expect(await download(`${server.base}/file`, part, { onProgress })).toEqual({
      sha256: digest,
      sizeBytes: content.length,
    });
    expect(readFileSync(part)).toEqual(content);
    expect(seen.at(-1)).toBe(content.length);
  });

  it("goes on where it was interrupted when the file is still the same", async () => {
    begun('"v1"');
    expect((await download(`${server.base}/tagged`, part)).sha256).toBe(digest);
    expect(server.asked).toEqual([{ path: "/tagged", range: "bytes=1000-" }]);
  });

  it("starts again when the file has changed in between", async () => {
    begun('"v0"', Buffer.alloc(1000));
    expect((await download(`${server.base}/tagged`, part)).sha256).toBe(digest);
    expect(readFileSync(part)).toEqual(content);
  });

  it("starts again where nobody says which version the beginning was of", async () => {
    begun(undefined, Buffer.alloc(1000));
    expect((await download(`${server.base}/untagged`, part)).sha256).toBe(digest);
    expect(server.asked[0]?.range).toBeUndefined();
  });

  it("goes on without a version where the digest will tell", async () => {
    begun(undefined);
    expect((await download(`${server.base}/untagged`, part, { sha256: digest })).sha256).toBe(digest);
    expect(server.asked[0]?.range).toBe("bytes=1000-");
  });

  it("starts again where the server knows no ranges", async () => {
    begun('"v1"');
    expect((await download(`${server.base}/plain`, part)).sha256).toBe(digest);
    expect(readFileSync(part)).toEqual(content);
  });

  it("takes what is whole already as it is, and starts again when more is there than the server has", async () => {
    begun('"v1"', content);
    expect((await download(`${server.base}/tagged`, part)).sha256).toBe(digest);
    expect(server.asked).toHaveLength(1);
    begun('"v1"', Buffer.concat([content, content]));
    expect((await download(`${server.base}/tagged`, part, quick)).sha256).toBe(digest);
  });

  it("survives a line that breaks again and again", async () => {
    server.cutAfter = 100_000;
    expect((await download(`${server.base}/cut`, part, quick)).sha256).toBe(digest);
    expect(server.asked.length).toBeGreaterThan(4);
    expect(server.asked.at(-1)?.range).toMatch(/^bytes=[1-9]/);
  });

  it("gives up when nothing new comes, and keeps what is there", async () => {
    const silent = { ...quick, stallMs: 50 };
    await expect(download(`${server.base}/silent`, part, silent)).rejects.toMatchObject({
      code: "download-failed",
      retryable: true,
      exitCode: 4,
      message: `${server.base}/silent cannot be downloaded: silence for 0.05 s.`,
    });
    expect(existsSync(part)).toBe(true);
  });

  it("is tried five times where nothing comes at all", async () => {
    let asked = 0;
    const fetchFile = async (): Promise<Response> => {
      asked += 1;
      throw new Error("no line");
    };
    const lost = download("https://model.example/file", part, { ...quick, fetchFile });
    await expect(lost).rejects.toMatchObject({ code: "download-failed" });
    expect(asked).toBe(5);
  });

  it("stops when it is told to", async () => {
    const stop = new AbortController();
    const ended = download(`${server.base}/silent`, part, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(ended).rejects.toMatchObject({ code: "aborted" });
  });

  it("follows the hub's redirection, and believes only the digest that is stated there", async () => {
    expect((await download(`${server.base}/moved`, part)).sha256).toBe(digest);
    await expect(download(`${server.base}/misled`, `${part}2`)).rejects.toMatchObject({
      code: "model-corrupt",
      message: `${server.base}/misled has the sha256 ${digest}, not ${"0".repeat(64)} as it should.`,
    });
    expect(existsSync(`${part}2`)).toBe(false);
  });

  it.each<[string, string, string | RegExp]>([
    ["/missing", "model-not-found", "does not exist, or is not public."],
    ["/broken", "download-failed", "cannot be downloaded: the server answered 500."],
    ["/teapot", "download-failed", "answered 418."],
    ["/circle", "model-not-found", "leads to more than 5 other addresses."],
    ["/away", "model-not-found", "leads to an address that is no web address."],
  ])("of %s fails with one sentence", async (path, code, sentence) => {
    await expect(download(server.base + path, part, quick)).rejects.toMatchObject({
      code,
      message: `${server.base}${path} ${String(sentence)}`,
    });
  });

  it("never follows from a secure address to an open one", async () => {
    const fetchFile = async (): Promise<Response> =>
      new Response(null, { status: 302, headers: { location: `${server.base}/file` } });
    await expect(download("https://example.org/m", part, { fetchFile })).rejects.toMatchObject({
      code: "model-not-found",
      message: "https://example.org/m leads to an address that is not secure.",
    });
  });

  it("does not go on at another place than it asked for", async () => {
    begun('"v1"');
    await expect(download(`${server.base}/shifted`, part, quick)).rejects.toThrow(
      "the server goes on at another place",
    );
  });

  it("takes no more than there is room for", async () => {
    const onSize = async (missing: number | undefined): Promise<number> => (missing === undefined ? 1e6 : missing);
    await expect(download(`${server.base}/endless`, part, { onSize })).rejects.toThrow(
      /more than the 1000000 bytes that there is room for/,
    );
    expect(existsSync(part)).toBe(false);
    const full = async (): Promise<number> => Promise.reject(new Error("full"));
    await expect(download(`${server.base}/file`, part, { ...quick, onSize: full })).rejects.toThrow("full");
  });

  it("from a closed port fails with one sentence", async () => {
    await expect(download("http://127.0.0.1:1/x", part, quick)).rejects.toMatchObject({
      code: "download-failed",
      message: expect.stringMatching(/^[^\n]+cannot be downloaded: [^\n]+\.$/) as string,
    });
  });
});
