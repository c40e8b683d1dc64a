import { readFile, stat } from "node:fs/promises";
import { KeystoreError } from "./keystore.ts";

export interface PasswordSources {
  /** File that holds the password; one trailing newline is dropped. */
  readonly file?: string | undefined;
  /** Value of an environment variable. */
  readonly env?: string | undefined;
  /** Asks a person; absent when nobody is there. */
  readonly prompt?: (() => Promise<string>) | undefined;
}

/** The password from a file, else the environment, else a person. It is never an argument: those show in process lists. */
export async function readPassword(sources: PasswordSources): Promise<string> {
  if (sources.file !== undefined) {
    try {
      const mode = (await stat(sources.file)).mode & 0o077;
      if (mode !== 0 && process.platform !== "win32") {
        throw new KeystoreError("open_password", `${sources.file} can be read by others; run chmod 600 on it first.`);
      }
      return (await readFile(sources.file, "utf8")).replace(/\r?\n$/, "");
    } catch (cause) {
      if (cause instanceof KeystoreError) throw cause;
      throw new KeystoreError("no_password", `The password file ${sources.file} cannot be read.`, cause);
    }
  }
  if (sources.env !== undefined && sources.env !== "") return sources.env;
  if (sources.prompt !== undefined) return sources.prompt();
  throw new KeystoreError("no_password", "No password: give --password-file, set LODE_PASSWORD, or use a terminal.");
}
