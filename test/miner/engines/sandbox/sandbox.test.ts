import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findSandbox, launch, ownSandbox, type Sandbox } from "../../../../miner/src/engines/sandbox/index.ts";
import { cardPlaces } from "../../../../miner/src/engines/sandbox/places.ts";
import { models } from "../engine-helper.ts";
import type { Report, Targets } from "./probe.ts";

const own = await ownSandbox();
const reason = own.kind === "none" ? `: skipped, ${own.reason} (Debian's package bubblewrap)` : "";
const open: Sandbox = { kind: "none", reason: "the test wants none" };
const probe = fileURLToPath(new URL("probe.ts", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "lode-sandbox-"));
const listening = async (server: Server, at: number | string): Promise<Server> => {
  await new Promise<void>((resolve) => server.listen(at, resolve));
  return server;
};
let servers: Server[];
let targets: Targets;

beforeAll(async () => {
  const home = join(folder, "home");
  mkdirSync(home);
  const keystore = join(home, "wallet.json");
  writeFileSync(keystore, '{"crypto":{}}');
  const unixSocket = join(folder, "agent.sock");
  servers = [await listening(createServer(), 0), await listening(createServer(), unixSocket)];
  const { port } = servers[0]!.address() as AddressInfo;
  process.env["LODE_PASSWORD"] = "probe-secret";
  targets = { model: models.demo, keystore, home, unixSocket, port, daemonPid: process.pid };
});
afterAll(() => {
  delete process.env["LODE_PASSWORD"];
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

/** Runs the probe as the engine's process is run. */
async function run(
  sandbox: Sandbox,
  changes: Partial<Targets> = {},
  memoryBytes?: number,
  card: { usesCard?: boolean; cudaDevice?: number } = {},
): Promise<Report> {
  const { process: child, channel } = launch(probe, sandbox, { files: [models.demo], memoryBytes, ...card });
  const complaint = text(child.stderr!);
  channel.write(`${JSON.stringify({ ...targets, ...changes })}\n`);
  const answer = await text(channel);
  if (answer === "") throw new Error(`the probe said nothing: ${await complaint}`);
  return JSON.parse(answer) as Report;
}

it("shows of all devices those of cards alone", () => {
  const disks = ["sda", "nvme0n1", "mem", "kmsg", "kvm", "tty", "input", "video0", "nvidia-drivers", "drive"];
  const cards = ["nvidia0", "nvidia11", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset", "dri", "kfd"];
  const args = cardPlaces([...disks, ...cards]);
  const bound = args.filter((_, at) => args[at - 1] === "--dev-bind");
  expect(bound).toEqual(cards.map((name) => `/dev/${name}`));
  // What is no device is for reading.
  expect(new Set(args.filter((word) => word.startsWith("--")))).toEqual(new Set(["--dev-bind", "--ro-bind-try"]));
});

it("the one card that is meant is all that an engine's CUDA sees, in a sandbox or not", async () => {
  for (const sandbox of own.kind === "none" ? [open] : [open, own]) {
    expect((await run(sandbox, {}, undefined, { usesCard: true, cudaDevice: 1 }))["cuda"]).toEqual(["PCI_BUS_ID", "1"]);
    expect((await run(sandbox, {}, undefined, { usesCard: true }))["cuda"]).toEqual([null, null]);
  }
});

it("the probe finds what it looks for where nothing is in its way", async () => {
  expect(await run(open)).toMatchObject({
    readModel: "GGUF",
    readKeystore: '{"crypto":{}}',
    listHome: ["wallet.json"],
    connectHere: "yes",
    connectSocket: "yes",
    datagram: "yes",
    signalDaemon: "true",
    // Even then it gets none of the settings.
    secrets: false,
  });
});

describe.skipIf(own.kind === "none")(`inside the sandbox${reason}`, () => {
  let report: Report;
  beforeAll(async () => {
    report = await run(own);
  });
  const mayBe = (...codes: string[]): unknown => expect.stringMatching(new RegExp(`^(${codes.join("|")})$`));

  it("the model can be read, and not written", () => {
    expect(report).toMatchObject({ readModel: "GGUF", writeModel: mayBe("EROFS", "EACCES") });
  });

  it("there is no keystore, no home, and no list of users", () => {
    expect(report).toMatchObject({ readKeystore: "ENOENT", listHome: "ENOENT", readPasswords: "ENOENT" });
    expect(report["root"]).not.toContain("home");
  });

  it("nothing can be written anywhere", () => {
    expect(report["writes"]).toEqual(Array.from({ length: 6 }, () => mayBe("EROFS", "ENOENT", "EACCES", "EPERM")));
  });

  it("no way leads out: not to this machine, not to another, not to a socket in a folder", () => {
    const none = mayBe("EPERM", "EACCES", "ENETUNREACH", "ECONNREFUSED", "ENOENT", "EAI_AGAIN", "ENOTFOUND");
    const ways = ["connectHere", "connectOut", "connectSocket", "datagram", "resolveName"];
    expect(Object.fromEntries(ways.map((way) => [way, report[way]]))).toEqual(
      Object.fromEntries(ways.map((way) => [way, none])),
    );
  });

  it("a card's engine sees its devices and drivers, and no more of anything else", async () => {
    const { root, devices, ...seen } = await run(own, {}, undefined, { usesCard: true });
    const { root: usualRoot, devices: usual, ...others } = report;
    const told = ["readModel", "readKeystore", "listHome", "writes", "connectHere", "connectOut", "signalDaemon"];
    expect(told.map((name) => seen[name])).toEqual(told.map((name) => others[name]));
    // Folders on the way to drivers may be there now; nobody's home is.
    const more = (root as string[]).filter((name) => !(usualRoot as string[]).includes(name));
    expect(more.filter((name) => !["etc", "opt", "usr", "sys"].includes(name))).toEqual([]);
    const added = (devices as string[]).filter((name) => !(usual as string[]).includes(name));
    expect(added.filter((name) => !/^(nvidia|dri$|kfd$)/.test(name))).toEqual([]);
  });

  it("no other process can be seen or reached", () => {
    expect(report["signalDaemon"]).toBe("ESRCH");
    const processes = report["processes"] as string[];
    expect(processes.filter((words) => !words.includes("probe.ts"))).toEqual([]);
    expect(processes.length).toBeLessThan(4);
  });

  it("there is no other program, no setting, no power, and no file of the daemon's", () => {
    expect(report).toMatchObject({ runProgram: "ENOENT", secrets: false, noNewPrivileges: "1" });
    expect(Number(`0x${report["capabilities"] as string}`)).toBe(0);
    expect(
      (report["environment"] as string[]).filter((name) => !["HOME", "PWD", "OLDPWD", "_", "SHLVL"].includes(name)),
    ).toEqual([]);
  });

  it.skipIf(own.kind === "none" || !own.seccomp)("system calls are filtered, and sockets cannot even be made", () => {
    expect(report).toMatchObject({ seccomp: "2", connectHere: "EPERM", datagram: "EPERM" });
  });

  it("memory ends at the limit", async () => {
    const wanted = { fillMegabytes: 1024 };
    expect(await run(own, wanted)).toEqual({ filled: 1024 });
    const { filled } = await run(own, wanted, 2 ** 20);
    expect(filled).toBeGreaterThan(100);
    expect(filled).toBeLessThan(1024);
  });
});

describe("a system without a sandbox", () => {
  it("is known by its reason", async () => {
    expect(await findSandbox("darwin")).toEqual({ kind: "none", reason: "there is none for this system" });
    expect(await findSandbox("linux", join(folder, "no-bwrap"))).toEqual({
      kind: "none",
      reason: "bubblewrap is not installed",
    });
  });

  it("is known by what bubblewrap says where it may not do its work", async () => {
    const refusing = join(folder, "bwrap");
    writeFileSync(refusing, "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n", {
      mode: 0o755,
    });
    expect(await findSandbox("linux", refusing)).toEqual({
      kind: "none",
      reason: "this system forbids it (bwrap: No permissions to create new namespace)",
    });
  });
});
