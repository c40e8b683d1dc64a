import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { findFreePort } from "../../scripts/processes/ports.ts";

/** Where PostgreSQL's programs are; undefined with the reason when there are none. */
export function findPostgres(): { bin: string } | { missing: string } {
  const config = spawnSync("sh", ["-c", "ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1"]);
  const bin = config.stdout.toString().trim();
  return bin === "" ? { missing: "PostgreSQL is not installed (Debian's package postgresql)" } : { bin };
}

export interface Postgres {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** A PostgreSQL of the test's own on loopback. It refuses to run as root, so root hands it to an unprivileged user. */
export async function startPostgres(bin: string): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), "lode-postgres-"));
  const data = join(folder, "data");
  const isRoot = process.getuid?.() === 0;
  const uid = 65534;
  const identity = isRoot ? { uid, gid: uid } : {};
  if (isRoot) chownSync(folder, uid, uid);
  execFileSync(join(bin, "initdb"), ["-D", data, "-U", "lode", "-A", "trust", "--no-sync"], {
    ...identity,
    stdio: "pipe",
    cwd: folder,
  });
  const port = await findFreePort();
  const args = [
    "-D",
    data,
    "-p",
    `${port}`,
    "-c",
    "listen_addresses=127.0.0.1",
    "-c",
    `unix_socket_directories=${folder}`,
  ];
  const server: ChildProcess = spawn(join(bin, "postgres"), args, { ...identity, stdio: "ignore", cwd: folder });
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const isReady = (): boolean =>
    spawnSync(join(bin, "pg_isready"), ["-h", "127.0.0.1", "-p", `${port}`, "-U", "lode"]).status === 0;
  for (let tries = 0; !isReady(); tries++) {
    if (tries > 200) throw new Error("PostgreSQL does not start");
    await pause(50);
  }
  return {
    url: `postgres://lode@127.0.0.1:${port}/postgres`,
    pid: server.pid ?? 0,
    async stop() {
      server.kill("SIGINT");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
