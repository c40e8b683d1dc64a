import { join } from "node:path";
import { parseCoordinatorMessage } from "@lode/protocol";
import { embeddedModel } from "../../../miner/models/index.ts";
import { MinerStore } from "../../../miner/src/daemon/miner-store.ts";
import { Station } from "../../../miner/src/daemon/station.ts";
import { Work } from "../../../miner/src/daemon/work.ts";
import { openEngine, type Engine } from "../../../miner/src/engines/index.ts";
import { addresses, operator, person, temporaryHome } from "../fixture.ts";
import type { Edge } from "./edge.ts";
import type { ScriptedMiner } from "./scripted-miner.ts";

export interface RealMiner {
  /** What it refused, warned of or distrusted. */
  readonly problems: unknown[];
  readonly engine: Engine;
  /** Its link, with everything that came by it. */
  readonly link: ScriptedMiner;
  close(): Promise<void>;
}

/** The miner's own work on the real engine with the embedded model, behind the link of a scripted one. */
export async function openRealMiner(edge: Edge): Promise<RealMiner> {
  const folder = temporaryHome();
  const engine = await openEngine({ modelPath: embeddedModel, sequences: 2 });
  const store = await MinerStore.open(join(folder.home, "miner"), () => undefined);
  const { modelDigest: digest, engineClass, contextTokens, sizeBytes, vocabulary } = engine.info;
  const signer = person("real miner");
  const models = [{ id: "demo", digest, engineClass, contextTokens, sizeBytes, vocabulary: vocabulary!, counts: true }];
  const miner = await edge.miner({ models, signer, resumes: false });
  const problems: unknown[] = [];
  const work = new Work(
    {
      addresses,
      coordinator: operator.address,
      coordinatorOperator: operator.address,
      miner: miner.address,
      signer,
      engines: [engine],
      store,
      askInputWei: 0n,
      askOutputWei: 0n,
      station: new Station(2),
      nowMs: () => edge.clock.nowMs,
      steadyMs: () => edge.clock.nowMs,
      emit: (event) => {
        if (["refused", "rejected", "distrust", "warning"].includes(event.event)) problems.push(event);
      },
    },
    { send: (message) => miner.send(message), sendFrame: (frame) => miner.frame(frame) },
  );
  let inOrder = Promise.resolve();
  miner.socket.on("message", (data: Buffer) => {
    const message = parseCoordinatorMessage(data.toString("utf8"));
    const run = (): Promise<void> => work.onMessage(message);
    const isUrgent = message.type === "cancel" || message.type === "ack";
    const done = isUrgent ? run() : (inOrder = inOrder.then(run));
    done.catch((error: unknown) => problems.push(error));
  });
  miner.resume();
  return {
    problems,
    engine,
    link: miner,
    async close() {
      await work.idle();
      await engine.close();
      await store.close();
      folder.remove();
    },
  };
}
