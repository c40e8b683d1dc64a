import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { download } from "../../../miner/models/download.ts";
import { embeddedModel, resolveModel } from "../../../miner/models/index.ts";

const folder = mkdtempSync(join(tmpdir(), "lode-models-"));
const content = Buffer.from("a model, more or less ".repeat(5000));
const digest = createHash("sha256").update(content).digest("hex");
let server: Server;
let base: string;
let ranges: (string | undefined)[];

beforeAll(async () => {
  server = createServer((request, response) => {
    ranges.push(request.headers.range);
    if (request.url === "/missing") return response.writeHead(404).end();
    if (request.url === "/broken") return response.writeHead(500).end();
    if (request.url === "/cut") {
      response.writeHead(200, { "content-length": content.length });
      return response.write(content.subarray(0, 1000), () => response.destroy());
    }
    const from = request.url === "/plain" ? undefined : /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
    if (from === undefined) return response.writeHead(200, { "content-length": content.length }).end(content);
    if (Number(from) >= content.length) return response.writeHead(416).end();
    const rest = content.subarray(Number(from));
    return response.writeHead(206, { "content-length": rest.length }).end(rest);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  ranges = [];
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

describe("a download", () => {
  it("gives the file, its digest and its progress", async () => {
    const path = join(folder, "deep", "one.gguf");
    const seen: number[] = [];
    expect(await download(`${base}/file`, path, { onProgress: ({ receivedBytes }) => seen.push(receivedBytes) })).toBe(
      digest,
    );
    expect(readFileSync(path)).toEqual(content);
    expect(seen.at(-1)).toBe(content.length);
    expect(existsSync(`${path}.part`)).toBe(false);
  });

  it.each([
    ["file", "goes on where it was interrupted"],
    ["plain", "starts again where the server cannot go on"],
  ])("(%s) %s", async (name) => {
    const path = join(folder, `${name}.gguf`);
    writeFileSync(`${path}.part`, content.subarray(0, 1000));
    expect(await download(`${base}/${name}`, path)).toBe(digest);
    expect(ranges.at(-1)).toBe("bytes=1000-");
    expect(readFileSync(path)).toEqual(content);
  });

  it("that breaks off fails, and the file does not appear", async () => {
    const path = join(folder, "cut.gguf");
    await expect(download(`${base}/cut`, path)).rejects.toMatchObject({ code: "download-failed", retryable: true });
    expect(existsSync(path)).toBe(false);
  });

  it("starts again when more is there than the server has", async () => {
    const path = join(folder, "long.gguf");
    writeFileSync(`${path}.part`, Buffer.concat([content, content]));
    expect(await download(`${base}/file`, path)).toBe(digest);
  });

  it.each([
    ["/missing", "model-not-found", "does not exist, or is not public."],
    ["/broken", "download-failed", "answered 500."],
  ])("of %s fails with one sentence", async (url, code, sentence) => {
    await expect(download(base + url, join(folder, "none"))).rejects.toMatchObject({
      code,
      message: `${base}${url} ${sentence}`,
    });
  });

  it("from a closed port fails with one sentence", async () => {
    const error = await download("http://127.0.0.1:1/x", join(folder, "none")).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "download-failed",
      retryable: true,
      message: expect.stringMatching(/^[^\n]+cannot be downloaded: [^\n]+\.$/),
    });
  });
});

describe("a model's name", () => {
  it("can be the embedded model or a path", async () => {
    expect(await resolveModel("embedded")).toEqual({ path: embeddedModel, sha256: undefined });
    expect((await resolveModel(embeddedModel)).path).toBe(embeddedModel);
    await expect(resolveModel(join(folder, "none.gguf"))).rejects.toMatchObject({ code: "model-not-found" });
  });

  it("can be a downloaded file of the hub", async () => {
    const path = join(folder, "cache", "owner", "repo", "file.gguf");
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, "x");
    expect(await resolveModel("hf:owner/repo/file.gguf", { cacheDir: join(folder, "cache") })).toEqual({
      path,
      sha256: undefined,
    });
  });

  it.each([
    "hf:owner/repo",
    "hf:../../etc/x.gguf",
    "hf:owner/repo/../../x.gguf",
    "hf:owner/repo/a b.gguf",
    "hf:owner/repo/file.bin",
  ])("%s is refused", async (name) => {
    await expect(resolveModel(name, { cacheDir: folder })).rejects.toMatchObject({
      code: "model-not-found",
      message: `${name} is not of the form hf:owner/repo/file.gguf.`,
    });
  });
});
