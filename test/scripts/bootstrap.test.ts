import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { root } from "../../scripts/root.ts";

/** A checkout that needs no package, so that `npm ci` has nothing to fetch. */
let checkout: string;

beforeEach(() => {
  checkout = realpathSync(mkdtempSync(join(tmpdir(), "lode-bootstrap-")));
  for (const part of ["scripts/bootstrap.mjs", "scripts/bootstrap"]) {
    cpSync(join(root, part), join(checkout, part), { recursive: true });
  }
  const manifest = { name: "empty", version: "1.0.0", type: "module" };
  writeFileSync(join(checkout, "package.json"), JSON.stringify(manifest));
  const lock = { ...manifest, lockfileVersion: 3, packages: { "": manifest } };
  writeFileSync(join(checkout, "package-lock.json"), JSON.stringify(lock));
});
afterEach(() => rmSync(checkout, { recursive: true, force: true }));

function start(script: string, args: string[] = [], cwd = checkout, file = "script.ts"): ChildProcess {
  writeFileSync(join(checkout, file), script);
  const launcher = join(checkout, "scripts/bootstrap.mjs");
  return spawn(process.execPath, [launcher, file, ...args], { cwd, stdio: ["pipe", "pipe", "pipe"] });
}

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

async function end(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ["", ""];
  child.stdout!.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr!.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { code, signal, stdout, stderr };
}

async function firstOutput(child: ChildProcess): Promise<void> {
  await Promise.race([
    once(child.stdout!, "data"),
    once(child, "exit").then(() => Promise.reject(new Error("ended without any output"))),
  ]);
}

describe("bootstrap", () => {
  it("hands over arguments, standard input, working folder and exit code", async () => {
    const folder = join(checkout, "elsewhere");
    mkdirSync(folder);
    const script = `
      const x: number = 7;
      for await (const chunk of process.stdin) console.log(String(chunk), process.argv.slice(2), process.cwd());
      process.exitCode = x;`;
    const child = start(script, ["--one", "two words"], folder);
    child.stdin!.end("input");
    const { code, stdout } = await end(child);
    expect(stdout).toBe(`input [ '--one', 'two words' ] ${folder}\n`);
    expect(code).toBe(7);
  });

  it("goes on without what a start only gains time by, and does not make it for a miner", async () => {
    const database = join(checkout, "coordinator/src/plugins/app/store");
    for (const folder of [database, join(checkout, "coordinator/prisma/migrations"), join(checkout, "miner")]) {
      mkdirSync(folder, { recursive: true });
    }
    writeFileSync(join(database, "database.ts"), "");
    writeFileSync(join(checkout, "coordinator/prisma/make-empty.ts"), 'throw new Error("no room")');
    const coordinator = await end(start(`console.log("up")`));
    expect(coordinator).toMatchObject({ code: 0, stdout: "up\n" });
    expect(coordinator.stderr).toMatch(/no room[^]*making an empty database failed \(1\)[^]*going on without it/);
    const miner = await end(start(`console.log("up")`, [], checkout, "miner/script.ts"));
    expect(miner).toMatchObject({ code: 0, stdout: "up\n", stderr: "" });
  });

  it("puts its Node first on the script's PATH", async () => {
    const { stdout } = await end(start(`console.log(process.env.PATH.split(":")[0] + "/node" === process.execPath)`));
    expect(stdout).toBe("true\n");
  });

  it("passes a signal on and ends as the script ends", async () => {
    const child = start(`process.on("SIGTERM", () => process.exit(9)); setInterval(() => {}, 1e3); console.log("up");`);
    const ended = end(child);
    await firstOutput(child);
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 9, signal: null });
  });

  it("dies of the signal the script died of", async () => {
    const child = start(`setInterval(() => {}, 1e3); console.log("up");`);
    const ended = end(child);
    await firstOutput(child);
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: null, signal: "SIGTERM" });
  });

  it("closes the script's lifeline when it is killed", async () => {
    const child = start(`
      import { Socket } from "node:net";
      const lifeline = new Socket({ fd: Number(process.env.LODE_LIFELINE_FD), readable: true, writable: false });
      lifeline.on("close", () => { console.log("launcher gone"); process.exit(0); }).resume();
      console.log("up");`);
    let stdout = "";
    child.stdout!.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    await firstOutput(child);
    child.kill("SIGKILL");
    await once(child.stdout!, "close");
    expect(stdout).toBe("up\nlauncher gone\n");
  });

  it("installs once, and again when the lock file changed", async () => {
    const script = `console.log("ran")`;
    expect((await end(start(script))).stderr).toContain("installing packages");
    expect((await end(start(script))).stderr).toBe("");
    const manifest = { name: "empty", version: "1.0.1" };
    const lock = { ...manifest, lockfileVersion: 3, packages: { "": manifest, "node_modules/x": { optional: true } } };
    writeFileSync(join(checkout, "package-lock.json"), JSON.stringify(lock));
    writeFileSync(join(checkout, "package.json"), JSON.stringify(manifest));
    rmSync(join(checkout, "node_modules/.package-lock.json"), { force: true });
    expect((await end(start(script))).stderr).toContain("installing packages");
  });

  it("installs once when two start together", async () => {
    const both = await Promise.all([end(start(`console.log("ran")`)), end(start(`console.log("ran")`))]);
    expect(both.map(({ code, stdout }) => ({ code, stdout }))).toEqual([
      { code: 0, stdout: "ran\n" },
      { code: 0, stdout: "ran\n" },
    ]);
    expect(both.filter(({ stderr }) => stderr.includes("installing packages (")).length).toBe(1);
    expect(existsSync(join(checkout, ".cache/locks/packages"))).toBe(false);
  });

  it("takes over the lock of a process that is no more", async () => {
    const gone = spawn(process.execPath, ["-e", ""]);
    await once(gone, "exit");
    mkdirSync(join(checkout, ".cache/locks"), { recursive: true });
    writeFileSync(join(checkout, ".cache/locks/packages"), `${gone.pid!}`);
    expect(await end(start(`console.log("ran")`))).toMatchObject({ code: 0, stdout: "ran\n" });
  });

  it("answers a missing script with one sentence and exit code 2", async () => {
    const child = start("");
    await end(child);
    rmSync(join(checkout, "script.ts"));
    const launcher = join(checkout, "scripts/bootstrap.mjs");
    const ended = await end(spawn(process.execPath, [launcher, "script.ts"]));
    expect(ended).toMatchObject({ code: 2, stderr: "There is no script.ts in this checkout.\n" });
  });
});
