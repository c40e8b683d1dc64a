import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/helpers/run-folder.ts"],
    // Separate processes: native modules (the signer, the inference engine's parent) are not safe to load in worker threads.
    pool: "forks",
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // They end what hangs. A machine that is several times slower, or busy with something else, is no failure: a test says nothing about speed.
    testTimeout: 180_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
