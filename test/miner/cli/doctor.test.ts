import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Finding } from "../../../miner/src/cli/doctor/finding.ts";
import { personAt, type Person } from "../../../scripts/dev/people.ts";
import * as programs from "../../../scripts/dev/programs.ts";
import { startDevnet, type TestDevnet } from "../../helpers/devnet.ts";
import { environmentOf, runLode } from "./run-lode.ts";

interface Report {
  isReady: boolean;
  findings: Finding[];
}

const folder = mkdtempSync(join(tmpdir(), "lode-doctor-"));
let devnet: TestDevnet;
let person: Person;
let server: Server | undefined;
let coordinator: string;
let health: Record<string, unknown>;
const well = { status: "ok", miners: 1, openAttempts: 0, logSize: 0, version: "test" };
beforeEach(() => void (health = well));
beforeAll(async () => {
  devnet = await startDevnet();
  person = await personAt(join(folder, "miner"));
  await devnet.fund(person);
  await programs.stake(devnet, person, "miner", 500n);
  server = createServer((_request, answer) => {
    answer.setHeader("content-type", "application/json");
    answer.end(JSON.stringify(health));
  });
  const listening = server.listen(0, "127.0.0.1");
  await once(listening, "listening");
  coordinator = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}, 240_000);
afterAll(async () => {
  server?.close();
  await devnet.stop();
  rmSync(folder, { recursive: true, force: true });
});

const stateOf = ({ findings }: Report): Record<string, string> =>
  Object.fromEntries(findings.map(({ name, state }) => [name, state]));

describe("lode doctor", () => {
  it("finds a staked miner with a coordinator in order", async () => {
    const env = environmentOf(person, devnet);
    const { code, out } = await runLode(["doctor", "--coordinator", coordinator, "--json"], env);
    const report = JSON.parse(out) as Report;
    expect(report.isReady).toBe(true);
    expect(code).toBe(0);
    const expected = [
      "settings",
      "Node",
      "machine",
      "disk",
      "model",
      "engine",
      "wallet",
      "chain",
      "stake",
      "coordinator",
      "clock",
    ];
    expect(stateOf(report)).toMatchObject(Object.fromEntries(expected.map((name) => [name, "ok"])));
  });

  it("names what is missing on a new machine, and what to do", async () => {
    const env = { LODE_HOME: join(folder, "nobody"), RPC_URL: "http://127.0.0.1:9", COORD_URL: "http://127.0.0.1:9" };
    const { code, out, err } = await runLode(["doctor"], env);
    expect(code).toBe(3);
    expect(out).toMatch(/ok +settings +There is no .*miner\.env, and none is needed; set: COORD_URL, RPC_URL\./);
    expect(out).toMatch(/PROBLEM +wallet +There is no keystore.*\n +-> lode wallet create/);
    expect(out).toMatch(/PROBLEM +chain +No chain answers/);
    expect(out).toMatch(/PROBLEM +coordinator +No coordinator answers/);
    expect(out).toMatch(/not known +clock/);
    expect(err).toBe("This machine cannot earn yet, because of: wallet, chain, coordinator.");
  });

  it("goes on behind a bad line of the configuration file, and uses the good ones", async () => {
    const { RPC_URL, ...env } = environmentOf(person, devnet);
    const file = join(person.home, "miner.env");
    writeFileSync(file, `RPC_URL=${RPC_URL}\nCOORD_URL=${coordinator}\nsecret words\n`);
    try {
      const { code, out } = await runLode(["doctor", "--json"], env);
      expect(code).toBe(2);
      const report = JSON.parse(out) as Report;
      expect(stateOf(report)).toMatchObject({ settings: "problem", chain: "ok", stake: "ok", coordinator: "ok" });
      expect(report.findings[0]?.says).toBe(
        `${file}, line 3: write NAME=value, without spaces before the = or "export".`,
      );
    } finally {
      rmSync(file);
    }
  });

  it.each<[string, string[], Record<string, string>, number, RegExp]>([
    ["an unreachable chain", ["--rpc", "http://127.0.0.1:9"], {}, 4, /No chain answers/],
    ["a model file that is not there", ["--model", "/nowhere.gguf"], {}, 9, /does not exist/],
    ["a model that was not downloaded", ["--model", "hf:a/b/c.gguf"], {}, 9, /has not been downloaded yet/],
    ["a wrong password", [], { KEYSTORE_PASSWORD_FILE: "", LODE_PASSWORD: "wrong" }, 3, /The password does not open/],
    ["a URL that is none", ["--coordinator", "garbage"], {}, 4, /"garbage" is not a coordinator's URL/],
    ["a staker of another operator", [], { WALLET_ADDR: `0x${"12".repeat(20)}` }, 1, /no stake as a miner/],
  ])("ends with its own code for %s", async (_name, args, change, code, says) => {
    const env = { ...environmentOf(person, devnet), COORD_URL: coordinator, ...change };
    const result = await runLode(["doctor", "--json", ...args], env);
    expect(result.code).toBe(code);
    const problems = (JSON.parse(result.out) as Report).findings.filter(({ state }) => state === "problem");
    expect(problems).toHaveLength(1);
    expect(problems[0]?.says).toMatch(says);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ["any other server", { hello: "world" }, /is not a coordinator/],
    ["figures that are none", { ...well, miners: "\u001b[2J" }, /is not a coordinator/],
    ["a coordinator that cannot work", { ...well, status: "starting" }, /cannot work now/],
  ])("is not content with %s", async (_name, answer, says) => {
    health = answer;
    const env = { ...environmentOf(person, devnet), COORD_URL: coordinator };
    const result = await runLode(["doctor", "--json"], env);
    expect(result.code).toBe(4);
    const found = (JSON.parse(result.out) as Report).findings.find(({ name }) => name === "coordinator");
    expect(found?.says).toMatch(says);
  });
});
