import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { root } from "../root.ts";

export interface ProjectOptions {
  /** Off compiles several times faster, and behaves the same but for gas. */
  readonly optimize: boolean;
  /** Tests deploy contracts by name, so that a change of a contract does not compile the tests again. */
  readonly linkTests: boolean;
}

/** A copy of the contracts and their tests in a folder of its own, which forge can build without any download. */
export function makeProject(folder: string, { optimize, linkTests }: ProjectOptions): void {
  mkdirSync(join(folder, "test"), { recursive: true });
  for (const part of ["contracts", join("test", "contracts")]) {
    rmSync(join(folder, part), { recursive: true, force: true });
    const isSource = (path: string): boolean => !/\.[a-z]+$/.test(path) || path.endsWith(".sol");
    cpSync(join(root, part), join(folder, part), { recursive: true, filter: isSource });
  }
  if (!existsSync(join(folder, "node_modules"))) symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const settings = [
    `src = "contracts"`,
    `test = "test/contracts"`,
    `script = "no-scripts"`,
    `libs = ["node_modules"]`,
    `remappings = ["@openzeppelin/contracts/=node_modules/@openzeppelin/contracts/"]`,
    `auto_detect_remappings = false`,
    `solc = ${JSON.stringify(join(import.meta.dirname, "solc.mjs"))}`,
    `offline = true`,
    `evm_version = "cancun"`,
    `optimizer = ${optimize}`,
    `optimizer_runs = 10000`,
    // Unoptimized code may be longer than a chain would take, and costs more.
    `code_size_limit = 1000000`,
    `gas_limit = "18446744073709551615"`,
    `dynamic_test_linking = ${linkTests}`,
  ];
  writeFileSync(join(folder, "foundry.toml"), `[profile.default]\n${settings.join("\n")}\n`);
}

export interface ForgeResult {
  readonly exitCode: number | "timeout";
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs forge in a project.
 * @param env added to this process's own
 */
export async function runForge(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<ForgeResult> {
  const child = spawn(forgeBinary(), [...args], {
    cwd: folder,
    env: { ...process.env, FOUNDRY_DISABLE_NIGHTLY_WARNING: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort();
    child.kill("SIGKILL");
  }, timeoutMs);
  const exitCode = await new Promise<number>((done, fail) => {
    child.on("error", fail).on("close", (code) => done(code ?? 1));
  });
  clearTimeout(timer);
  const text = (parts: Buffer[]): string => Buffer.concat(parts).toString("utf8");
  return { exitCode: late.signal.aborted ? "timeout" : exitCode, stdout: text(out), stderr: text(err) };
}

function forgeBinary(): string {
  const machine = process.arch === "x64" ? "amd64" : process.arch;
  const suffix = process.platform === "win32" ? ".exe" : "";
  const name = `@foundry-rs/forge-${process.platform}-${machine}/bin/forge${suffix}`;
  return createRequire(createRequire(import.meta.url).resolve("@foundry-rs/forge/package.json")).resolve(name);
}
