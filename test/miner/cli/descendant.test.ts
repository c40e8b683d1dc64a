import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { isDescendant } from "../../../miner/src/cli/miner/descendant.ts";

describe("a process on the card", () => {
  it.runIf(process.platform === "linux")("is ours when we started it, directly or not", async () => {
    // The shell stays between, as a sandbox does.
    const shell = spawn("sh", ["-c", "sleep 60 & echo $!; wait"], { stdio: ["ignore", "pipe", "ignore"] });
    const [line] = (await once(shell.stdout, "data")) as [Buffer];
    const grandchild = Number(String(line).trim());
    try {
      expect([process.pid, shell.pid!, grandchild].map((pid) => isDescendant(pid))).toEqual([true, true, true]);
      expect([1, process.ppid, 2 ** 30].map((pid) => isDescendant(pid))).toEqual([false, false, false]);
    } finally {
      process.kill(grandchild);
      shell.kill();
    }
  });

  it("is not followed for ever where the system tells nonsense", () => {
    expect(isDescendant(7, (pid) => (pid === 7 ? 8 : 7))).toBe(false);
  });
});
