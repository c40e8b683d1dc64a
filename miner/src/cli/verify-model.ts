import type { EngineOptions } from "../engines/index.ts";
import { resolveModel } from "../store/index.ts";
import { modelsIn } from "./miner/start-options.ts";
import type { Context } from "./context.ts";

/** Lets `use` have what `--model` names, found as `miner start` finds it, and releases it after. */
export async function withModel<T>(
  context: Context,
  options: { readonly model: string; readonly cpu?: string },
  use: (engine: EngineOptions) => Promise<T>,
): Promise<T> {
  const [first] = modelsIn(context.env["MODEL"]);
  const name = options.model === "embedded" ? first : options.model;
  const model = await resolveModel(name, context.models(), { signal: context.io.signal });
  try {
    return await use({ modelPath: model.path, cpu: options.cpu });
  } finally {
    await model.release();
  }
}
