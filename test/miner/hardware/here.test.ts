import { readdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { probeAccelerators } from "../../../miner/src/engines/index.ts";
import { multiply } from "../../../miner/src/hardware/bench/matrix.ts";
import { detectHere, engineFindings, localMachine, summaryOf } from "../../../miner/src/hardware/index.ts";

it("this machine is known, whatever it is, and nothing is left on its disk", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lode-detect-"));
  try {
    const hardware = await detectHere({ folder, probeMs: 60_000 });
    expect(hardware.cpu.threads).toBeGreaterThan(0);
    expect(hardware.memory.totalMb).toBeGreaterThan(100);
    expect(hardware.disk?.freeMb).toBeGreaterThan(0);
    expect(hardware.disk?.writeMBs).toBeGreaterThan(0);
    expect(readdirSync(folder)).toEqual([]);
    expect(summaryOf(hardware)).toMatchObject({
      cpu: expect.any(String) as string,
      memory_mb: expect.any(Number) as number,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it("the engine answers for its accelerators, in a process of its own", async () => {
  const view = await probeAccelerators(120_000);
  expect(view.usable.map(({ backend }) => backend).every((backend) => view.supported.includes(backend))).toBe(true);
});

it("an engine that does not answer in time is a failure of that look alone", async () => {
  await expect(probeAccelerators(1)).rejects.toThrow(/without an answer/);
});

it("what an engine sees becomes runtimes and devices", () => {
  const usable = [{ backend: "vulkan", devices: ["AMD Radeon RX 6600 (RADV NAVI23)", "llvmpipe"] }];
  expect(engineFindings({ hasNvidiaDriver: true, supported: ["vulkan"], usable })).toEqual({
    gpus: [{ source: "engine", vendor: "AMD", name: "AMD Radeon RX 6600 (RADV NAVI23)" }],
    drivers: [{ vendor: "NVIDIA", name: "nvidia" }],
    runtimes: [{ name: "Vulkan", source: "engine" }],
  });
});

it("matrices are multiplied, not just timed", () => {
  const { product } = multiply(3);
  const [left, right] = [
    [-6, 1, -5, 2, -4, 3, -3, 4, -2],
    [-5, 0, 5, -1, 4, -2, 3, -3, 2],
  ] as const;
  const expected = [0, 1, 2].flatMap((row) =>
    [0, 1, 2].map((column) => [0, 1, 2].reduce((sum, at) => sum + left[row * 3 + at]! * right[at * 3 + column]!, 0)),
  );
  expect([...product]).toEqual(expected);
});

it.skipIf(process.platform === "win32")(
  "a tool that leaves others behind is waited for no longer than it may take",
  async () => {
    // The shell is gone as soon as it may be on a machine that does much else; what it started keeps its output open for a minute.
    expect(await localMachine(3_000).run("sh", ["-c", "sleep 60 & echo started"])).toBe("started\n");
    expect(await localMachine(50).run("sh", ["-c", "sleep 60"])).toBeUndefined();
    expect(await localMachine(60_000).run("sh", ["-c", "echo done"])).toBe("done\n");
  },
);
