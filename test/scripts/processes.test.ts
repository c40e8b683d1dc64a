import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { choosePort, findFreePort, PortInUseError, startOnPort } from "../../scripts/processes/ports.ts";
import { Processes, ProcessFailedError } from "../../scripts/processes/processes.ts";
import { untilReady } from "../../scripts/processes/ready.ts";
import { claim } from "../../scripts/processes/single.ts";
import { root } from "../../scripts/root.ts";

let folder: string;
let processes: Processes;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lode-processes-"));
  processes = new Processes();
});
afterEach(async () => {
  await processes.stopAll();
  rmSync(folder, { recursive: true, force: true });
});

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const node = (name: string, script: string) =>
  processes.start({ name, command: process.execPath, args: ["-e", script], logFile: join(folder, `${name}.log`) });
const forever = `setInterval(() => {}, 1e3); console.log("up");`;

describe("Processes", () => {
  it("stops the last started first", async () => {
    const order: string[] = [];
    const all = ["first", "second"].map((name) => node(name, forever));
    for (const one of all) void one.ended.then(() => order.push(one.name));
    await Promise.all(all.map((one) => untilReady(one, async () => one.lastLines(1).match("up") ?? undefined)));
    await processes.stopAll();
    expect(order).toEqual(["second", "first"]);
    expect(all.map(({ pid }) => isAlive(pid))).toEqual([false, false]);
  });

  it("stops what a process itself had started", async () => {
    const child = `const c = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1e3)"]);`;
    const parent = node("parent", `${child} console.log("child", c.pid); setInterval(() => {}, 1e3)`);
    const found = await untilReady(parent, async () => /child (\d+)/.exec(parent.lastLines(1)) ?? undefined);
    await processes.stopAll();
    expect(isAlive(Number(found[1]))).toBe(false);
  });

  it("says how a process ended that should have become ready", async () => {
    const broken = node("broken", `console.error("no such model"); process.exit(9)`);
    const error: unknown = await untilReady(broken, async () => undefined).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ProcessFailedError);
    expect(error).toMatchObject({ exitCode: 9, message: expect.stringContaining("no such model") as string });
  });

  it("leaves nothing behind when the program that started them is killed", async () => {
    const script = join(folder, "program.ts");
    const module = join(root, "scripts/processes/processes.ts");
    writeFileSync(
      script,
      `import { Processes } from ${JSON.stringify(module)};
       const one = new Processes().start({ name: "one", command: process.execPath, args: ["-e", "setInterval(() => {}, 1e3)"],
         logFile: ${JSON.stringify(join(folder, "one.log"))} });
       console.log(one.pid);
       setInterval(() => {}, 1e3);`,
    );
    const program = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
    const [chunk] = (await once(program.stdout, "data")) as [Buffer];
    const pid = Number(chunk.toString());
    expect(isAlive(pid)).toBe(true);
    program.kill("SIGKILL");
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 60_000, interval: 20 });
  });
});

describe("startOnPort", () => {
  it("chooses again when somebody else takes the port before the program does", async () => {
    const wanted = await findFreePort();
    const other = createServer();
    const ports: number[] = [];
    const started = await startOnPort("API", wanted, true, async (port) => {
      ports.push(port);
      if (ports.length > 1) return `on ${port}`;
      other.listen(port, "127.0.0.1");
      await once(other, "listening");
      return untilReady(node("late", "process.exit(8)"), async () => undefined);
    });
    other.close();
    expect(started).toBe(`on ${ports[1]}`);
    expect(ports[0]).toBe(wanted);
    expect(ports[1]).toBeGreaterThan(wanted);
  });

  it("passes on why a program ended that had its port to itself", async () => {
    const wanted = await findFreePort();
    const start = () => untilReady(node("ill", "process.exit(4)"), async () => undefined);
    await expect(startOnPort("API", wanted, true, start)).rejects.toMatchObject({ exitCode: 4 });
  });
});

describe("choosePort", () => {
  it("names the port another program listens on, or takes the next free one when it may", async () => {
    const port = await findFreePort();
    const server = createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    try {
      await expect(choosePort("API", port, false)).rejects.toThrow(PortInUseError);
      await expect(choosePort("API", port, false)).rejects.toThrow(`Port ${port} for the API is in use`);
      expect(await choosePort("API", port, true)).toBeGreaterThan(port);
    } finally {
      server.close();
    }
    expect(await choosePort("API", port, false)).toBe(port);
  });
});

describe("claim", () => {
  it("lets one process hold a folder", () => {
    const file = join(folder, "lock");
    const release = claim(file);
    expect(claim(file)).toBe(process.pid);
    (release as () => void)();
    expect(claim(file)).toBeTypeOf("function");
  });

  it("takes over from a process that is no more", async () => {
    const gone = spawn(process.execPath, ["-e", ""]);
    await once(gone, "exit");
    const file = join(folder, "lock");
    writeFileSync(file, `${gone.pid!}`);
    expect(claim(file)).toBeTypeOf("function");
    expect(readFileSync(file, "utf8")).toBe(`${process.pid}`);
  });
});
