import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { EngineError } from "../src/engines/errors.ts";
import { download, type DownloadProgress } from "./download.ts";

export type { DownloadProgress } from "./download.ts";

/** The model that comes with the package. */
export const embeddedModel = fileURLToPath(new URL("lode-demo.Q8_0.gguf", import.meta.url));

export interface ResolveOptions {
  /** Where downloaded models are kept; `~/.lode/models` unless given. */
  cacheDir?: string | undefined;
  onProgress?: ((progress: DownloadProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** Look only at what is here: a model that would have to be downloaded is `model-not-found`. */
  offline?: boolean | undefined;
}

/** A model file on this machine; `sha256` is set (as hex) where the file was downloaded just now. */
export interface ResolvedModel {
  path: string;
  sha256: string | undefined;
}

const hubUrl = "https://huggingface.co";

/**
 * Finds the file that a name stands for: `embedded`, a path, or `hf:owner/repo/file.gguf`, which is downloaded once.
 * Throws EngineError `model-not-found`, or `download-failed` for anything the network does.
 */
export async function resolveModel(name: string, options: ResolveOptions = {}): Promise<ResolvedModel> {
  if (name === "embedded") return { path: embeddedModel, sha256: undefined };
  if (name.startsWith("hf:")) return fromHub(name, options);
  const path = resolve(name);
  if (!existsSync(path)) throw new EngineError("model-not-found", `The model file ${path} does not exist.`);
  return { path, sha256: undefined };
}

async function fromHub(name: string, options: ResolveOptions): Promise<ResolvedModel> {
  const { cacheDir, onProgress, signal, offline = false } = options;
  const [owner, repo, ...file] = name.slice("hf:".length).split("/");
  const parts = [owner, repo, ...file];
  // The name becomes a path in the cache, so that nothing in it may climb out.
  const plain = parts.every((part) => part !== undefined && /^[\w.-]+$/.test(part) && !/^\.+$/.test(part));
  if (!plain || file.length === 0 || !name.endsWith(".gguf")) {
    throw new EngineError("model-not-found", `${name} is not of the form hf:owner/repo/file.gguf.`);
  }
  const path = join(cacheDir ?? join(homedir(), ".lode", "models"), ...(parts as string[]));
  if (existsSync(path)) return { path, sha256: undefined };
  if (offline) throw new EngineError("model-not-found", `${name} has not been downloaded yet.`);
  const url = `${hubUrl}/${owner ?? ""}/${repo ?? ""}/resolve/main/${file.join("/")}`;
  return { path, sha256: await download(url, path, { onProgress, signal }) };
}
