import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { embeddedModel } from "../../models/index.ts";
import { EngineError } from "../engines/errors.ts";
import type { AddOptions, ModelStore } from "./store.ts";

export interface ResolveOptions extends Pick<AddOptions, "onProgress" | "onRemoved" | "signal"> {
  /** Look only at what is here: a model that would have to be downloaded is `model-not-found`. */
  offline?: boolean | undefined;
}

/** A model file on this machine, until it is released. */
export interface ModelFile {
  path: string;
  /** In hex, for a file of the store: what it was verified against. */
  sha256: string | undefined;
  /** The engine has it in memory; a plain copy of an encrypted model goes. */
  loaded: () => Promise<void>;
  release: () => Promise<void>;
}

/**
 * Finds the file that a name stands for: `embedded`, a path, a name or digest of the store, or `hf:owner/repo/file.gguf` and URLs, which are
 * added to the store when they are not there. Throws EngineError.
 */
export async function resolveModel(
  name: string,
  store: ModelStore,
  { offline = false, ...options }: ResolveOptions = {},
): Promise<ModelFile> {
  const nothing = async (): Promise<void> => undefined;
  const file = (path: string): ModelFile => ({ path, sha256: undefined, loaded: nothing, release: nothing });
  if (name === "embedded") return file(embeddedModel);
  const isRemote = /^(hf:|https?:)/i.test(name);
  const path = resolve(name);
  if (!isRemote && existsSync(path)) return file(path);
  const found = (await store.find(name)) ?? (await fetched());
  return store.use(found, options.signal);

  async function fetched(): ReturnType<ModelStore["add"]> {
    if (!isRemote) throw new EngineError("model-not-found", `The model file ${path} does not exist.`);
    if (offline) throw new EngineError("model-not-found", `${name} has not been downloaded yet.`);
    return store.add(name, options);
  }
}
