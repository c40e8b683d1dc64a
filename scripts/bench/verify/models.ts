/** The demo model in the three formats that a bench compares, in a folder of its own. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildModel } from "../../../miner/models/build.ts";
import { demo } from "../../../miner/models/recipe/models.ts";
import { root } from "../../root.ts";

export type Format = "F16" | "Q8_0" | "Q4_0";
const formats: readonly Format[] = ["F16", "Q8_0", "Q4_0"];

/** Paths of the demo model's files, which are the same bytes everywhere. */
export async function demoFiles(): Promise<Record<Format, string>> {
  const folder = join(root, ".cache", "bench-verify");
  mkdirSync(folder, { recursive: true });
  const pathOf = (format: Format): string => join(folder, `lode-demo.${format}.gguf`);
  if (!formats.every((format) => existsSync(pathOf(format)))) {
    const built = await buildModel(demo, { train: false, formats, report: () => undefined });
    for (const [format, bytes] of built) writeFileSync(pathOf(format as Format), bytes);
  }
  return { F16: pathOf("F16"), Q8_0: pathOf("Q8_0"), Q4_0: pathOf("Q4_0") };
}
