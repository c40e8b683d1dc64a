import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runLode } from "./run-lode.ts";

const home = mkdtempSync(join(tmpdir(), "lode-malformed-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));
/** Nobody to ask, and no wallet: what is wrong about the words comes first. */
const env = { LODE_HOME: home, RPC_URL: "http://127.0.0.1:9" };
const log = ["--log", "http://127.0.0.1:9"];
const slab = ["client", "slab"];
const address = `0x${"11".repeat(20)}`;

describe("a command line with a word that cannot be what it stands for", () => {
  it.each([
    ["audit", "receipt", "0x12", ...log],
    ["audit", "receipt", `0x${"12".repeat(32)}34`, ...log],
    ["audit", "receipt", "../receipts", ...log],
    ["audit", "receipt", "chatcmpl-1", ...log, "--coordinator-address", "0x12"],
    [...slab, "open", "1e9", "--payee", address],
    [...slab, "open", "1", "--payee", "0x12"],
    [...slab, "top-up", "1.5", "5", "--payee", address],
    [...slab, "top-up", "0", "many", "--payee", address],
    [...slab, "leave", "first", "--payee", address],
    [...slab, "exit", "0x0", "--payee", address],
    [...slab, "list", "--coordinator", "localhost:8402"],
    ["stake", "5", "--operator", "0x12"],
    ["stake", "5", "--payout", "me"],
    ["stake", "5", "--capabilities", address],
    ["verifier", "status", "--miner", "0x12"],
    ["model", "add", "model.gguf", "--sha256", "12"],
    ["model", "add", "model.gguf", "--name=-1"],
  ])("is wrong usage: lode %s %s %s", async (...args) => {
    const { code, err } = await runLode(args, env);
    expect([code, err]).toEqual([2, expect.not.stringMatching(/\n\s+at /)]);
  });
});
