import type { Engine, EngineInfo, GenerateEvent, GenerateRequest } from "../../../miner/src/engines/index.ts";
import { EngineError } from "../../../miner/src/engines/index.ts";
import { demoModel } from "../../coordinator/edge/scripted-miner.ts";

export type Script = (request: GenerateRequest, signal: AbortSignal) => AsyncIterable<GenerateEvent>;

/** So many tokens, each a letter, then the end. */
export const letters = (count: number): Script =>
  async function* () {
    yield { type: "prompt", tokenIds: [1, 2, 3] };
    for (let id = 0; id < count; id += 1) yield { type: "token", id, text: "x" };
    yield { type: "end", reason: "stop" };
  };

/** A few tokens, then nothing until it is aborted. `started` is called with them. */
export const hanging = (started: () => void): Script =>
  async function* (_request, signal) {
    yield { type: "prompt", tokenIds: [1, 2, 3] };
    for (let id = 0; id < 5; id += 1) yield { type: "token", id, text: "x" };
    started();
    await new Promise((_, reject) => {
      const end = (): void => reject(new EngineError("aborted", "Aborted."));
      if (signal.aborted) end();
      else signal.addEventListener("abort", end, { once: true });
    });
  };

/** An engine that writes what a test tells it, offering the model that scripted coordinators know. */
export function scriptedEngine(script: Script, info: Partial<EngineInfo> = {}): Engine {
  return {
    info: {
      modelDigest: demoModel.digest,
      engineId: "scripted",
      engineClass: demoModel.engineClass,
      verification: "none",
      contextTokens: demoModel.contextTokens,
      modelName: "demo",
      sequences: 4,
      sizeBytes: demoModel.sizeBytes,
      ...info,
    },
    start: script,
    embed: () => Promise.reject(new EngineError("bad-request", "No vectors here.")),
    stopped: new Promise(() => undefined),
    close: () => Promise.resolve(),
  };
}
