import { readFile } from "node:fs/promises";
import { usage } from "./arguments.ts";
import type { Context } from "./context.ts";

/** The text of a file that an option names. Throws MinerError `usage`. */
export async function textIn(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw usage(`${file} cannot be read.`, cause);
  }
}

/** The key that a file holds and nothing else. Throws MinerError `usage`. */
export async function keyIn(file: string): Promise<string> {
  const key = (await textIn(file)).trim();
  if (key === "") throw usage(`${file} holds no key: it is empty.`);
  return key;
}

/** The API key of `--key FILE`, else of API_KEY. Throws MinerError `usage` where there is none. */
export async function apiKeyOf({ env }: Context, file: string | undefined): Promise<string> {
  const key = file === undefined ? env["API_KEY"]?.trim() : await keyIn(file);
  if (key === undefined || key === "") throw usage("Give the API key: --key FILE, or set API_KEY.");
  return key;
}
