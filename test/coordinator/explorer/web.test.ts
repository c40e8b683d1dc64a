import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../../coordinator/src/plugins/external/config.ts";
import { useWeb } from "../../../coordinator/src/plugins/external/web.ts";

let folder: string;
let app: FastifyInstance;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lode-web-"));
  mkdirSync(join(folder, "dist", "assets"), { recursive: true });
  writeFileSync(join(folder, "dist", "index.html"), "<title>the explorer</title>");
  writeFileSync(join(folder, "dist", "assets", "index-abc.js"), "plain");
  writeFileSync(join(folder, "dist", "assets", "index-abc.js.br"), "small");
  writeFileSync(join(folder, "secret"), "a secret");
  app = fastify();
  const named = { PUBLIC_RPC_URL: "https://node.example/v1", PUBLIC_GRAPHQL_URL: "https://index.example/graphql" };
  await useWeb(app, readConfig(named), join(folder, "dist"));
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

const get = (url: string, headers = {}) => app.inject({ url, headers });

describe("the explorer's files", () => {
  it("are one document at every address, under a policy that names node and index and nobody else", async () => {
    for (const url of ["/explorer/", "/explorer/receipts/12", "/explorer/miners/0xab"]) {
      const { statusCode, body, headers } = await get(url);
      expect({ url, statusCode, body }).toMatchObject({ statusCode: 200, body: "<title>the explorer</title>" });
      expect(headers["cache-control"]).toBe("no-cache");
      const policy = String(headers["content-security-policy"]);
      expect(policy).toContain("connect-src 'self' https://node.example https://index.example;");
      expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'/);
      expect(policy).not.toMatch(/unsafe|\*/);
      expect(headers["x-content-type-options"]).toBe("nosniff");
    }
    expect((await get("/")).headers.location).toBe("/explorer/");
  });

  it("with a hash in their names are kept for good, and sent small to whoever takes it so", async () => {
    const plain = await get("/explorer/assets/index-abc.js");
    expect(plain).toMatchObject({ statusCode: 200, body: "plain" });
    expect(plain.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    const small = await get("/explorer/assets/index-abc.js", { "accept-encoding": "br" });
    expect(small).toMatchObject({ statusCode: 200, body: "small" });
    expect(small.headers["content-encoding"]).toBe("br");
  });

  it.each([
    "assets/other.js",
    "assets/../../secret",
    "assets/%2e%2e/%2e%2e/secret",
    "assets/..%2f..%2fsecret",
    "assets/",
  ])("are never something else: %s", async (path) => {
    const { statusCode, body } = await get(`/explorer/${path}`);
    expect(body).not.toContain("a secret");
    expect([200, 404]).toContain(statusCode);
    if (statusCode === 200) expect(body).toBe("<title>the explorer</title>");
  });

  it("that are not built are said to be missing, and how they come", async () => {
    const bare = fastify();
    await useWeb(bare, readConfig({}), join(folder, "nothing"));
    const answer = await bare.inject({ url: "/explorer/" });
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ message: expect.stringContaining("npm start") as string });
    await bare.close();
  });
});
