import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { runLode } from "./run-lode.ts";

describe("lode bench", () => {
  it("measures every round, matrices and memory", async () => {
    const args = ["bench", "--concurrency", "1,2", "--requests", "2", "--tokens", "16", "--json"];
    const { code, out } = await runLode(args, {});
    expect(code).toBe(0);
    const { model, loadMs, runs, matrix } = JSON.parse(out) as Record<string, never> & {
      runs: Record<string, number>[];
      matrix: Record<string, number>;
    };
    expect([model, typeof loadMs]).toEqual(["lode-demo", "number"]);
    expect(runs.map(({ concurrency }) => concurrency)).toEqual([1, 2]);
    for (const run of runs) {
      for (const name of ["tokensPerSecond", "promptTokensPerSecond", "secondsPerRequest", "outputTokens"]) {
        expect(run[name], name).toBeGreaterThan(0);
      }
    }
    expect(matrix["gflops"]).toBeGreaterThan(0);
    // The product is the same everywhere: the work was done.
    expect(matrix["checksum"]).toBe(239);
  });

  it.each([
    ["a concurrency that is none", ["--concurrency", "1,many"], 2],
    ["no requests", ["--requests", "0"], 2],
    ["prompts that no context holds", ["--prompt-words", "5000"], 2],
    ["a model file that is not there", ["--model", "/nowhere.gguf"], 9],
  ])("refuses %s", async (_name, args, code) => {
    expect((await runLode(["bench", ...args], { LODE_HOME: tmpdir() })).code).toBe(code);
  });
});
