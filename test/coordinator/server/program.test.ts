import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../../scripts/root.ts";
import { addresses, temporaryHome } from "../fixture.ts";

const { home, remove } = temporaryHome();
const program = join(root, "coordinator", "src", "server.ts");

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program as a process of its own, with nothing in its environment but what is given. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const all = { PATH: process.env["PATH"] ?? "", LODE_HOME: home, ...env };
    execFile(process.execPath, [program, ...args], { env: all }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code as unknown as number), stdout, stderr });
    });
  });
}

const settings = { KEYSTORE_PASSWORD: "right", ADDRESSES_FILE: join(home, "addresses.json") };
beforeAll(async () => {
  writeFileSync(settings.ADDRESSES_FILE, JSON.stringify(addresses));
  const { code, stdout } = await run(["init", "--json"], settings);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    event: "initialised",
    operator: expect.stringMatching(/^0x[0-9a-f]{40}$/) as string,
    session: expect.stringMatching(/^0x[0-9a-f]{40}$/) as string,
  });
});
afterAll(remove);

describe("lode-coordinator", () => {
  it("shows examples with --help", async () => {
    const { code, stdout } = await run(["--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples:\n {2}\S/);
  });

  it("gives the same wallets when it is initialised again", async () => {
    const again = [await run(["init"], settings), await run(["init"], settings)];
    expect(again[0]).toEqual(again[1]);
    expect(again[0]!.code).toBe(0);
  });

  it.each<[string, number, string[], Record<string, string>, RegExp]>([
    ["no command", 2, [], {}, /^$/],
    ["an unknown command", 2, ["stop"], {}, /"stop".*--help/],
    ["an unknown option", 2, ["start", "--fast"], {}, /--fast/],
    ["an odd setting", 2, ["start"], { ...settings, PORT: "http" }, /PORT must be/],
    ["half a port", 2, ["start"], { ...settings, PORT: "80.5" }, /PORT must be/],
    ["a log level that is none", 2, ["start"], { ...settings, LOG_LEVEL: "loud" }, /LOG_LEVEL must be one of/],
    ["a chain that is no URL", 2, ["start"], { ...settings, RPC_URL: "localhost" }, /RPC_URL must be/],
    ["a wrong password", 3, ["start"], { ...settings, KEYSTORE_PASSWORD: "wrong" }, /password/],
    ["no wallets", 3, ["start"], { ...settings, LODE_HOME: join(home, "elsewhere") }, /\S/],
    ["a chain that does not answer", 4, ["start"], { ...settings, RPC_URL: "http://127.0.0.1:1" }, /No chain answers/],
  ])("%s ends with one sentence and exit code %i", async (_name, code, args, env, sentence) => {
    const outcome = await run(args, env);
    expect(outcome).toMatchObject({ code });
    expect(outcome.stderr).toMatch(sentence);
    expect(outcome.stderr).not.toMatch(/\n {4}at /);
  });

  it("refuses another chain than the contracts', as JSON when asked", async () => {
    const chain = createServer((request, response) => {
      let body = "";
      request.on("data", (piece: Buffer) => (body += piece.toString()));
      request.on("end", () => {
        const { id } = JSON.parse(body) as { id: number };
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ jsonrpc: "2.0", id, result: "0x1" }));
      });
    }).listen(0, "127.0.0.1");
    await once(chain, "listening");
    try {
      const RPC_URL = `http://127.0.0.1:${(chain.address() as AddressInfo).port}`;
      const { code, stderr } = await run(["start", "--json"], { ...settings, RPC_URL });
      expect(code).toBe(4);
      expect(JSON.parse(stderr)).toMatchObject({ error: { code: "chain_wrong" } });
    } finally {
      chain.close();
    }
  });
});
