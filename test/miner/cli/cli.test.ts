import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
  existsSync,
  readdirSync,
  readFileSync,
} from "node:fs";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import type { Io } from "../../../miner/src/cli/io.ts";
import { run } from "../../../miner/src/cli/program.ts";
import { parseAmount, showAmount } from "../../../miner/src/cli/amounts.ts";
import { personAt, type Person } from "../../../scripts/dev/people.ts";
import { root } from "../../../scripts/root.ts";
import { honestPlan, signHistory } from "../../sdk/audit-history.ts";
import { LogServer } from "../audit/log-server.ts";
import { openServer } from "../engines/upstream/server.ts";
import { startDevnet, type TestDevnet } from "../../helpers/devnet.ts";

const folder = mkdtempSync(join(tmpdir(), "lode-cli-"));
/** Where nobody listens. */
const unheard = "http://127.0.0.1:9";
const oddHome = join(folder, "odd");
mkdirSync(join(oddHome, "miner.env"), { recursive: true });
let devnet: TestDevnet;
let rich: Person;
beforeAll(async () => {
  devnet = await startDevnet();
  rich = await personAt(join(folder, "rich"));
  await devnet.fund(rich);
}, 120_000);
afterAll(async () => {
  await devnet.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command line in this process and keeps what it printed. */
async function lode(
  args: string[],
  env: Record<string, string> = {},
  { signal = new AbortController().signal, onLine }: { signal?: AbortSignal; onLine?: (text: string) => void } = {},
): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const io: Io = {
    env: { RPC_URL: devnet.rpcUrl, ADDRESSES_FILE: devnet.addressesFile, ...env },
    isTerminal: false,
    out: (text) => {
      out.push(text);
      onLine?.(text);
    },
    err: (text) => err.push(text),
    askHidden: undefined,
    ask: undefined,
    readInput: async () => `0x${"01".repeat(32)}`,
    signal,
  };
  const code = await run(args, io);
  return { code, out: out.join("\n"), err: err.join("\n") };
}

const as = ({ home, passwordFile }: Person): Record<string, string> => ({
  LODE_HOME: home,
  KEYSTORE_PASSWORD_FILE: passwordFile,
});

/** One sentence for a person, and perhaps a hint: no stack, no trailing dump. */
function expectSentence(text: string): void {
  expect(text.trim().split("\n").length).toBeLessThanOrEqual(2);
  expect(text).not.toMatch(/\bat .*:\d+:\d+/);
  expect(text.trim()).toMatch(/[.)]$/);
}

describe("amounts", () => {
  it.each([
    ["1", 10n ** 18n],
    ["1.5", 15n * 10n ** 17n],
    ["0.000000000000000001", 1n],
    ["12wei", 12n],
  ])("%s is read exactly", (text, wei) => expect(parseAmount(text)).toBe(wei));
  it.each(["", "-1", "1,5", "1e3", "0.0000000000000000001", "wei", "1 LODE"])("%j is refused", (text) => {
    expect(() => parseAmount(text)).toThrow(/is not an amount/);
  });
  it("are shown without losing a wei", () => {
    expect([showAmount(0n), showAmount(1n), showAmount(15n * 10n ** 17n)]).toEqual([
      "0 LODE",
      "0.000000000000000001 LODE",
      "1.5 LODE",
    ]);
  });
});

describe("lode wallet", () => {
  it("creates a keystore for its owner only, shows it, and never overwrites it", async () => {
    const home = join(folder, "new");
    const env = { LODE_HOME: home, LODE_PASSWORD: "secret" };
    const made = await lode(["wallet", "create", "--json"], env);
    expect(made.code).toBe(0);
    const { address, file } = JSON.parse(made.out) as { address: string; file: string };
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).not.toContain("secret");
    expect((await lode(["wallet", "show"], env)).out).toContain(address);
    const again = await lode(["wallet", "create"], env);
    expect(again.code).toBe(3);
    expectSentence(again.err);
  });

  it("imports a key from standard input", async () => {
    const made = await lode(["wallet", "import", "--json"], {
      LODE_HOME: join(folder, "imported"),
      LODE_PASSWORD: "x",
    });
    expect(JSON.parse(made.out)).toMatchObject({ address: "0x1a642f0e3c3af545e7acbd38b07251b3990914f1" });
  });
});

