import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import type { Machine } from "./machine.ts";

const mebibyte = 1 << 20;

/** A killed tool takes a moment to go. */
const graceMs = 250;

/**
 * The machine that this runs on. A tool that is still running after `toolMs` is killed, and waited for no longer: a broken driver holds
 * its tool where no signal reaches it, and a tool may leave others behind that keep its output open.
 */
export function localMachine(toolMs: number): Machine {
  return {
    platform: process.platform,
    arch: process.arch,
    run: (command, args) =>
      new Promise((resolve) => {
        const options = {
          timeout: toolMs,
          killSignal: "SIGKILL" as const,
          maxBuffer: 8 * mebibyte,
          windowsHide: true,
          // Numbers and names as the parsers know them, whatever the owner's language is.
          env: { ...process.env, LC_ALL: "C" },
        };
        const child = execFile(command, [...args], options, (error, stdout) => {
          clearTimeout(timer);
          resolve(error === null ? stdout : undefined);
        });
        const timer = setTimeout(() => {
          resolve(undefined);
          child.stdout?.destroy();
          child.stderr?.destroy();
          child.unref();
        }, toolMs + graceMs);
      }),
    read: (path) => readFile(path, "utf8").catch(() => undefined),
    list: (path) => readdir(path).catch(() => []),
  };
}
