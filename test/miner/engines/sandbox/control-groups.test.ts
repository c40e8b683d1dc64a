import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  groupFiles,
  openControlGroups,
  type ControlGroups,
} from "../../../../miner/src/engines/sandbox/control-groups.ts";
import { launch, ownSandbox, type Sandbox } from "../../../../miner/src/engines/sandbox/index.ts";
import { models } from "../engine-helper.ts";

const probe = fileURLToPath(new URL("probe.ts", import.meta.url));

/** The kernel's files as they are for a service that may make groups. */
let root: string;
let own: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lode-groups-"));
  own = join(root, "system.slice", "lode.service");
  mkdirSync(own, { recursive: true });
  writeFileSync(join(root, "cgroup.controllers"), "cpuset cpu io memory pids\n");
  writeFileSync(join(own, "cgroup.controllers"), "cpu memory pids\n");
  writeFileSync(join(own, "cgroup.procs"), "77\n");
});
afterEach(() => rmSync(root, { recursive: true }));

const open = (line = "0::/system.slice/lode.service\n"): ControlGroups =>
  openControlGroups({ root, own: line, pid: 77 });
const read = (...path: string[]): string => readFileSync(join(own, ...path), "utf8");

describe("control groups", () => {
  it("are made beside the daemon's, with the limits of an engine", () => {
    const groups = open();
    if (groups.kind === "none") throw new Error(groups.reason);
    expect(read("daemon", "cgroup.procs")).toBe("77");
    expect(read("cgroup.subtree_control")).toBe("+memory +pids +cpu");
    const first = groups.make({ memoryBytes: 2 ** 30 });
    expect(first.folder).toBe(join(own, "engine-1"));
    expect(read("engine-1", "memory.max")).toBe(String(1.5 * 2 ** 30));
    expect(read("engine-1", "cpu.max")).toBe("200000 100000");
    expect(read("engine-1", "pids.max")).toBe("256");
    expect(groups.make({}).folder).toBe(join(own, "engine-2"));
  });

  it("limit swap where the kernel can, and memory only where it was planned", () => {
    expect(groupFiles({ memoryBytes: 1 }).map(([file]) => file)).toEqual([
      "memory.max",
      "memory.swap.max",
      "cpu.max",
      "pids.max",
    ]);
    expect(groupFiles({}).map(([file]) => file)).toEqual(["memory.swap.max", "cpu.max", "pids.max"]);
  });

  it.each<[string, () => ControlGroups, string]>([
    [
      "there are none of version 2",
      () => {
        rmSync(join(root, "cgroup.controllers"));
        return open();
      },
      "no control groups of version 2",
    ],
    ["this process is in none of them", () => open("4:memory:/user\n"), "in no control group of version 2"],
    [
      "a controller is not handed on",
      () => {
        writeFileSync(join(own, "cgroup.controllers"), "cpu pids\n");
        return open();
      },
      "limits of memory are not handed on",
    ],
    [
      "other programs are in the same group",
      () => {
        writeFileSync(join(own, "cgroup.procs"), "77\n78\n");
        return open();
      },
      "other programs are in this process' control group",
    ],
    [
      "nothing can be made there",
      () => {
        writeFileSync(join(own, "daemon"), "");
        return open();
      },
      "cannot be changed (EEXIST)",
    ],
    [
      "a limit cannot be written",
      () => {
        mkdirSync(join(own, "trial", "cpu.max"), { recursive: true });
        return open();
      },
      "cannot be changed (EISDIR)",
    ],
  ])("are none where %s", (_name, opened, reason) => {
    const groups = opened();
    expect(groups.kind === "none" && groups.reason).toContain(reason);
  });

  it("leave this process where it was when they cannot be made after all", () => {
    mkdirSync(join(own, "trial", "cpu.max"), { recursive: true });
    expect(open().kind).toBe("none");
    expect(read("cgroup.subtree_control")).toBe("-memory -pids -cpu");
    expect(read("cgroup.procs")).toBe("77");
  });
});

const shut = await ownSandbox();
const boxes: [string, Sandbox][] = [
  ["without a sandbox", { kind: "none", reason: "the test wants none" }],
  ...(shut.kind === "none" ? [] : [["in the sandbox", shut] as [string, Sandbox]]),
];

it.each(boxes)("a program %s is in its group before it does anything", async (_name, sandbox) => {
  const groups = open();
  if (groups.kind === "none") throw new Error(groups.reason);
  const group = groups.make({});
  const { channel } = launch(probe, sandbox, { files: [models.demo], group: group.folder });
  const answer = text(channel);
  channel.write(
    `${JSON.stringify({ model: models.demo, keystore: "/k", home: "/h", unixSocket: "/s", port: 1, daemonPid: 1 })}\n`,
  );
  expect(JSON.parse(await answer)).toMatchObject({ readModel: "GGUF" });
  // What the kernel takes for: this process.
  expect(read("engine-1", "cgroup.procs")).toBe("0\n");
});