describe("a failure is one sentence and an exit code", () => {
  it.each<[string, string[], Record<string, string>, number]>([
    ["a wrong password", ["stake", "500"], { KEYSTORE_PASSWORD_FILE: "", LODE_PASSWORD: "wrong" }, 3],
    ["no password", ["stake", "500"], { KEYSTORE_PASSWORD_FILE: "" }, 3],
    ["no wallet", ["stake", "500"], { LODE_HOME: join(folder, "nobody") }, 3],
    ["an unreachable chain", ["stake", "500", "--rpc", "http://127.0.0.1:9"], {}, 4],
    ["an unreachable coordinator", ["client", "deposit", "1", "--coordinator", "http://127.0.0.1:9"], {}, 4],
    ["too little stake", ["stake", "1"], {}, 5],
    ["nothing to withdraw", ["withdraw"], {}, 5],
    ["an amount that is none", ["stake", "much"], {}, 2],
    ["no amount", ["stake"], {}, 2],
    ["an unknown command", ["dance"], {}, 2],
    ["a coordinator without http://", ["client", "deposit", "1", "--coordinator", "localhost:8402"], {}, 2],
    ["a key file that is not there", ["client", "balance", "--coordinator", unheard, "--key", "/nowhere"], {}, 2],
    ["no key", ["client", "gateway", "--coordinator", unheard], {}, 2],
    ["a home that is a file", ["wallet", "create"], { LODE_HOME: import.meta.filename, LODE_PASSWORD: "x" }, 1],
    ["a configuration file that is a folder", ["miner", "start"], { LODE_HOME: oddHome }, 2],
    ["a slot that is no number", ["client", "slab", "leave", "x", "--payee", `0x${"11".repeat(20)}`], {}, 2],
    ["addresses that are nowhere", ["wallet", "show", "--addresses", "/nowhere"], {}, 2],
    ["a chain that is no number", ["wallet", "show"], { ADDRESSES_FILE: "", CHAIN_ID: "abc" }, 2],
    ["a key that is nowhere", ["wallet", "import", "--key-file", "/nowhere"], { LODE_HOME: join(folder, "new2") }, 2],
    ["a wallet that is a folder", ["wallet", "show", "--wallet", folder], {}, 3],
    ["an audit of nobody", ["audit", "--log", "http://127.0.0.1:9"], {}, 7],
    [
      "a model file that is not there",
      ["miner", "start", "--coordinator", "http://127.0.0.1:9", "--model", "/nowhere.gguf"],
      {},
      9,
    ],
  ])("for %s", async (_name, args, env, code) => {
    const merged = Object.fromEntries(Object.entries({ ...as(rich), ...env }).filter(([, value]) => value !== ""));
    const result = await lode(args, merged);
    expect({ code: result.code, err: result.err }).toMatchObject({ code });
    expectSentence(result.err);
  });

  it("for a corrupt GGUF", async () => {
    const model = join(folder, "corrupt.gguf");
    writeFileSync(model, Buffer.concat([Buffer.from("GGUF"), Buffer.alloc(2000, 7)]));
    const result = await lode(["miner", "start", "--coordinator", "http://127.0.0.1:9", "--model", model], as(rich));
    expect(result.code).toBe(9);
    expectSentence(result.err);
  });

  it("for a corrupt GGUF beside a good one", async () => {
    const model = join(folder, "corrupt.gguf");
    const both = ["--model", "embedded", "--model", model];
    const result = await lode(["miner", "start", "--coordinator", "http://127.0.0.1:9", ...both], as(rich));
    expect(result.code).toBe(9);
    expect(result.err).toContain("corrupt.gguf");
    expectSentence(result.err);
  });

  it("for a bad line in miner.env, which it names", async () => {
    const person = await personAt(join(folder, "badline"));
    writeFileSync(join(person.home, "miner.env"), "# fine\nCOORD_URL=http://127.0.0.1:9\nnonsense\n");
    const result = await lode(["miner", "start"], as(person));
    expect(result.code).toBe(2);
    expect(result.err).toContain("line 3");
  });

  it("for a port in use", async () => {
    const person = await personAt(join(folder, "coordinator"), "operator.json");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const program = join(root, "coordinator", "src", "server.ts");
    const env = {
      ...process.env,
      ...as(person),
      RPC_URL: devnet.rpcUrl,
      ADDRESSES_FILE: devnet.addressesFile,
      PORT: `${port}`,
    };
    const ended = spawnSync(process.execPath, [program, "start"], {
      env: { ...env, LOG_LEVEL: "silent" },
      encoding: "utf8",
    });
    expect(ended.status).toBe(8);
    expect(ended.stderr).toContain(`Port ${port} on 127.0.0.1 is in use`);
    expectSentence(ended.stderr);
    server.close();
  });
});

