import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { EngineError, quantiseModel, type QuantisedFormat } from "../../engines/index.ts";
import { resolveModel, type Entry, type ModelStore } from "../../store/index.ts";
import { usage } from "../arguments.ts";
import { Context } from "../context.ts";
import type { Io } from "../io.ts";
import { showTable } from "../show.ts";

interface QuantizeOptions {
  readonly to: string;
  readonly out?: string;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** `lode model add|list|remove|quantize` */
export function addModel(program: Command, io: Io): void {
  const model = program.command("model").description("the store of models, and their formats");
  addAdd(model, io);
  addList(model, io);
  addRemove(model, io);
  addQuantize(model, io);
}

function addAdd(model: Command, io: Io): void {
  model
    .command("add <source>")
    .description("put a model into the store: a file, a URL, or hf:owner/repo/file.gguf")
    .option("--sha256 <hex>", "the file's digest; anything else is refused")
    .option("--name <name>", "what to call it")
    .addHelpText(
      "after",
      `
Models lie in HOME/models by their sha256, encrypted for the wallet where there is one: its password is asked for once,
for the store's own key, and again by what uses a model. An interrupted download goes on where it stopped. The hub states
its files' digests, and they are checked; for other addresses give --sha256 (http needs it). Where there is
no room (2 GiB of the disk stay free; MODEL_STORE_GB limits the store), the models go that nobody used for
longest and nobody uses now.
Exit codes: 0 added, 2 wrong usage, 4 no answer, 9 no model or not the one expected, 1 anything else.

Examples:
  lode model add hf:owner/repo/model.Q8_0.gguf
  lode model add ~/models/llama.Q8_0.gguf --name llama
  lode model add https://example.org/m.gguf --sha256 0f1e...`,
    )
    .action(async (source: string, options: { sha256?: string; name?: string }, command: Command) => {
      const context = new Context(io, command);
      let told = 0;
      const entry = await context.models().add(source, {
        ...options,
        signal: io.signal,
        onRemoved: (names) => context.note(`removed to make room: ${names.join(", ")}`),
        onProgress: ({ receivedBytes, totalBytes }) => {
          const tenths = totalBytes === undefined ? Math.floor(receivedBytes / 1e9) : (10 * receivedBytes) / totalBytes;
          if (Math.floor(tenths) <= told) return;
          told = Math.floor(tenths);
          context.note(`${megabytes(receivedBytes)}${totalBytes === undefined ? "" : ` of ${megabytes(totalBytes)}`}`);
        },
      });
      const { names, sizeBytes, sha256, title, architecture } = entry;
      const text = `${names.join(", ")}: ${title} (${architecture}), ${megabytes(sizeBytes)}\n  sha256 ${sha256}`;
      context.result({ ...entry }, text);
    });
}

function addList(model: Command, io: Io): void {
  model
    .command("list")
    .description("what is in the store, the most recently used first")
    .addHelpText("after", "\nExamples:\n  lode model list\n  lode model list --json")
    .action(async (_options, command: Command) => {
      const context = new Context(io, command);
      const store = context.models();
      const [models, wanted] = await Promise.all([store.list(), store.wanted()]);
      const rows = models.map(({ names, title, sizeBytes, sha256, lastUsedAtMs, isSealed }) => {
        const used = new Date(lastUsedAtMs).toISOString().slice(0, 16).replace("T", " ");
        const rest = isSealed === true ? "encrypted" : "plain";
        const asked = wanted.has(sha256) ? "yes" : "";
        return [names.join(", "), title, megabytes(sizeBytes), used, sha256.slice(0, 12), rest, asked];
      });
      const sizeBytes = models.reduce((sum, entry) => sum + entry.sizeBytes, 0);
      const table = showTable([["name", "model", "size", "last used (UTC)", "sha256", "at rest", "wanted"], ...rows]);
      const empty = "The store is empty; `lode model add` puts a model there. The embedded model needs no store.";
      const shown = models.map((entry) => ({ ...entry, isWanted: wanted.has(entry.sha256) }));
      context.result(
        { models: shown, sizeBytes },
        models.length === 0 ? empty : `${table}\n${megabytes(sizeBytes)} in all`,
      );
    });
}

function addRemove(model: Command, io: Io): void {
  model
    .command("remove <name>")
    .description("take a model out of the store, by its name or the first digits of its sha256")
    .addHelpText(
      "after",
      "\nExit codes: 0 removed, 9 there is none of that name, 1 it is in use.\n\nExamples:\n  lode model remove llama\n  lode model remove 0f1e2d3c",
    )
    .action(async (name: string, _options, command: Command) => {
      const context = new Context(io, command);
      const store = context.models();
      const entry = await mustFind(store, name);
      await store.remove(entry);
      const { sha256, sizeBytes, names } = entry;
      context.result(
        { sha256, sizeBytes, names },
        `Removed ${names.join(", ")}: ${megabytes(sizeBytes)} are free again.`,
      );
    });
}

async function mustFind(store: ModelStore, name: string): Promise<Entry> {
  const entry = await store.find(name);
  if (entry !== undefined) return entry;
  throw new EngineError(
    "model-not-found",
    `There is no model ${JSON.stringify(name)} in the store; see lode model list.`,
  );
}

function addQuantize(model: Command, io: Io): void {
  model
    .command("quantize <model>")
    .description("write a model with all its matrices in one format that clients can check")
    .option("--to <format>", "Q8_0 (half of F16, hardly any loss) or Q4_0 (a quarter)", "Q8_0")
    .option("--out <file>", "the new file; named for its format unless given, beside the old one")
    .addHelpText(
      "after",
      `
Takes a GGUF file, or a model of the store, in F16, BF16 or F32. The result is, byte for byte, what llama.cpp's quantiser writes
with --pure. A file that exists is never written over.
Exit codes: 0 written, 2 wrong usage, 9 bad model file, 1 anything else.

Examples:
  lode model quantize ~/models/llama.F16.gguf
  lode model quantize ~/models/llama.F16.gguf --to Q4_0 --out small.gguf`,
    )
    .action(async (file: string, options: QuantizeOptions, command: Command) => {
      const context = new Context(io, command);
      const format = formatOf(options.to);
      const { path, release } = await resolveModel(file, context.models(), { offline: true });
      // A file of the store has no name of its own, and nothing else belongs beside it.
      const named = nameFor(existsSync(file) ? file : file.replace(/^.*[/:]/, ""), format);
      const target = resolve(options.out ?? named);
      if (existsSync(target)) throw usage(`${target} is there already; name another with --out.`);
      let told = 0;
      const onProgress = (written: number, total: number): void => {
        const tenths = Math.floor((10 * written) / total);
        // A small file is done before anybody could read this.
        if (tenths > told && total > 1e8) context.note(`${10 * (told = tenths)} %`);
      };
      const done = await quantiseModel(path, target, format, { signal: io.signal, onProgress }).finally(release);
      context.result(
        { ...done },
        `${target}: ${done.quantised} of ${done.tensors} tensors in ${format}, ` +
          `${megabytes(done.sizeBytes)} of ${megabytes(done.sourceBytes)}\n  sha256 ${done.sha256}`,
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
