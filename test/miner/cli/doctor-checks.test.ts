import { describe, expect, it } from "vitest";
import { checkClock } from "../../../miner/src/cli/doctor/coordinator.ts";
import { countFindings, look, showFindings, type Finding } from "../../../miner/src/cli/doctor/finding.ts";
import {
  adviceOf,
  checkAccelerators,
  checkDisk,
  checkMachine,
  checkNode,
} from "../../../miner/src/cli/doctor/machine.ts";
import type { ConfigFile } from "../../../miner/src/cli/config-file.ts";
import { checkSandbox } from "../../../miner/src/cli/doctor/sandbox.ts";
import { checkSettings } from "../../../miner/src/cli/doctor/settings.ts";
import type { Sandbox } from "../../../miner/src/engines/index.ts";
import type { Gpu, Hardware } from "../../../miner/src/hardware/index.ts";

const bare: Hardware = {
  platform: "linux",
  arch: "x64",
  cpu: { model: "Some CPU", threads: 8, cores: 4, sockets: 1, features: ["avx2"], caches: [], numa: [] },
  memory: { totalMb: 16_384, availableMb: 12_000 },
  gpus: [],
  drivers: [],
  runtimes: [],
  disk: { folder: "/", totalMb: 500_000, freeMb: 100_000, writeMBs: 900 },
  links: [],
  probes: [],
};
const card: Gpu = { vendor: "NVIDIA", name: "NVIDIA GeForce RTX 3090", vramMb: 24_576, sources: ["lspci"] };
const nvidia = { vendor: "NVIDIA", name: "nvidia", version: "560.35.03" };
const cuda = { name: "CUDA" as const, version: "12.6", source: "nvidia-smi" };

describe("the doctor's view of the machine", () => {
  it.each([
    ["24.21.0", "ok"],
    ["26.0.0", "ok"],
    ["22.18.0", "problem"],
  ])("Node %s is %s", (version, state) => expect(checkNode(version).state).toBe(state));

  it("a machine without a card is a normal machine", () => {
    expect(checkMachine(bare)).toMatchObject({ state: "ok", figures: { class: "cpu" } });
    expect(checkMachine(bare).says).toContain("no GPU, jobs run on the processor");
    expect(checkAccelerators(bare).state).toBe("ok");
  });

  it.each<[string, Partial<Hardware>, string, RegExp]>([
    ["no driver", { gpus: [card] }, "warning", /No driver was found for NVIDIA GeForce RTX 3090/],
    ["a driver alone", { gpus: [card], drivers: [nvidia] }, "warning", /nothing that programs compute with/],
    ["driver and runtime", { gpus: [card], drivers: [nvidia], runtimes: [cuda] }, "ok", /CUDA 12\.6/],
  ])("a card with %s", (_name, change, state, says) => {
    const found = checkAccelerators({ ...bare, ...change });
    expect(found.state).toBe(state);
    expect(found.says).toMatch(says);
    expect(found.next !== undefined).toBe(state === "warning");
  });

  it("names the largest model for every place that could run one", () => {
    const { says } = adviceOf({ ...bare, gpus: [card] });
    expect(says).toMatch(/Qwen2\.5 32B Q4_0 on the NVIDIA GeForce RTX 3090; Mistral Small 24B Q4_0 on the processor/);
  });

  it("a full disk is a problem, an unmeasured one is not known", () => {
    expect(checkDisk(bare).state).toBe("ok");
    const full = checkDisk({ ...bare, disk: { folder: "/", totalMb: 500_000, freeMb: 1000 } });
    expect(full).toMatchObject({ state: "problem", next: expect.stringContaining("1.0 GiB") as string });
    const { disk: _disk, ...without } = bare;
    expect(checkDisk(without).state).toBe("unknown");
  });

  it.each<[string, string, Sandbox, Partial<Finding>]>([
    ["works", "linux", { kind: "bubblewrap", seccomp: true }, { state: "ok" }],
    ["filters no calls", "linux", { kind: "bubblewrap", seccomp: false }, { state: "warning" }],
    [
      "is missing",
      "linux",
      { kind: "none", reason: "bubblewrap is not installed" },
      { state: "warning", next: "install bubblewrap (apt install bubblewrap)" },
    ],
    [
      "is forbidden",
      "linux",
      { kind: "none", reason: "this system forbids it" },
      { state: "warning", next: expect.stringContaining("user namespaces") as string },
    ],
    ["does not exist elsewhere", "darwin", { kind: "none", reason: "there is none" }, { state: "warning" }],
  ])("a sandbox that %s", (_name, platform, sandbox, finding) => {
    expect(checkSandbox(platform, sandbox)).toMatchObject(finding);
  });
});

