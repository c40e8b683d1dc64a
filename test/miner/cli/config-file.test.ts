import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  checkEnvironment,
  readConfigFile,
  withConfigFile,
  type ConfigFile,
} from "../../../miner/src/cli/config-file.ts";
import {
  accelerationOf,
  conditionLimitsOf,
  coordinatorsOf,
  modelsOf,
  type StartOptions,
} from "../../../miner/src/cli/miner/start-options.ts";
import { namesOf } from "../../../miner/src/cli/miner/model-names.ts";
import { scriptedEngine, letters } from "../daemon/scripted-engine.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "lode-config-"));
});
afterEach(() => rmSync(home, { recursive: true }));

function read(text: string, mode = 0o600): ConfigFile {
  const file = join(home, "miner.env");
  writeFileSync(file, text);
  chmodSync(file, mode);
  return readConfigFile(home);
}

/** Every name of the mission's list, as it is written there. */
const whole = `# a miner
COORD_URL=http://127.0.0.1:8402
WALLET_ADDR=0x${"aB".repeat(20)}
API_KEY="lode_x y"
MINER_ID=living-room.1
WORK_DIR=/var/lib/lode
HEARTBEAT_SECS=20
JOB_POLL_SECS=3
MAX_CONCURRENCY=1
ACCEL_MODE=auto
`;

describe("the configuration file", () => {
  it("takes every name of the list, quoted values and other line ends", () => {
    const { values, problems, warnings } = read(whole.replaceAll("\n", "\r\n"));
    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
    expect(values).toMatchObject({ API_KEY: "lode_x y", MINER_ID: "living-room.1", JOB_POLL_SECS: "3" });
    expect(Object.keys(values)).toHaveLength(9);
  });

  it.each(["0.001", "0.5", "1", "9.999", "10"])("takes %s as what energy costs", (value) => {
    expect(read(`${whole}ENERGY_RELATIVE_PRICE=${value}\n`).problems).toEqual([]);
  });

  it("may begin with an editor's mark", () => {
    expect(read(`\uFEFF${whole.slice(10)}`).problems).toEqual([]);
  });

  it.each<[string, string, RegExp]>([
    ["no value at all", "nonsense", /line 11: write NAME=value/],
    ["a space before the sign", "MODEL =embedded", /line 11: write NAME=value, without spaces/],
    ["a shell's word", "export MODEL=embedded", /line 11: write NAME=value/],
    ["small letters", "model=embedded", /line 11: write the name in capitals, MODEL=value/],
    ["a name for the second time", "ACCEL_MODE=cpu", /line 11: ACCEL_MODE is set in line 10 already/],
    ["a number that is none", "MAX_MEMORY_MB=8G", /line 11: MAX_MEMORY_MB must be a whole number of MB/],
    ["a number out of bounds", "METRICS_PORT=70000", /line 11: METRICS_PORT must be a port from 1 to 65535/],
    [
      "energy for nothing",
      "ENERGY_RELATIVE_PRICE=0",
      /line 11: ENERGY_RELATIVE_PRICE must be a number from 0.001 to 10/,
    ],
    ["energy beyond bounds", "ENERGY_RELATIVE_PRICE=10.5", /line 11: ENERGY_RELATIVE_PRICE must be a number/],
    ["a URL that is none", "RPC_URL=127.0.0.1:8545", /line 11: RPC_URL must be a URL like/],
    ["falling temperatures", "THERMAL_LIMITS=85,75,95", /line 11: THERMAL_LIMITS must be three rising temperatures/],
    [
      "a home that only a shell knows",
      "MINER_CERT_FILE=~/miner.crt",
      /line 11: MINER_CERT_FILE must be a whole path: ~/,
    ],
    ["a choice that is none", "YIELD_GPU=maybe", /line 11: YIELD_GPU must be always or never/],
  ])("names the line and what to do: %s", (_name, line, says) => {
    const config = read(`${whole}${line}\n`);
    expect(config.problems).toEqual([expect.stringMatching(says)]);
    expect(() => withConfigFile({}, config)).toThrow(says);
  });

  it("is named where it cannot be read, and stops no command that looks for what is wrong", () => {
    mkdirSync(join(home, "miner.env"));
    const config = readConfigFile(home);
    expect(config.problems).toEqual([expect.stringMatching(/miner\.env cannot be read: make it a file/)]);
    expect(() => withConfigFile({}, config)).toThrow(/cannot be read/);
  });

  it("never says what a line holds", () => {
    const { problems } = read("half of a p4ssword\nMAX_MEMORY_MB=p4ssword\n");
    expect(problems).toHaveLength(2);
    expect(problems.join()).not.toContain("p4ssword");
  });

  it("warns of names that nothing reads, with the one that was meant", () => {
    expect(read("COORD_ULR=http://h\nPATH=/bin\n").warnings).toEqual([
      expect.stringMatching(/line 1: nothing reads COORD_ULR; did you mean COORD_URL\.$/),
      expect.stringMatching(/line 2: nothing reads PATH\.$/),
    ]);
  });

  it.skipIf(process.platform === "win32")("warns of a secret that others may read", () => {
    expect(read(whole, 0o644).warnings).toEqual([expect.stringMatching(/chmod 600/)]);
    expect(read("MODEL=embedded\n", 0o644).warnings).toEqual([]);
  });

  it("goes behind the environment, whose own mistakes are named too", () => {
    const config = read(whole);
    expect(withConfigFile({ ACCEL_MODE: "cpu" }, config)).toMatchObject({ ACCEL_MODE: "cpu", HEARTBEAT_SECS: "20" });
    expect(withConfigFile({ ACCEL_MODE: "", RPC_URL: "" }, config)).toEqual(withConfigFile({}, config));
    expect(() => checkEnvironment({ HEARTBEAT_SECS: "often" })).toThrow(/^HEARTBEAT_SECS must be a whole number/);
    expect(() => checkEnvironment({ HEARTBEAT_SECS: "20", NOBODYS: "x" })).not.toThrow();
  });
});

