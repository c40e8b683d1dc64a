/**
 * `npm run slither [-- --json]`: Slither over the contracts. Each finding is explained in explained.json or fails the command
 * (1); so does an explanation that explains nothing any more. 69: there is no Python, or its package cannot be installed.
 */
import { execFile } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../root.ts";
import { compare, findingsOf, type Explanation } from "./findings.ts";

const version = "0.11.6";
const run = promisify(execFile);
const folder = join(root, ".cache", "slither");
const program = join(folder, "python", "bin", "slither");

const isThere = await install();
if (!isThere) {
  console.error("Slither cannot be installed here: it needs python3 with venv, and the package index of Python.");
  process.exitCode = 69;
} else {
  const findings = findingsOf(await analyse());
  const explained = JSON.parse(readFileSync(join(import.meta.dirname, "explained.json"), "utf8")) as Explanation[];
  const { unexplained, idle } = compare(findings, explained);
  for (const { key, description } of unexplained) console.error(`unexplained  ${key}\n             ${description}`);
  for (const { check, where } of idle) console.error(`explains nothing any more: ${check} ${where}`);
  const figures = { findings: findings.length, unexplained: unexplained.length, idle: idle.length, slither: version };
  console.log(
    process.argv.includes("--json")
      ? JSON.stringify(figures)
      : `${findings.length} findings, ${unexplained.length} unexplained.`,
  );
  if (unexplained.length + idle.length > 0) process.exitCode = 1;
}

/** Installs it into a virtual environment of the checkout's own, once. */
async function install(): Promise<boolean> {
  const stamp = join(folder, `installed-${version}`);
  if (existsSync(stamp)) return true;
  try {
    mkdirSync(folder, { recursive: true });
    await run("python3", ["-m", "venv", join(folder, "python")]);
    await run(join(folder, "python", "bin", "pip"), ["install", "--quiet", `slither-analyzer==${version}`]);
  } catch {
    return false;
  }
  writeFileSync(stamp, "");
  return true;
}

/** Slither's own report, from one compilation of every contract by npm's compiler. */
async function analyse(): Promise<unknown> {
  for (const [name, at] of [
    ["contracts", join(root, "contracts")],
    ["@openzeppelin", join(root, "node_modules", "@openzeppelin")],
  ] as const) {
    const link = join(folder, name);
    rmSync(link, { recursive: true, force: true });
    symlinkSync(at, link);
  }
  const output = { "": ["ast"], "*": ["abi", "evm.bytecode", "evm.deployedBytecode", "evm.methodIdentifiers"] };
  const input = {
    language: "Solidity",
    sources: sources(),
    settings: { optimizer: { enabled: false }, evmVersion: "cancun", outputSelection: { "*": output } },
  };
  writeFileSync(join(folder, "input.json"), JSON.stringify(input));
  const report = join(folder, "report.json");
  rmSync(report, { force: true });
  const compiler = join(root, "scripts", "forge", "solc.mjs");
  const args = ["input.json", "--compile-force-framework", "solc-json", "--solc", compiler, "--json", report];
  try {
    await run(program, args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    // It ends with another code than 0 when it found something.
    if (!existsSync(report)) throw error;
  }
  return JSON.parse(readFileSync(report, "utf8"));
}

/** Every contract, and what it imports. */
function sources(): Record<string, { content: string }> {
  const found: Record<string, { content: string }> = {};
  const add = (name: string): void => {
    if (found[name] !== undefined) return;
    const content = readFileSync(join(root, name.startsWith("@") ? "node_modules" : "", name), "utf8");
    found[name] = { content };
    for (const [, path = ""] of content.matchAll(/^import\s[^"']*["']([^"']+)["'];/gm)) {
      add(path.startsWith(".") ? new URL(path, `file:///${name}`).pathname.slice(1) : path);
    }
  };
  for (const file of globSync("contracts/**/*.sol", { cwd: root }).sort()) add(file);
  return found;
}
