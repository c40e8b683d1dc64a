import { openServing } from "../../daemon/index.ts";
import {
  openBenchEngine,
  openEngine,
  openPool,
  openUpstream,
  type Engine,
  type EngineOptions,
} from "../../engines/index.ts";
import { exitCode, MinerError } from "../../errors.ts";
import type { Hardware } from "../../hardware/index.ts";
import { resolveModel } from "../../store/index.ts";
import type { Context } from "../context.ts";
import { isWebUrl } from "../settings.ts";
import { chosenSandbox } from "./sandbox.ts";
import type { ServingNumbers, StartOptions } from "./start-options.ts";

/** An engine, and what lets go of its model. */
export interface OpenedEngine {
  readonly engine: Engine;
  /** It passes its work to a server. */
  readonly isServer: boolean;
  close(): Promise<void>;
}

/** Opens what a start asks for: a server's model, the benchmark's engine, or a model file in a process of its own. */
export async function openStarted(
  context: Context,
  options: StartOptions,
  serving: ServingNumbers,
  hardware: Hardware,
  warn: (sentence: string) => void,
): Promise<OpenedEngine> {
  const { env, io } = context;
  const { sequences, workers, contextTokens, maxMemoryMb, maxJobMemoryMb } = serving;
  const url = options.upstream ?? env["UPSTREAM_URL"] ?? "";
  if (url !== "") {
    const model = options.upstreamModel ?? env["UPSTREAM_MODEL"] ?? "";
    if (!isWebUrl(url) || model === "") throw upstreamUsage();
    return only(
      await openUpstream({
        url,
        model,
        apiKey: env["UPSTREAM_API_KEY"],
        sequences: sequences * workers,
        contextTokens,
      }),
      true,
    );
  }
  const name = options.model === "embedded" ? (env["MODEL"] ?? "embedded") : options.model;
  if (name === "bench") return only(openBenchEngine({ sequences: sequences * workers }), false);
  const sandbox = await chosenSandbox(options.sandbox ?? env["SANDBOX"] ?? "auto", warn);
  const openShut = (wanted: EngineOptions): Promise<Engine> => openEngine({ ...wanted, sandbox });
  const model = await resolveModel(name, context.models(), {
    signal: io.signal,
    onRemoved: (names) => warn(`removed to make room: ${names.join(", ")}`),
  });
  let engine: Engine | undefined;
  try {
    engine = await openServing({
      ...{ modelPath: model.path, contextTokens, sequences, workers, maxMemoryMb, maxJobMemoryMb, hardware, warn },
      open: (one) => (workers === 1 ? openShut(one) : openPool({ workers, open: () => openShut(one), warn })),
    });
    // What the engine has read is what the store verified: nobody changed the file in between.
    if (model.sha256 !== undefined && engine.info.modelDigest !== `0x${model.sha256}`) {
      throw new MinerError("model-corrupt", `The file of ${name} changed.`, { exitCode: exitCode.model });
    }
    // A lost worker is opened again from the same file.
    if (workers === 1) await model.loaded();
    const opened = engine;
    return {
      engine: opened,
      isServer: false,
      async close() {
        await opened.close();
        await model.release();
      },
    };
  } catch (error) {
    await engine?.close();
    await model.release();
    throw error;
  }
}

const only = (engine: Engine, isServer: boolean): OpenedEngine => ({ engine, isServer, close: () => engine.close() });

function upstreamUsage(): MinerError {
  const sentence = "Name the server and its model: --upstream http://127.0.0.1:8000 --upstream-model NAME";
  return new MinerError("usage", sentence, { exitCode: exitCode.usage });
}