describe("what a start makes of it", () => {
  const options = {} as StartOptions;
  it("several coordinators, from options or one setting", () => {
    expect(coordinatorsOf(options, { COORD_URL: "http://a:1, https://b" })).toEqual(["http://a:1", "https://b"]);
    const given = { ...options, coordinator: ["http://c", "http://d"] };
    expect(coordinatorsOf(given, { COORD_URL: "http://a:1" })).toEqual(["http://c", "http://d"]);
  });

  it.each([undefined, "", "garbage", "http://a,http://a", "http://a,,http://b", "http://me@a", "http://:secret@a"])(
    "not from %s",
    (value) => {
      expect(() => coordinatorsOf(options, { COORD_URL: value })).toThrow(/Name the coordinator/);
    },
  );

  it.each<[readonly string[] | undefined, string | undefined, readonly string[]]>([
    [undefined, undefined, ["embedded"]],
    [undefined, "", ["embedded"]],
    [undefined, "a.gguf, b.gguf,", ["a.gguf", "b.gguf"]],
    [["embedded"], "a.gguf", ["embedded"]],
    [["a,b.gguf", "c.gguf"], undefined, ["a,b.gguf", "c.gguf"]],
  ])("models, from options %j before the setting %j", (model, setting, expected) => {
    expect(modelsOf({ ...(model !== undefined && { model }) }, { MODEL: setting })).toEqual(expected);
  });

  describe("names of models", () => {
    const [first, second] = ["One Model", "Other/Model 2"].map((modelName) =>
      scriptedEngine(letters(1), { modelName }),
    );
    const ids = (engines: Parameters<typeof namesOf>[0], given?: string[]): string[] =>
      namesOf(engines, given).map(({ id }) => id);
    it("are the models' own, or those given", () => {
      expect(ids([first!, second!])).toEqual(["one-model", "other/model-2"]);
      expect(ids([first!, second!], ["a", "b"])).toEqual(["a", "b"]);
    });

    it("are as many as the models, and each another", () => {
      expect(() => ids([first!, second!], ["a"])).toThrow("there are 2 models and 1 names");
      expect(() => ids([first!, first!])).toThrow("Two models are called one-model; give --name once for each.");
      expect(ids([first!, first!], ["a", "b"])).toEqual(["a", "b"]);
    });
  });

  it("temperatures", () => {
    expect(conditionLimitsOf({})).toMatchObject({ warmC: 75, hotC: 85, criticalC: 95 });
    expect(conditionLimitsOf({ THERMAL_LIMITS: "60,70,80" })).toMatchObject({ warmC: 60, hotC: 70, criticalC: 80 });
  });

  it("a card only where the engine uses one", () => {
    expect([{ ACCEL_MODE: "gpu" }, { ACCEL_MODE: "cpu" }, {}].map(accelerationOf)).toEqual(["gpu", "cpu", "auto"]);
  });
});
