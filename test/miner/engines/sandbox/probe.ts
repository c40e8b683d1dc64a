/**
 * Runs where the engine's process runs, tries what a program under a model file's control would try, and reports on file 3.
 * What to try comes as one line of JSON on the same file.
 */
import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { openSync, readdirSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { connect, Socket } from "node:net";

export interface Targets {
  model: string;
  keystore: string;
  home: string;
  unixSocket: string;
  port: number;
  daemonPid: number;
  /** Takes memory until there is no more; nothing else is tried then. */
  fillMegabytes?: number;
}

/** What each attempt gave: `yes`, a value, or the error's code. */
export type Report = Record<string, unknown>;

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

async function attempt(act: () => unknown): Promise<unknown> {
  try {
    return (await act()) ?? "yes";
  } catch (error) {
    return codeOf(error);
  }
}

/** Resolves when something listens there. */
const reach = (target: { path: string } | { host: string; port: number }): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(target as { host: string; port: number }, () => {
      socket.destroy();
      resolve("yes");
    });
    socket.once("error", reject);
    socket.setTimeout(20_000, () => reject(new Error("silence")));
  });

const sendDatagram = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = createSocket("udp4");
    socket.once("error", reject);
    socket.send("x", port, "127.0.0.1", (error) => {
      socket.close();
      if (error === null) resolve("yes");
      else reject(error);
    });
  });

function writeAt(path: string): void {
  writeFileSync(path, "x");
}

const status = (name: string): string | undefined =>
  new RegExp(`^${name}:\\s*(\\S+)`, "m").exec(readFileSync("/proc/self/status", "utf8"))?.[1];

async function probe(targets: Targets): Promise<Report> {
  const { model, keystore, home, unixSocket, port, daemonPid } = targets;
  return {
    readModel: await attempt(() => {
      const start = Buffer.alloc(4);
      readSync(openSync(model, "r"), start, 0, 4, 0);
      return start.toString();
    }),
    writeModel: await attempt(() => openSync(model, "r+")),
    readKeystore: await attempt(() => readFileSync(keystore, "utf8")),
    listHome: await attempt(() => readdirSync(home)),
    readPasswords: await attempt(() => readFileSync("/etc/passwd", "utf8").length),
    root: readdirSync("/"),
    devices: readdirSync("/dev"),
    writes: await Promise.all(
      ["/x", "/tmp/x", "/dev/x", "/dev/shm/x", "/proc/sys/kernel/hostname", "/lode/node"].map((path) =>
        attempt(() => writeAt(path)),
      ),
    ),
    connectHere: await attempt(() => reach({ host: "127.0.0.1", port })),
    connectOut: await attempt(() => reach({ host: "192.0.2.1", port: 443 })),
    connectSocket: await attempt(() => reach({ path: unixSocket })),
    datagram: await attempt(() => sendDatagram(port)),
    resolveName: await attempt(async () => (await lookup("example.org")).address),
    signalDaemon: await attempt(() => process.kill(daemonPid, 0).toString()),
    processes: await Promise.all(
      readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map((pid) => attempt(() => readFileSync(`/proc/${pid}/cmdline`, "latin1"))),
    ),
    runProgram: await attempt(() => execFileSync("/usr/bin/env").toString()),
    environment: Object.keys(process.env).sort(),
    cuda: ["CUDA_DEVICE_ORDER", "CUDA_VISIBLE_DEVICES"].map((name) => process.env[name] ?? null),
    secrets: JSON.stringify(process.env).includes("probe-secret"),
    files: readdirSync("/proc/self/fd").length,
    noNewPrivileges: status("NoNewPrivs"),
    capabilities: status("CapEff"),
    seccomp: status("Seccomp"),
  };
}

/** Megabytes that could be had and written to. */
function fill(most: number): number {
  const taken: Uint8Array[] = [];
  try {
    while (taken.length * 16 < most) taken.push(new Uint8Array(new SharedArrayBuffer(16 * 2 ** 20)).fill(1));
  } catch {
    // The limit.
  }
  return taken.length * 16;
}

const line = new Socket({ fd: 3, readable: true, writable: true });
line.setEncoding("utf8");
line.once("data", (text: string) => {
  const targets = JSON.parse(text) as Targets;
  const answer =
    targets.fillMegabytes === undefined ? probe(targets) : Promise.resolve({ filled: fill(targets.fillMegabytes) });
  answer.then(
    (report) => line.end(`${JSON.stringify(report)}\n`),
    (error: unknown) => line.end(`${JSON.stringify({ failed: String(error) })}\n`),
  );
});
