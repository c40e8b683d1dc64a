import { join, relative, resolve, sep } from "node:path";
import { root } from "../root.ts";

/** Where a market on this machine keeps its things. */
export interface Layout {
  readonly folder: string;
  readonly lock: string;
  readonly chainState: string;
  readonly addresses: string;
  readonly coordinator: string;
  readonly client: string;
  miner(number: number): string;
  log(name: string): string;
  /** A path as people see it: relative to the checkout where it lies in there. */
  shown(path: string): string;
}

/** @param folder `.lode` of the checkout unless given */
export function layoutOf(folder?: string): Layout {
  return layoutIn(resolve(folder ?? join(root, ".lode")));
}

function layoutIn(folder: string): Layout {
  return {
    folder,
    lock: join(folder, "running"),
    chainState: join(folder, "devnet", "state.json"),
    addresses: join(folder, "devnet", "addresses.json"),
    coordinator: join(folder, "coordinator"),
    client: join(folder, "client"),
    miner: (number) => join(folder, `miner-${number}`),
    shown: (path) => (path.startsWith(`${root}${sep}`) ? relative(root, path) : path),
    log: (name) => join(folder, "logs", `${name}.log`),
  };
}
