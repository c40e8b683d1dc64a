import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { resolveModel } from "../../../models/index.ts";
import { quantiseModel, type QuantisedFormat } from "../../engines/index.ts";
import { usage } from "../arguments.ts";
import { Context } from "../context.ts";
import type { Io } from "../io.ts";

interface QuantizeOptions {
  readonly to: string;
  readonly out?: string;
}

/** `lode model quantize` */
export function addModel(program: Command, io: Io): void {
  const model = program.command("model").description("files of models");
  model
    .command("quantize <file>")
    .description("write a model with all its matrices in one format that clients can check")
    .option("--to <format>", "Q8_0 (half of F16, hardly any loss) or Q4_0 (a quarter)", "Q8_0")
    .option("--out <file>", "the new file; beside the old one and named for its format unless given")
    .addHelpText(
      "after",
      `
Takes GGUF files in F16, BF16 or F32. The result is, byte for byte, what llama.cpp's quantiser writes
with --pure. A file that exists is never written over.
Exit codes: 0 written, 2 wrong usage, 9 bad model file, 1 anything else.

Examples:
  lode model quantize ~/models/llama.F16.gguf
  lode model quantize ~/models/llama.F16.gguf --to Q4_0 --out small.gguf`,
    )
    .action(async (file: string, options: QuantizeOptions, command: Command) => {
      const context = new Context(io, command);
      const format = formatOf(options.to);
      const { path } = await resolveModel(file, { offline: true });
      const target = resolve(options.out ?? nameFor(path, format));
      if (existsSync(target)) throw usage(`${target} is there already; name another with --out.`);
      let told = 0;
      const done = await quantiseModel(path, target, format, {
        signal: io.signal,
        onProgress: (written, total) => {
          const tenths = Math.floor((10 * written) / total);
          // A small file is done before anybody could read this.
          if (tenths > told && total > 1e8) context.note(`${10 * (told = tenths)} %`);
        },
      });
      const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
      context.result(
        { ...done },
        `${target}: ${done.quantised} of ${done.tensors} tensors in ${format}, ` +
          `${megabytes(done.sizeBytes)} MB of ${megabytes(done.sourceBytes)} MB\n  sha256 ${done.sha256}`,
      );
    });
}

function formatOf(text: string): QuantisedFormat {
  const format = text.toUpperCase();
  if (format === "Q8_0" || format === "Q4_0") return format;
  throw usage(`--to takes Q8_0 or Q4_0, not "${text}".`);
}

/** `llama.F16.gguf` becomes `llama.Q8_0.gguf`; a name that says no format gets one. */
function nameFor(path: string, format: QuantisedFormat): string {
  const stem = path.replace(/\.gguf$/i, "").replace(/[._-](b?f16|f32)$/i, "");
  return `${stem}.${format}.gguf`;
}
