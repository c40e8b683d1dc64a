import { readFileSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import { cpuLibraries, EngineError, openEngine, type EngineOptions } from "../../engines/index.ts";
import {
  calibrate,
  drawRoc,
  measure,
  separate,
  usualPrompts,
  withoutFingerprints,
  type Calibration,
  type Candidate,
  type Mark,
} from "../../verify/index.ts";
import { usage } from "../arguments.ts";
import { Context } from "../context.ts";
import type { Io } from "../io.ts";
import { showTable } from "../show.ts";
import { withModel } from "../verify-model.ts";

interface CalibrateOptions {
  readonly model: string;
  readonly cpu?: string;
  readonly against: readonly string[];
  readonly honest?: string;
  readonly tokens: string;
  readonly prompts?: string;
  readonly out: string;
  readonly picture?: string;
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];
/** Windows of the curves, in tokens. */
const windows = [50, 100, 300];

/** `lode verify calibrate` */
export function addCalibrate(verify: Command, io: Io): void {
  verify
    .command("calibrate")
    .description("measure what a model's engines differ by, so that jobs of other engine classes can be tested")
    .option("--model <model>", "the model as it should be served", "embedded")
    .option("--cpu <name>", "the library for processors that will check; this machine's best unless given")
    .requiredOption(
      "--against <name=file>",
      "a model file that a cheat might serve; may come several times",
      collect,
      [],
    )
    .option("--honest <names>", "libraries for processors that miners may have; all that run here unless given")
    .option("--tokens <n>", "output tokens of each measurement", "3000")
    .option("--prompts <file>", "prompts, one a line; open ones tell most")
    .requiredOption("--out <file>", "where to write the calibration")
    .option("--picture <file>", "where to draw its curves, as SVG")
    .addHelpText(
      "after",
      `
Serves prompts with the model on each library and with each cheat's file, computes every answer again, and counts by how much
tokens are off. Then the same with other draws, for what it prints: AUC is the chance that a window of a cheat's tokens looks
worse than an honest one. More tokens make the test faster, never less safe: rates are upper limits of what was counted.
A GPU's miners are calibrated on the machine that has it.
Exit codes: 0 written, 2 wrong usage, 9 bad model file, 1 anything else.

Examples:
  lode verify calibrate --against Q4_0=demo.Q4_0.gguf --out demo.json --picture demo.svg
  lode verify calibrate --model llama.Q8_0.gguf --cpu haswell --honest zen4,skylakex --against q4=llama.Q4_0.gguf \\
    --tokens 20000 --out llama.json`,
    )
    .action(async (options: CalibrateOptions, command: Command) => {
      const context = new Context(io, command);
      const tokens = Number(options.tokens);
      if (!(Number.isInteger(tokens) && tokens >= 100 && tokens <= 10_000_000))
        throw usage("--tokens takes a whole number from 100 to 10,000,000.");
      const alternatives = options.against.map(alternativeOf);
      const prompts = options.prompts === undefined ? usualPrompts : promptsIn(options.prompts);
      await withModel(context, options, async (opened) => {
        const honest = await honestOf(context, opened, options.honest);
        const reference = await openEngine(opened);
        const common = { reference, prompts, tokens, signal: io.signal, note: (line: string) => context.note(line) };
        try {
          const calibration = await calibrate({ ...common, honest, alternatives, salt: "calibration" });
          writeFileSync(options.out, `${JSON.stringify(calibration, null, 2)}\n`);
          const seen = { ...common, salt: "held out" };
          const others: Mark[][] = [];
          const own: Mark[][] = [];
          for (const candidate of honest) own.push((await measure(candidate, { ...seen, honest, alternatives })).marks);
          for (const candidate of alternatives)
            others.push((await measure(candidate, { ...seen, honest, alternatives })).marks);
          report(context, options, calibration, own, others);
        } finally {
          await reference.close();
        }
      });
    });
}

function alternativeOf(text: string): Candidate {
  const at = text.indexOf("=");
  const [name, modelPath] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || modelPath === "") throw usage(`"${text}" names no file; write NAME=FILE.`);
  return { name, open: () => openEngine({ modelPath }) };
}

function promptsIn(file: string): string[] {
  const lines = readFileSync(file, "utf8").split("\n");
  const prompts = lines.map((line) => line.trim()).filter((line) => line !== "");
  if (prompts.length === 0) throw usage(`${file} holds no prompts.`);
  return prompts;
}

/** The libraries that are asked for, or all that run here; where the engine has but one, that. */
async function honestOf(context: Context, opened: EngineOptions, names: string | undefined): Promise<Candidate[]> {
  const candidate = (cpu: string): Candidate => ({ name: cpu, open: () => openEngine({ ...opened, cpu }) });
  if (names !== undefined) return names.split(",").map(candidate);
  const usable: Candidate[] = [];
  for (const name of cpuLibraries().keys()) {
    try {
      await (await candidate(name).open()).close();
      usable.push(candidate(name));
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      context.note(`${name} does not run here`);
    }
  }
  return usable.length > 0 ? usable : [{ name: "own", open: () => openEngine(opened) }];
}

function report(
  context: Context,
  { out, picture }: CalibrateOptions,
  calibration: Calibration,
  own: readonly (readonly Mark[])[],
  others: readonly (readonly Mark[])[],
): void {
  const honest = own.map(withoutFingerprints);
  const found = calibration.alternatives.flatMap(({ name }, index) =>
    windows.flatMap((window) => {
      const separation = separate(
        calibration,
        index,
        { honest, other: withoutFingerprints(others[index] ?? []) },
        window,
      );
      return separation === undefined ? [] : [{ name, ...separation }];
    }),
  );
  if (picture !== undefined) {
    const curves = found.map(({ name, window, auc, curve }) => ({
      label: `${name}, ${window} tokens: AUC ${auc.toFixed(4)}`,
      points: curve,
    }));
    writeFileSync(picture, drawRoc(`${calibration.modelName}: found against false alarms`, curves));
  }
  const rows = found.map(({ name, window, auc }) => [name, String(window), auc.toFixed(5)]);
  const separations = found.map(({ name, window, windows: count, auc }) => ({ name, window, windows: count, auc }));
  const text = [showTable([["against", "tokens", "AUC"], ...rows]), `Written to ${out}.`].join("\n");
  context.result({ out, picture, engineId: calibration.reference.engineId, separations }, text);
}
