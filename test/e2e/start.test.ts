import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processesMentioning } from "../helpers/process-table.ts";
import { ensureCompiled } from "../../scripts/deploy/compile.ts";
import { root } from "../../scripts/root.ts";

interface Outcome {
  jobs: number;
  tokens: number;
  collectedWei: string;
  auditFindings: number;
  receiptsAudited: number;
  seconds: number;
  text: string;
  apiUrl: string;
  indexedBlock: number;
  steps: { step: string; fact: string; seconds: number }[];
}

/** The story in a folder of this file's own, on whatever ports are free. */
function start(folder: string, ...options: string[]): ChildProcess {
  const launcher = [join(root, "scripts/bootstrap.mjs"), "scripts/dev/start.ts"];
  return spawn(process.execPath, [...launcher, "--folder", folder, ...options], { stdio: ["ignore", "pipe", "pipe"] });
}

async function end(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  let [stdout, stderr] = ["", ""];
  child.stdout!.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr!.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

/** Resolves when the child has printed the text. */
function printed(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = "";
    child.stdout!.on("data", (chunk: Buffer) => {
      seen += chunk.toString();
      if (seen.includes(text)) resolve();
    });
    child.once("exit", (code) => reject(new Error(`ended with ${code ?? "a signal"} before "${text}": ${seen}`)));
  });
}

describe("npm start", { timeout: 300_000 }, () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "lode-start-"));
    // After a change to a contract this takes minutes, which are not the story's.
    await ensureCompiled();
  }, 1_800_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const tellOnce = async (): Promise<Outcome> => {
    const { code, stdout, stderr } = await end(start(folder, "--once", "--json", "--auto-port"));
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(processesMentioning(folder)).toEqual([]);
    return JSON.parse(stdout.trim().split("\n").at(-1)!) as Outcome;
  };

  it("tells the story, pays the miner and finds nothing in the audit, twice in a row", async () => {
    const first = await tellOnce();
    expect(first).toMatchObject({ jobs: 1, auditFindings: 0, receiptsAudited: 1 });
    expect(first.tokens).toBeGreaterThan(0);
    expect(BigInt(first.collectedWei)).toBeGreaterThan(0n);
    expect(first.text).not.toBe("");
    expect(first.indexedBlock).toBeGreaterThan(0);
    expect(first.steps.map(({ step }) => step)).toEqual(
      "Chain Contracts Wallets Stakes Coordinator Miners Client Job Receipt Vouchers Collect Anchor Audit Index".split(
        " ",
      ),
    );
    const second = await tellOnce();
    expect(second).toMatchObject({ jobs: 1, auditFindings: 0, receiptsAudited: 2 });
    expect(second.indexedBlock).toBeGreaterThan(first.indexedBlock);
  });

  it("stays up with a way in, and stops everything when asked to end", async () => {
    const child = start(folder, "--auto-port");
    await printed(child, "The market is up.");
    const ended = end(child);
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0 });
    expect(processesMentioning(folder)).toEqual([]);
  });

  it("leaves nothing running when it is killed, and works again afterwards", async () => {
    const child = start(folder, "--auto-port");
    await printed(child, "Miners");
    child.kill("SIGKILL");
    await once(child, "exit");
    await expect.poll(() => processesMentioning(folder)).toEqual([]);
    expect(await tellOnce()).toMatchObject({ auditFindings: 0 });
  });

  it("names the port another program holds, with exit code 8", async () => {
    const server = createServer();
    // Somebody else may hold it already: that will do as well, unless it is given back before the command looks.
    const hold = (): Promise<boolean> =>
      new Promise((resolve) => {
        server.once("listening", () => resolve(true)).once("error", () => resolve(false));
        server.listen(8545, "127.0.0.1");
      });
    const tell = async () => ({ isOurs: await hold(), ...(await end(start(folder, "--once"))) });
    try {
      let told = await tell();
      while (!told.isOurs && told.code === 0) told = await tell();
      const { code, stderr } = told;
      expect(stderr.trim()).toMatch(/^Port 8545 for the chain is in use by another program: .*--auto-port/);
      expect(code).toBe(8);
    } finally {
      server.close();
    }
  });

  it("answers an unknown option with one sentence and exit code 2", async () => {
    expect(await end(start(folder, "--twice"))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("'--twice'") as string,
    });
  });
});
