import type { ServedModel } from "../../daemon/index.ts";
import type { Engine } from "../../engines/index.ts";
import { usage } from "../arguments.ts";

/** Names that clients ask for: those given, in the models' order, else the models' own. Throws MinerError `usage`. */
export function namesOf(engines: readonly Engine[], given: readonly string[] | undefined): ServedModel[] {
  if (given !== undefined && given.length !== engines.length) {
    throw usage(`Give one --name for each model: there are ${engines.length} models and ${given.length} names.`);
  }
  const served = engines.map((engine, index) => ({ id: given?.[index] ?? slug(engine.info.modelName), engine }));
  const twice = served.find(({ id }, index) => served.findIndex((other) => other.id === id) !== index);
  if (twice !== undefined) throw usage(`Two models are called ${twice.id}; give --name once for each.`);
  return served;
}

/** A model's name as an id: what a URL or a JSON field can hold. */
export function slug(name: string): string {
  const id = name
    .toLowerCase()
    .replace(/[^a-z0-9._:/-]+/g, "-")
    .replace(/^[^a-z0-9]+|-+$/g, "");
  return id === "" ? "model" : id.slice(0, 128);
}
