import type { Running } from "../processes/processes.ts";
import { untilReady } from "../processes/ready.ts";

/** Waits until as many miners as these are connected to a coordinator; a miner that ends first is an error. */
export async function untilMinersServe(
  url: string,
  miners: readonly Running[],
  connected = miners.length,
): Promise<void> {
  const isServed = async (): Promise<true | undefined> => {
    const { miners: count } = (await (await fetch(`${url}/health`)).json()) as { miners: number };
    return count >= connected ? true : undefined;
  };
  await Promise.all(miners.map((miner) => untilReady(miner, isServed)));
}

/** The id of the first model that a coordinator offers. */
export async function firstModel(url: string, key: string): Promise<string> {
  const answer = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
  const { data } = (await answer.json()) as { data: { id: string }[] };
  const [model] = data;
  if (model === undefined) throw new Error("No miner offers a model.");
  return model.id;
}
