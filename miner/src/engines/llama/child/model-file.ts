import { EngineError } from "../../errors.ts";
import { GgufError } from "../../gguf/byte-source.ts";
import { readGguf, type Gguf } from "../../gguf/read.ts";

/** Reads and checks a model file's description before any native code sees the file. Throws EngineError. */
export function inspectModel(path: string): Gguf {
  try {
    return readGguf(path);
  } catch (cause) {
    if (cause instanceof GgufError) {
      throw new EngineError("model-corrupt", `The model file ${path} ${cause.message}.`, { cause });
    }
    const code = (cause as NodeJS.ErrnoException).code;
    const reason = code === "ENOENT" ? "does not exist" : `cannot be read (${code ?? String(cause)})`;
    throw new EngineError("model-not-found", `The model file ${path} ${reason}.`, { cause });
  }
}
