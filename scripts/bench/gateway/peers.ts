/** The programs that the benchmark runs beside the market: the stub upstream, the bare proxy and Portkey. */
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { choosePort } from "../../processes/ports.ts";
import type { Processes, Running } from "../../processes/processes.ts";
import { untilReady } from "../../processes/ready.ts";
import { root } from "../../root.ts";

export interface Peer {
  readonly port: number;
  readonly process: Running;
}

/** Starts one of this folder's programs, which print their port. */
export async function startHere(
  processes: Processes,
  name: string,
  logs: string,
  args: readonly string[] = [],
): Promise<Peer> {
  const process_ = processes.start({
    name,
    command: process.execPath,
    args: [join(import.meta.dirname, `${name}.ts`), ...args],
    logFile: join(logs, `${name}.log`),
  });
  const port = await untilReady(process_, async () => (JSON.parse(process_.lastLines(1)) as { port: number }).port);
  return { port, process: process_ };
}

/** Starts Portkey in the release that its lock file names; the first run installs it. */
export async function startPortkey(processes: Processes, logs: string): Promise<Peer> {
  const folder = installed();
  const port = await choosePort("peer", 18787, true);
  const process_ = processes.start({
    name: "portkey",
    command: process.execPath,
    args: [
      "--import",
      join(import.meta.dirname, "portkey-shim.mjs"),
      join(folder, "node_modules", "@portkey-ai", "gateway", "build", "start-server.js"),
      "--headless",
      `--port=${port}`,
    ],
    // Loopback is no host that it would trust by itself.
    env: { NODE_ENV: "production", TRUSTED_CUSTOM_HOSTS: "127.0.0.1" },
    logFile: join(logs, "portkey.log"),
  });
  await untilReady(process_, async () => ((await fetch(`http://127.0.0.1:${port}/`)).ok ? true : undefined));
  return { port, process: process_ };
}

function installed(): string {
  const source = join(import.meta.dirname, "peers");
  const folder = join(root, ".cache", "bench-peers");
  const lock = readFileSync(join(source, "package-lock.json"));
  const wanted = createHash("sha256").update(lock).digest("hex");
  const mark = join(folder, "installed");
  if (existsSync(mark) && readFileSync(mark, "utf8") === wanted) return folder;
  mkdirSync(folder, { recursive: true });
  cpSync(source, folder, { recursive: true });
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder, stdio: "pipe" });
  writeFileSync(mark, wanted);
  return folder;
}

/** Resident memory of a process now, MiB. */
export function residentMib(pid: number): number {
  const found = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(found?.[1] ?? Number.NaN) / 1024;
}
