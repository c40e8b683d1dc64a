import { join } from "node:path";
import { parseCoordinatorMessage } from "@lode/protocol";
import { embeddedModel } from "../../../miner/models/index.ts";
import type { JobCaps, MinerEvent } from "../../../miner/src/daemon/index.ts";
import { MinerStore } from "../../../miner/src/daemon/miner-store.ts";
import { Work } from "../../../miner/src/daemon/work.ts";
import { openEngine } from "../../../miner/src/engines/index.ts";
import { addresses, operator, person, temporaryHome } from "../fixture.ts";
import type { Edge } from "./edge.ts";

export interface RealMinerOptions {
  /** Whose key it has. */
  readonly name?: string;
  /** What one job may take. */
  readonly caps?: JobCaps;
}

export interface RealMiner {
  /** What it refused, warned of or distrusted. */
  readonly problems: unknown[];
  /** Receipts that it signed. */
  readonly receipts: Extract<MinerEvent, { event: "receipt" }>[];
  close(): Promise<void>;
}

/** The miner's own work on the real engine with the embedded model, behind the link of a scripted one. */
export async function openRealMiner(
  edge: Edge,
  { name = "real miner", caps }: RealMinerOptions = {},
): Promise<RealMiner> {
  const folder = temporaryHome();
  const engine = await openEngine({ modelPath: embeddedModel, sequences: 2 });
  const store = await MinerStore.open(join(folder.home, "miner"), () => undefined);
  const { modelDigest: digest, engineClass, contextTokens, sizeBytes } = engine.info;
  const signer = person(name);
  const models = [{ id: "demo", digest, engineClass, contextTokens, sizeBytes }];
  const miner = await edge.miner({ models, signer, resumes: false });
  const problems: unknown[] = [];
  const receipts: RealMiner["receipts"] = [];
  const work = new Work(
    {
      addresses,
      coordinator: operator.address,
      coordinatorOperator: operator.address,
      miner: miner.address,
      signer,
      engine,
      store,
      askInputWei: 0n,
      askOutputWei: 0n,
      concurrency: 2,
      caps,
      nowMs: () => edge.clock.nowMs,
      emit: (event) => {
        if (event.event === "receipt") receipts.push(event);
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
    receipts,
    async close() {
      await work.idle();
      await engine.close();
      await store.close();
      folder.remove();
    },
  };
}
