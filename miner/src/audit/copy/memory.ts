import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Anchor, Finding, SignedHead } from "@lode/sdk/audit";
import type { Hex } from "@lode/sdk/hash";
import type { ChainHistory } from "../../chain/history.ts";
import { exitCode, MinerError } from "../../errors.ts";
import { packJson, unpackJson } from "./json.ts";

/** Where an audit was when it ended: everything that it had proved right by then. */
export interface State {
  readonly format: 4;
  readonly size: number;
  /** CRC-32 of the copied entries. */
  readonly checksum: number;
  readonly head: SignedHead;
  readonly history: ChainHistory;
  /** Anchors that had stood for a while. */
  readonly seenAnchors: readonly Anchor[];
  /** What was wrong with entries by themselves: they are not checked again. */
  readonly findings: readonly Finding[];
  readonly maximumFeePpm: number | undefined;
}

/** The folder in which an auditor remembers one coordinator. One process uses it at a time. */
export class Memory {
  readonly folder: string;

  /** @throws MinerError `audit_running` when another process audits the same coordinator */
  constructor(home: string, chainId: number, coordinator: Hex) {
    this.folder = join(home, "audit", `${chainId}-${coordinator}`);
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    this.#claim();
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  /** What was remembered; undefined when there is nothing, or nothing that can be read. */
  read(): State | undefined {
    if (!existsSync(this.#stateFile)) return undefined;
    try {
      const state = unpackJson(readFileSync(this.#stateFile, "utf8")) as State;
      return (state as { format?: unknown }).format === 4 ? state : undefined;
    } catch {
      return undefined;
    }
  }

  /** Replaces what is remembered, whole or not at all. */
  write(state: State): void {
    const fresh = `${this.#stateFile}.new`;
    writeFileSync(fresh, packJson(state), { mode: 0o600, flush: true });
    renameSync(fresh, this.#stateFile);
  }

  /** Forgets the entries and where it was; heads that were seen stay. */
  clear(): void {
    for (const name of ["state.json", "entries.bin"]) rmSync(this.file(name), { force: true });
  }

  close(): void {
    rmSync(this.#lockFile, { force: true });
  }

  get #stateFile(): string {
    return this.file("state.json");
  }

  get #lockFile(): string {
    return this.file("lock");
  }

  #claim(): void {
    for (let tries = 0; tries < 2; tries++) {
      try {
        writeFileSync(this.#lockFile, String(process.pid), { flag: "wx", mode: 0o600 });
        return;
      } catch {
        if (isRunning(Number(readFileSync(this.#lockFile, "utf8")))) break;
        // Its owner was killed before it could take it away.
        rmSync(this.#lockFile, { force: true });
      }
    }
    const message = `Another audit works in ${this.folder}; let it end, or name another --home.`;
    throw new MinerError("audit_running", message, { exitCode: exitCode.unchecked });
  }
}

function isRunning(process_: number): boolean {
  if (!Number.isSafeInteger(process_) || process_ <= 0) return false;
  try {
    process.kill(process_, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
