import { openBenchEngine, openPool, openUpstream, type Engine } from "../../engines/index.ts";
import { exitCode, MinerError } from "../../errors.ts";
import { usage } from "../arguments.ts";
import { isWebUrl } from "../settings.ts";
import { fileOf, openFile } from "./open-file.ts";
import { openShelf } from "./open-shelf.ts";
import type { Opened, OpenOptions, Shut } from "./opened.ts";
import { chosenGroups, chosenSandbox } from "./sandbox.ts";
import { modelsOf } from "./start-options.ts";

export type { Opened, OpenOptions } from "./opened.ts";

/** Opens what a start asks for: a server's model, the benchmark's engine, or model files in processes of their own. */
export async function openStarted(start: OpenOptions): Promise<Opened> {
  const { options, serving, warn } = start;
  const { env } = start.context;
  const { sequences, workers, contextTokens } = serving;
  const url = options.upstream ?? env["UPSTREAM_URL"] ?? "";
  if (start.isOpenEnded && url !== "") throw usage("A server's model stands alone: leave out --on-demand and --fetch.");
  if (url !== "") {
    const model = options.upstreamModel ?? env["UPSTREAM_MODEL"] ?? "";
    if (!isWebUrl(url) || model === "") throw upstreamUsage();
    const apiKey = env["UPSTREAM_API_KEY"];
    const kind = upstreamKind(options.upstreamKind ?? env["UPSTREAM_KIND"] ?? "");
    const onAway = (sentence: string): void => {
      warn(sentence);
      start.onRoom();
    };
    const server = { url, model, apiKey, kind, sequences: sequences * workers, contextTokens, onAway };
    return only(await openUpstream(server), true);
  }
  const names = modelsOf(options, env);
  const [first] = names;
  if (names.length === 1 && first === "bench") {
    if (start.isOpenEnded) throw usage("--model bench stands alone: leave out --on-demand and --fetch.");
    return only(openBenchEngine({ sequences: sequences * workers }), false);
  }
  const sandbox = await chosenSandbox(options.sandbox ?? env["SANDBOX"] ?? "auto", warn);
  const shut: Shut = { sandbox, groups: chosenGroups(start.hardware.platform, warn) };
  if (names.length === 1 && first !== undefined && !start.isOpenEnded) return openAlone(first, start, shut);
  return openShelf(names, start, shut);
}

/** One model. Where its process is lost it is opened again: nothing that a model file does to it ends the daemon. */
async function openAlone(name: string, start: OpenOptions, shut: Shut): Promise<Opened> {
  const { engine: first, model, cardVendor, again } = await openFile(name, start, shut);
  const vendors = new Set(cardVendor === undefined ? [] : [cardVendor]);
  const cardVendors = (): ReadonlySet<string> => vendors;
  // Several workers are a pool already, which keeps their file.
  if (start.serving.workers > 1) {
    return { ...only(first, false), cardVendors, close: async () => first.close().finally(model.release) };
  }
  await model.loaded();
  let file = model;
  const reopen = async (signal: AbortSignal): Promise<Engine> => {
    // A plain copy of an encrypted model is gone by now.
    const fresh = await fileOf(name, start);
    let engine: Engine | undefined;
    try {
      engine = await again(fresh.path, signal);
      await fresh.loaded();
    } catch (error) {
      await engine?.close();
      await fresh.release();
      throw error;
    }
    const before = file;
    file = fresh;
    // The model serves again: what is left of its last copy is no reason to end that.
    await before.release().catch((error: unknown) => start.warn(`A model's copy is left over: ${String(error)}`));
    return engine;
  };
  let isFirst = true;
  const open = async (signal: AbortSignal): Promise<Engine> => {
    if (!isFirst) return reopen(signal);
    isFirst = false;
    return first;
  };
  const engine = await openPool({ workers: 1, open, warn: start.warn, onRoom: start.onRoom });
  return { ...only(engine, false), cardVendors, close: async () => engine.close().finally(() => file.release()) };
}

function only(engine: Engine, isServer: boolean): Opened {
  const prefer = (): Promise<void> => Promise.resolve();
  const cardVendors = (): ReadonlySet<string> => new Set();
  return { engines: [engine], isServer, cardVendors, stopped: engine.stopped, prefer, close: () => engine.close() };
}

function upstreamKind(text: string): "text" | "image" {
  if (text === "image") return text;
  if (text === "" || text === "text") return "text";
  throw usage("--upstream-kind is text, for a server that writes, or image, for one that makes pictures.");
}

function upstreamUsage(): MinerError {
  const sentence = "Name the server and its model: --upstream http://127.0.0.1:8000 --upstream-model NAME";
  return new MinerError("usage", sentence, { exitCode: exitCode.usage });
}