describe("the settings", () => {
  const values = { COORD_URL: "http://127.0.0.1:8402" };
  const file = { file: "/lode/miner.env", exists: true, values, problems: [], warnings: [] };
  it("that are well are listed, a password's value never", () => {
    const found = checkSettings({ ...file, values: { ...file.values, LODE_PASSWORD: "secret" } }, {});
    expect(found).toMatchObject({ state: "ok", says: "/lode/miner.env is in order; set: COORD_URL, LODE_PASSWORD." });
    expect(JSON.stringify(found)).not.toContain("secret");
  });

  it.each<[string, Partial<ConfigFile>, Record<string, string>, Partial<Finding>]>([
    ["a bad line", { problems: ["miner.env, line 2: write NAME=value."] }, {}, { state: "problem", exitCode: 2 }],
    [
      "a name that nothing reads",
      { warnings: ["miner.env, line 1: nothing reads COORD_ULR."] },
      {},
      { state: "warning" },
    ],
    ["a URL that is none", { values: { COORD_URL: "garbage" } }, {}, { state: "problem", exitCode: 2 }],
    ["too many jobs in the environment", {}, { MAX_CONCURRENCY: "49" }, { state: "problem", exitCode: 2 }],
    ["an address that is too short", {}, { WALLET_ADDR: "0x12" }, { state: "problem", exitCode: 2 }],
    ["a good environment above a bad file", { values: { RPC_URL: "x" } }, { RPC_URL: "http://h" }, { state: "ok" }],
  ])("with %s", (_name, change, env, expected) => {
    const found = checkSettings({ ...file, ...change }, env);
    expect(found).toMatchObject(expected);
    expect(found.next !== undefined).toBe(found.state !== "ok");
  });
});

describe("the clock", () => {
  const date = "Sat, 21 Nov 2026 12:00:00 GMT";
  const theirs = Date.parse(date);
  it.each([
    ["the same", 400, "ok", /within/],
    ["a little late", -9_000, "ok", /within/],
    ["a minute ahead", 60_500, "problem", /60\.0 s ahead of/],
    ["a minute behind", -59_500, "problem", /60\.0 s behind/],
  ])("%s", (_name, offset, state, says) => {
    const found = checkClock(date, theirs + offset);
    expect(found.state).toBe(state);
    expect(found.says).toMatch(says);
  });
  it("is not known where nobody tells the time", () => expect(checkClock(null, theirs).state).toBe("unknown"));
});

describe("a look", () => {
  it("that hangs or fails becomes a problem in one sentence", async () => {
    const never = new Promise<Finding>(() => undefined);
    expect(await look({ name: "x", limitMs: 20, exitCode: 4 }, () => never)).toEqual({
      name: "x",
      state: "problem",
      says: "There was no answer within 0.02 s.",
      exitCode: 4,
    });
    const broken = await look({ name: "x", limitMs: 1000 }, () => Promise.reject(new Error("It broke.\nin detail")));
    expect(broken).toEqual({ name: "x", state: "problem", says: "It broke." });
  });

  it("is shown in one line, with what to do below", () => {
    const findings: Finding[] = [
      { name: "a", state: "ok", says: "Good." },
      { name: "long", state: "problem", says: "Bad.", next: "do it" },
    ];
    const lines = showFindings(findings).split("\n");
    expect(countFindings(findings)).toBe("1 ok, 0 warnings, 1 problem.");
    expect(lines).toEqual(["ok         a     Good.", "PROBLEM    long  Bad.", "                 -> do it"]);
  });
});
