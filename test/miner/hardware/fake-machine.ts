import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Machine } from "../../../miner/src/hardware/machine.ts";

export const fixture = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../fixtures/hardware/${name}`, import.meta.url)), "utf8");

export interface FakeMachine {
  platform?: NodeJS.Platform;
  /** Output by command, or by command and arguments where they matter. */
  tools?: Readonly<Record<string, string>>;
  /** Text by path; folders follow from the paths. */
  files?: Readonly<Record<string, string>>;
}

/** A machine that consists of recorded outputs and files. */
export function fakeMachine({ platform = "linux", tools = {}, files = {} }: FakeMachine = {}): Machine {
  return {
    platform,
    arch: "x64",
    run: async (command, args) => tools[[command, ...args].join(" ")] ?? tools[command],
    read: async (path) => files[path],
    list: async (path) => [
      ...new Set(
        Object.keys(files)
          .filter((file) => file.startsWith(`${path}/`))
          .map((file) => file.slice(path.length + 1).split("/")[0] ?? ""),
      ),
    ],
  };
}