describe("lode stake", () => {
  it("shows with --dry-run what it would do, and does nothing", async () => {
    const result = await lode(["stake", "500", "--dry-run"], as(rich));
    expect(result.code).toBe(0);
    expect(result.out).toContain("register");
    expect((await lode(["unstake", "1"], as(rich))).code).toBe(5);
  });

  it("registers once, tops up, thaws, and --total is safe to repeat", async () => {
    const stake = async (...args: string[]) => {
      const result = await lode(["stake", ...args, "--json"], as(rich));
      expect(result.err).toBe("");
      return (JSON.parse(result.out) as { stakedWei: string }).stakedWei;
    };
    expect(await stake("500")).toBe(parseAmount("500").toString());
    expect(await stake("--amount", "100")).toBe(parseAmount("600").toString());
    expect(await stake("600", "--total")).toBe(parseAmount("600").toString());
    expect((await lode(["unstake", "100"], as(rich))).code).toBe(0);
    const early = await lode(["withdraw"], as(rich));
    expect(early.code).toBe(5);
    expect(early.err).toContain("thawing until");
  });
});

describe("lode miner start", () => {
  const untilNobodyAnswers = async (...given: string[]): Promise<{ code: number; told: Record<string, unknown>[] }> => {
    const stop = new AbortController();
    const told: Record<string, unknown>[] = [];
    const onLine = (text: string): void => {
      const event = JSON.parse(text) as Record<string, unknown>;
      told.push(event);
      if (event["event"] === "disconnected") stop.abort();
    };
    const start = ["miner", "start", "--coordinator", "http://127.0.0.1:9", "--json", ...given];
    const { code } = await lode(start, as(rich), { signal: stop.signal, onLine });
    return { code, told };
  };

  it("ends, and does not hang, where the coordinator refuses it for good", { timeout: 120_000 }, async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    const refusal = { type: "error", code: "not_staked", message: "No stake.", fatal: true };
    server.on("connection", (socket) => {
      socket.send(JSON.stringify(refusal));
      socket.close(1008, "not_staked");
    });
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { code, err } = await lode(["miner", "start", "--coordinator", url, "--model", "bench"], as(rich));
    server.close();
    expect({ code, err }).toEqual({ code: 1, err: "The coordinator refuses this miner: No stake." });
  });

  it("--upstream serves a server's model, with no process of ours to shut in", { timeout: 120_000 }, async () => {
    const server = await openServer({});
    const given = ["--upstream", server.url, "--upstream-model", "m", "--concurrency", "4"];
    const { code, told } = await untilNobodyAnswers(...given);
    await server.close();
    expect(code).toBe(0);
    expect(server.received.map(({ path }) => path)).toContain("/v1/models");
    // Nothing of ours is shut in, so that nothing is missed.
    expect(told.filter(({ message }) => /SANDBOX|CONTROL GROUP/.test(String(message)))).toEqual([]);
  });

  it("--on-demand puts one model on a shelf, where others may come", { timeout: 120_000 }, async () => {
    const { code, told } = await untilNobodyAnswers("--on-demand", "--name", "first");
    expect(code).toBe(0);
    expect(told).toContainEqual({ event: "model", model: "first", isLoaded: true });
  });

  it("--fetch takes only what says which file it has to be", async () => {
    const given = ["miner", "start", "--coordinator", "http://127.0.0.1:9", "--fetch", "https://models.example/a.gguf"];
    const result = await lode(given, as(rich));
    expect(result.code).toBe(2);
    expectSentence(result.err);
    expect(result.err).toContain("#sha256=");
  });
});

describe("a miner of several models", () => {
  const pieces = join(root, "test", "fixtures", "models", "lode-pieces.Q8_0.gguf");
  const models = ["--model", "embedded", "--model", pieces];
  const start = ["miner", "start", "--coordinator", "http://127.0.0.1:9", "--json"];

  it("opens each, keeps the first loaded, and ends when it is told to", { timeout: 120_000 }, async () => {
    const stop = new AbortController();
    const told: Record<string, unknown>[] = [];
    const onLine = (text: string): void => {
      const event = JSON.parse(text) as Record<string, unknown>;
      told.push(event);
      if (event["event"] === "disconnected") stop.abort();
    };
    const names = ["--name", "first", "--name", "second"];
    const result = await lode([...start, ...models, ...names], as(rich), { signal: stop.signal, onLine });
    expect(result).toMatchObject({ code: 0 });
    expect(told.filter(({ event }) => event === "model")).toEqual([
      { event: "model", model: "first", isLoaded: true },
      { event: "model", model: "second", isLoaded: false },
    ]);
  });

  it("is told to give a name for each", { timeout: 120_000 }, async () => {
    const result = await lode([...start, ...models, "--name", "one"], as(rich));
    expect(result).toMatchObject({ code: 2 });
    expect(result.err).toContain("there are 2 models and 1 names");
  });
});

describe("an audit", () => {
  it("of a log that this chain knows nothing of ends with exit code 6, and writes what it found", async () => {
    const log = await LogServer.open(signHistory(honestPlan()));
    const at = (name: string): string => join(folder, name);
    const wanted = ["--html", at("report.html"), "--findings", at("found"), "--heads-out", at("heads.json")];
    try {
      const { code, out } = await lode(["audit", "--log", log.url, "--json", ...wanted]);
      expect(code).toBe(6);
      const report = JSON.parse(out) as { receipts: number; found: number; findings: { kind: string }[] };
      expect(report).toMatchObject({ receipts: 6, size: "6" });
      expect(report.findings.map(({ kind }) => kind)).toContain("miner_unregistered");
      expect(readFileSync(at("report.html"), "utf8")).toContain("miner_unregistered");
      expect(readdirSync(at("found"))).toHaveLength(report.found);
      expect(JSON.parse(readFileSync(at("heads.json"), "utf8"))).toMatchObject({ heads: [] });
      const id = log.history.entries[2]!.receipt.assignment;
      const kept = ["audit", "receipt", id, "--log", log.url, "--out", at("bill.json")];
      expect((await lode(kept)).code).toBe(6);
      await log.close();
      expect((await lode(["audit", "receipt", at("bill.json")])).code).toBe(6);
    } finally {
      await log.close();
    }
  });

  it.each([
    [["audit"]],
    [["audit", "--log", "coordinator.example"]],
    [["audit", "--log", "http://127.0.0.1:9", "--full"]],
    [["audit", "--log", "http://127.0.0.1:9", "--incremental", "--miner", `0x${"11".repeat(20)}`]],
    [["audit", "--log", "http://127.0.0.1:9", "--threads", "0"]],
    [["audit", "--log", "http://127.0.0.1:9", "--heads", "/nowhere.json"]],
    [["audit", "receipt", "/nowhere.json"]],
    [["audit", "serve", "--log", "http://127.0.0.1:9", "--webhook", "http://127.0.0.1:9"]],
  ])("of %j is wrong usage", async (args) => {
    const { code, err } = await lode(args);
    expect({ code, err }).toMatchObject({ code: 2 });
    expectSentence(err);
  });
});

it("leaves no files behind", () => expect(existsSync(join(folder, "nobody"))).toBe(false));
